// Which samples count: those that started within a stretch of time, and those of certain labels.
// Selection comes before everything else, so a label of which no sample is wanted does not appear.

/// What to collect of a file.
public struct SampleSelection: Equatable, Sendable {
    /// The starts that are wanted, in ms since 1970; samples without a time stamp are wanted only
    /// while this is everything.
    public var times: ClosedRange<Int64>

    /// The labels that are wanted; nil for all.
    public var labels: LabelFilter?

    /// A selection; by default of everything.
    public init(times: ClosedRange<Int64> = .min ... .max, labels: LabelFilter? = nil) {
        self.times = times
        self.labels = labels
    }

    /// Milliseconds since 1970 of a text that is such a number, or a time in a usual form.
    ///
    /// A time without a zone is taken as UTC; what is neither gives nil.
    public static func milliseconds(_ text: String) -> Int64? {
        var reader = TimestampReader(format: .automatic)
        return Array(text.utf8).withUnsafeBufferPointer { reader.read($0) }
    }

    func wants(_ sample: Sample) -> Bool {
        guard self != SampleSelection() else { return true }
        if let start = sample.timestamp {
            guard times.contains(start) else { return false }
        } else {
            guard times == .min ... .max else { return false }
        }
        guard let labels else { return true }
        let label = repairedUTF8(sample.label)
        return labels.wants(String(decoding: label, as: UTF8.self))
    }
}

/// Labels by patterns in which `*` stands for any text and `?` for one character.
public struct LabelFilter: Equatable, Sendable {
    private let patterns: [[Character]]

    /// A filter that wants the labels which match any of the patterns.
    public init(_ patterns: [String]) {
        self.patterns = patterns.map(Array.init)
    }

    func wants(_ label: String) -> Bool {
        let text = Array(label)
        return patterns.contains { Self.matches(text, $0) }
    }

    /// Matches greedily, and goes back only to the last star: all earlier ones took enough.
    private static func matches(_ text: [Character], _ pattern: [Character]) -> Bool {
        var (place, index) = (0, 0)
        var star: (place: Int, index: Int)?
        while place < text.count {
            if index < pattern.count, pattern[index] == "*" {
                star = (place, index)
                index += 1
            } else if index < pattern.count, pattern[index] == "?" || pattern[index] == text[place]
            {
                place += 1
                index += 1
            } else if let last = star {
                star = (last.place + 1, last.index)
                (place, index) = (last.place + 1, last.index + 1)
            } else {
                return false
            }
        }
        return pattern[index...].allSatisfy { $0 == "*" }
    }
}
