// Holds one run against another.
package import ArgumentParser
import FoundationEssentials
import JTL
import Results
import Runs

/// The command `loadfleet results compare`.
package struct ResultsCompare: Command {
    package static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Compare a run with a baseline, label by label.",
        discussion: """
            Each of the two is a run, a tag, a run's folder or a file of samples. A change is \
            called better or worse only where it is larger than the noise: within the two runs, \
            and between earlier runs of the same plan, where there are three or more.
            """)

    @Argument(help: ArgumentHelp("What to compare with.", valueName: "baseline"))
    var baseline: String

    @Argument(help: ArgumentHelp("What to compare; the latest run by default.", valueName: "run"))
    var run: String?

    @Flag(help: "Compare runs that are not alike: other plans, threads, durations.")
    var force = false

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("table or markdown.", valueName: "format"))
    var format: Format = .table

    @Option(help: "How percentiles are made: jmeter (as its dashboard), aggregate or nearest.")
    var percentile: PercentileMethod = .jmeter

    @OptionGroup package var global: GlobalOptions

    /// How a comparison is printed.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, markdown
    }

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        var finder = RunFinder(invocation)
        let before = try await finder.find(baseline)
        let now = try await finder.find(run)
        let current = Baseline.Candidate(
            try measure(now, invocation), now.conditions, requestedAt: now.requestedAt)
        let baseline = Baseline(
            try measure(before, invocation), before, unlike: force ? .compared : .refused,
            others: now.requestedAt == nil ? [] : try await finder.all())
        let held = try baseline.hold(current)
        for difference in held.differences { invocation.output.warn("not alike: \(difference)") }
        // Without one it would have been refused.
        guard let comparison = held.comparison else { return .failed }
        if invocation.output.isJSON {
            try invocation.output.print(document: [
                "baseline": .string(comparison.baseline), "run": .string(comparison.run),
                "earlier_runs": .int(Int64(comparison.earlierRuns)),
                "rows": .raw(try comparison.rowsJSON()),
            ])
            return .done
        }
        let terminal = invocation.output.terminal
        let report = ComparisonReport(
            comparison, width: terminal.isOutputTerminal ? terminal.width : 120,
            color: terminal.colorsOutput)
        invocation.output.note("\(now.name) against \(before.name)")
        let text = format == .table ? report.text : report.markdown
        try invocation.output.print(String(text.dropLast()))
        return .done
    }

    private func measure(_ run: RunFolder, _ invocation: Invocation) throws -> MeasuredRun {
        let progress = ReadingProgress(invocation.output)
        defer { progress.clear() }
        return try BaselineOptions.measure(run, named: run.name, percentile) { run in
            try SampleFiles.read(
                run.samples, options: run.reading(StatisticsOptions(intervals: true)),
                progress: { progress.show($0) })
        }
    }
}
