// Summarizes JTL files that are at hand; no fleet is needed.
package import ArgumentParser
import JTL
import Results
import Runs

/// The command `loadfleet report`.
package struct ReportCommand: Command {
    package static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Summarize JTL files.",
        discussion: """
            Reads CSV results of any JMeter, plain or compressed (.gz, .zst), and adds them up as \
            one run. A folder stands for the results in it. '-o statistics' prints JMeter's own \
            statistics.json. XML results are read as far as they go: their top-level samples \
            count, the results within those do not. Files that '--intervals' wrote are read like \
            the results they were made from, alone or among them.

            With --follow, files may still be growing; Ctrl-C ends that, and then the reports are \
            printed and the gates judged. A file that shrinks makes the verdict invalid.
            """)

    @Argument(
        help: ArgumentHelp(
            "JTL files, folders or patterns; '-' is standard input.", valueName: "file"),
        completion: .file(extensions: ["jtl", "csv", "gz", "zst", "lfi"]))
    package var files: [String]

    @OptionGroup package var output: OutputOptions

    @Option(
        help: ArgumentHelp(
            "Write exact figures of each second and label, which 'report' reads; .zst compresses.",
            valueName: "file.lfi"),
        completion: .file(extensions: ["lfi", "zst"]))
    package var intervals: String?

    @Option(
        name: .customLong("gate"),
        help: ArgumentHelp("A condition that must hold, as in 'p95 < 500ms'.", valueName: "gate"))
    package var gates: [String] = []

    @Option(
        help: ArgumentHelp(
            "How long after the first sample windows of gates are not judged, as in 30s.",
            valueName: "duration"))
    package var grace: String?

    @Option(
        help: "How percentiles are made: jmeter (as its dashboard), aggregate or nearest.")
    var percentile: PercentileMethod = .jmeter

    @Option(
        help: ArgumentHelp(
            "Percentiles of the last so many samples only; JMeter's dashboard takes 20000.",
            valueName: "samples"))
    package var window: Int?

    @Option(help: ArgumentHelp("The byte between fields, or 'tab'.", valueName: "character"))
    package var delimiter: String?

    @Option(
        help: ArgumentHelp(
            "How time stamps are written, as in 'yyyy/MM/dd HH:mm:ss.SSS'; 'ms' for milliseconds.",
            valueName: "pattern"))
    package var timestampFormat: String?

    @Option(
        help: ArgumentHelp(
            "The zone of time stamps that name none, as in +02:00.", valueName: "offset"))
    package var utcOffset: String?

    @Option(
        help: ArgumentHelp(
            "Only samples that started then or later: ms since 1970, or a time in UTC.",
            valueName: "time"))
    package var from: String?

    @Option(
        help: ArgumentHelp("Only samples that started before then.", valueName: "time"))
    package var to: String?

    @Option(
        help: ArgumentHelp(
            "Leave out so much at the beginning and the end, as in 30s; reads the files twice. Or "
                + "'ramp': leave out the time in which not all threads were active.",
            valueName: "duration|ramp"))
    package var trim: String?

    @Option(
        name: .customLong("label"),
        help: ArgumentHelp(
            "Only labels like this, '*' standing for any text; may be repeated.",
            valueName: "pattern"))
    package var labels: [String] = []

    @Option(
        help: ArgumentHelp(
            "How many threads read a plain file; by default one a core.", valueName: "number"))
    package var threads: Int?

    @Flag(help: "Go on reading while the files grow, and show figures meanwhile.")
    package var follow = false

    @Option(
        help: ArgumentHelp(
            "With --follow: end when no file has grown for so long, as in 30s.",
            valueName: "duration"))
    package var untilIdle: String?

    @OptionGroup var baseline: BaselineOptions
    @OptionGroup var samples: RawOutputOptions

    @Flag(help: "Lines that can't be used make the verdict invalid.")
    package var strict = false

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        let raw = try samples.checked(invocation, beside: output.outputs)
        let request = try ReportRequest(self, beside: raw, in: invocation.context.directory)
        // Before there are reports, which may lie in the folder that is read.
        let found = try SampleFiles.files(files, in: invocation.context.directory)
        try request.checkOutputs(against: found, others: raw?.files ?? [])
        let held = try await heldAgainst(request, invocation)
        if follow {
            var following = ReportFollowing(request, untilIdle: request.idleLimit, invocation)
            let outcome = try await following.follow(files)
            return .gravest(of: [
                try report(
                    .init(statistics: outcome.statistics), request, held,
                    invalidReasons: outcome.invalidReasons, invocation),
                outcome.status,
            ])
        }
        let progress = ReadingProgress(invocation.output)
        let reading = try request.read(files, in: invocation.context.directory) {
            progress.show($0)
        }
        progress.clear()
        let status = try report(reading, request, held, invalidReasons: [], invocation)
        try await raw?.write(RawOutputs.sources(of: found), options: request.options)
        return status
    }

    /// The baseline, read as the files will be.
    private func heldAgainst(
        _ request: ReportRequest, _ invocation: Invocation
    ) async throws -> Baseline? {
        try await baseline.load(invocation, unlike: .refused, method: percentile) { run in
            try request.ofBaseline(run).read(
                run.samples, in: invocation.context.directory
            ) { _ in }.wanted
        }
    }

    /// Judges and prints what was read.
    private func report(
        _ reading: SampleReading, _ request: ReportRequest, _ baseline: Baseline?,
        invalidReasons: [String], _ invocation: Invocation
    ) throws -> ExitStatus {
        let statistics = reading.wanted
        var summary = Summary(statistics, method: percentile)
        summary.trimmed = reading.part.map {
            TrimmedRun(Summary(reading.statistics, method: percentile), times: $0.times)
        }
        let unusable = request.unusable(summary)
        let held = try baseline?.hold(
            .init(
                MeasuredRun(statistics, method: percentile, name: ReportFacts(files: files).title),
                RunConditions(), requestedAt: nil))
        for difference in held?.differences ?? [] {
            invocation.output.warn("not alike the baseline: \(difference)")
        }
        summary.comparison = held?.comparison
        summary.verdict = Verdict.judge(
            summary, gates: request.gates,
            watched: WindowGates.results(
                of: request.gates, graceSeconds: request.graceSeconds, in: statistics,
                method: percentile),
            baseline: held?.gates ?? .none,
            invalidReasons: invalidReasons + (strict ? unusable.reasons : []))
        for line in unusable.warnings { invocation.output.warn(line) }
        try request.writeIntervals(of: statistics)
        let judged = JudgedSamples(
            summary: summary, statistics: statistics, facts: ReportFacts(files: files))
        try request.print(judged, to: invocation.output)
        ActionsReport(invocation).tell(summary)
        return summary.verdict?.exitStatus ?? .done
    }
}

extension Verdict {
    /// What a command ends with whose result is this verdict.
    package var exitStatus: ExitStatus {
        switch status {
        case .passed: .done
        case .failed: .gateNotMet
        case .invalid: .invalid
        }
    }
}
