// `--from` and `--to` as milliseconds.
import JTL

/// The stretch of time from which samples are wanted.
struct TimeWindow {
    /// The wanted starts, in ms since 1970.
    let milliseconds: ClosedRange<Int64>

    /// Reads two times, each of which may be absent; the second is not part of the window.
    ///
    /// - Throws: ``UsageFailure`` for what is no time, or a window without anything in it.
    init(from: String?, to: String?) throws(UsageFailure) {
        let first = try from.map { text throws(UsageFailure) in try Self.time(text, "--from") }
        let end = try to.map { text throws(UsageFailure) in try Self.time(text, "--to") }
        let last = end.map { $0 &- 1 } ?? .max
        guard first ?? .min <= last else {
            throw UsageFailure(message: "--from must be before --to")
        }
        milliseconds = (first ?? .min)...last
    }

    private static func time(_ text: String, _ option: String) throws(UsageFailure) -> Int64 {
        guard let time = SampleSelection.milliseconds(text) else {
            throw UsageFailure(
                message: "\(option) can't be '\(text)'",
                hint: "give ms since 1970, or a time such as 2026-01-31T12:00:00Z")
        }
        return time
    }
}
