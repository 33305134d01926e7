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
        let baselineRun = try measure(before, invocation)
        let currentRun = try measure(now, invocation)
        try requireAlike(now, currentRun, before, baselineRun, invocation.output)
        let earlier = now.requestedAt == nil ? [] : try await finder.all()
        let comparison = Comparison(
            of: currentRun, with: baselineRun, earlier: noise(for: now, among: earlier))
        if invocation.output.isJSON {
            try invocation.output.print(document: json(comparison, now, before))
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
        if run.samples.isEmpty, let summary = run.summary { return MeasuredRun(summary) }
        let progress = ReadingProgress(invocation.output)
        defer { progress.clear() }
        var options = SampleFiles.Options(statistics: StatisticsOptions(intervals: true))
        options.clockOffsets = run.clockOffsets
        let statistics = try SampleFiles.read(
            run.samples, options: options, progress: { progress.show($0) })
        return MeasuredRun(statistics, method: percentile)
    }

    private func requireAlike(
        _ now: RunFolder, _ current: MeasuredRun, _ before: RunFolder, _ baseline: MeasuredRun,
        _ output: Output
    ) throws {
        // Of files only the samples tell how long the run was.
        var (ours, theirs) = (now.conditions, before.conditions)
        ours.seconds = ours.seconds ?? current.summary.total.durationS
        theirs.seconds = theirs.seconds ?? baseline.summary.total.durationS
        let differences = ours.differences(from: theirs)
        guard !differences.isEmpty else { return }
        guard force else {
            throw UsageFailure(
                message: "\(now.name) and \(before.name) are not alike: "
                    + differences.joined(separator: "; "),
                hint: "compare them all the same with --force")
        }
        for difference in differences { output.warn("not alike: \(difference)") }
    }

    /// Summaries of the last runs of the same kind, the run itself apart.
    private func noise(for run: RunFolder, among others: [RunFolder]) -> [Summary] {
        let alike = others.filter { other in
            other.name != run.name && run.conditions.differences(from: other.conditions).isEmpty
                && (other.requestedAt ?? .distantFuture) < (run.requestedAt ?? .distantPast)
        }
        return alike.prefix(10).compactMap(\.summary)
    }
}

// MARK: - JSON

extension ResultsCompare {
    private func json(_ comparison: Comparison, _ now: RunFolder, _ before: RunFolder) -> JSON {
        [
            "baseline": .string(before.name), "run": .string(now.name),
            "earlier_runs": .int(Int64(comparison.earlierRuns)),
            "rows": .array(comparison.rows.map(json)),
        ]
    }

    private func json(_ row: Comparison.Row) -> JSON {
        let head: JSON = [
            "label": .string(row.label), "kind": .string(row.kind.rawValue),
            "baseline_samples": row.baselineSamples.map { .int(Int64($0)) } ?? .null,
            "samples": row.currentSamples.map { .int(Int64($0)) } ?? .null,
        ]
        return head.adding(
            .object(
                row.changes.map { change in
                    JSON.Member(name: change.figure.rawValue, value: json(change))
                }))
    }

    private func json(_ change: Comparison.Change) -> JSON {
        func number(_ value: Double?) -> JSON { value.map { .double($0) } ?? .null }
        return [
            "baseline": number(change.baseline), "value": number(change.current),
            "difference": number(change.difference),
            "difference_pct": number(change.differencePct), "noise_pct": number(change.noisePct),
            "judgment": .string(change.judgment.rawValue),
        ]
    }
}
