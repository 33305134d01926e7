// `report --follow`: the figures so far while files grow, then the reports as always.
import FoundationEssentials
import JTL
import Results

/// Follows files until the user, a limit or the files themselves put an end to it.
struct ReportFollowing {
    /// What was read, and how it ended.
    struct Outcome {
        let statistics: Statistics
        /// Why the figures can't be believed.
        let invalidReasons: [String]
        /// What to end with, unless the verdict is graver.
        let status: ExitStatus
    }

    private let request: ReportRequest
    private let idleLimit: Duration?
    private let invocation: Invocation
    private var line: ProgressLine

    /// How often the files are looked at; figures are never further behind than this and a moment.
    private static let pace: Duration = .milliseconds(250)

    init(_ request: ReportRequest, untilIdle idleLimit: Duration?, _ invocation: Invocation) {
        self.request = request
        self.idleLimit = idleLimit
        self.invocation = invocation
        line = ProgressLine(invocation.output)
    }

    /// Follows `paths` to the end.
    ///
    /// - Throws: ``ResultsError`` for a file that can't be followed.
    mutating func follow(_ paths: [String]) async throws -> Outcome {
        let interruption = Interruption { _ in }
        let start = ContinuousClock.now
        let files = try GrowingFiles(
            paths, in: invocation.context.directory, options: request.options)
        var grown = start
        var told = 0
        var next = start
        var isLate = false
        while interruption.count == 0, !isLate {
            let count = try files.read()
            let now = ContinuousClock.now
            if count > 0 { grown = now }
            for event in files.events.dropFirst(told) { tell(event) }
            told = files.events.count
            if now >= next {
                line.show(text(files, after: now - start))
                next = now + .seconds(1)
            }
            if files.areOver { break }
            if let idleLimit, now - grown >= idleLimit { break }
            if let timeout = invocation.timeout { isLate = now - start >= timeout }
            if count == 0 { try await Task.sleep(for: Self.pace) }
        }
        line.clear()
        // What came since the last look.
        _ = try files.read()
        try files.finish()
        let cut = files.events.filter { if case .cut = $0 { true } else { false } }
        // Ctrl-C is how following is meant to end; SIGTERM is not.
        let isTerminated = interruption.status == .terminated
        return Outcome(
            statistics: files.statistics, invalidReasons: cut.map(\.message),
            status: isLate ? .deadlinePassed : isTerminated ? .terminated : .done)
    }

    private mutating func tell(_ event: GrowingFiles.Event) {
        line.clear()
        invocation.output.warn(event.message)
    }

    private func text(_ files: GrowingFiles, after time: Duration) -> String {
        let total = files.statistics.total
        guard total.samples > 0 else { return "\(clock(time))  waiting for samples" }
        let errors = Double(total.errors) / Double(total.samples) * 100
        var parts = ["\(clock(time))", "\(total.samples) samples"]
        if let span = total.span, span > 0 {
            let rate = Double(total.samples) / Double(span) * 1000
            parts.append("\(FixedPoint.text(rate, places: 1))/s")
        }
        let distribution = Distribution(total.elapsed)
        for point in [50.0, 95] {
            guard let value = distribution.percentile(point, request.percentile) else { continue }
            parts.append("p\(Int(point)) \(Int(value.rounded())) ms")
        }
        parts.append("errors \(FixedPoint.text(errors, places: 2)) %")
        let unusable = files.statistics.unusable.count
        if unusable > 0 { parts.append("\(unusable) unusable lines") }
        return parts.joined(separator: "  ")
    }
}
