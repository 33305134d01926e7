// Picks a run up: one whose command is gone, or one started elsewhere.
package import ArgumentParser
package import Fleet
import JTL
import Runs
import Store

/// The command `loadfleet attach`.
package struct AttachCommand: Command {
    package static let configuration = CommandConfiguration(
        commandName: "attach", abstract: "Follow a run that is going on, then fetch its results.",
        discussion: "Without a run, the latest one. Ctrl-C works as with 'loadfleet run'.")

    @Argument(help: ArgumentHelp("The run's id, or how it begins.", valueName: "run"))
    var run: String?

    @Option(help: "How percentiles are made: jmeter (as its dashboard), aggregate or nearest.")
    var percentile: PercentileMethod = .jmeter

    @OptionGroup(title: "Judging") var judging: JudgingOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        let workplace = try Workplace(invocation, flags: judging.flags)
        let entry = try await RunHistory(store: workplace.store).find(run)
        try workplace.results.requireWritable()
        let session = try RunSession(
            invocation, workplace, request: entry.request,
            criteria: try RunCriteria(workplace.environment.run, percentile))
        try session.announce()
        return try await session.follow()
    }
}

/// The command `loadfleet results`.
package struct ResultsCommand: Command {
    package static let configuration = CommandConfiguration(
        commandName: "results", abstract: "Fetch, summarize and judge the results of a run.",
        discussion: "Without a run, the latest one. Judges by the gates given now.")

    @Argument(help: ArgumentHelp("The run's id, or how it begins.", valueName: "run"))
    var run: String?

    @Option(help: "How percentiles are made: jmeter (as its dashboard), aggregate or nearest.")
    var percentile: PercentileMethod = .jmeter

    @OptionGroup(title: "Judging") var judging: JudgingOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        let workplace = try Workplace(invocation, flags: judging.flags)
        let entry = try await RunHistory(store: workplace.store).find(run)
        guard let outcome = entry.outcome else {
            throw CommandFailure(
                message: "run \(entry.request.id) is not over",
                hint: "follow it with: loadfleet attach \(entry.request.id)")
        }
        try workplace.results.requireWritable()
        let session = try RunSession(
            invocation, workplace, request: entry.request,
            criteria: try RunCriteria(workplace.environment.run, percentile))
        return try await session.conclude(outcome)
    }
}

/// The flags that say how results are judged and where they go.
package struct JudgingOptions: ParsableArguments {
    @Option(
        name: .customLong("gate"),
        help: ArgumentHelp("A condition that must hold, as in 'p95 < 500ms'.", valueName: "gate"))
    package var gates: [String] = []

    @Option(
        help: ArgumentHelp("The folder that holds the run folders.", valueName: "folder"),
        completion: .directory)
    package var results: String?

    @Option(help: ArgumentHelp("The share of the load that may be lost.", valueName: "percent"))
    package var maxLoss: String?

    package init() {}

    /// The flags that were given.
    package var flags: [SettingFlag] {
        gates.map { SettingFlag("run.gates", text: $0, name: "--gate") }
            + [("run.results", results, "--results"), ("run.max-loss", maxLoss, "--max-loss")]
            .compactMap { path, text, name in text.map { SettingFlag(path, text: $0, name: name) } }
    }
}
