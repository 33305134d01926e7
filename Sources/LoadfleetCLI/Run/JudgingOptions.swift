// The flags that `run`, `attach` and `results` share.
package import ArgumentParser
package import Fleet
import JTL

/// The flags that say how results are judged and where they go.
package struct JudgingOptions: ParsableArguments {
    @Option(
        name: .customLong("gate"),
        help: ArgumentHelp("A condition that must hold, as in 'p95 < 500ms'.", valueName: "gate"))
    package var gates: [String] = []

    @Option(
        help: ArgumentHelp(
            "How long after the first sample no gate is judged while the run goes on.",
            valueName: "time"))
    package var grace: String?

    @Option(
        help: ArgumentHelp("The folder that holds the run folders.", valueName: "folder"),
        completion: .directory)
    package var results: String?

    @Option(help: ArgumentHelp("The share of the load that may be lost.", valueName: "percent"))
    package var maxLoss: String?

    @Option(help: "How percentiles are made: jmeter (as its dashboard), aggregate or nearest.")
    var percentile: PercentileMethod = .jmeter

    @Option(help: "'ramp': the figures of the time in which all threads were active.")
    var trim: RunTrim?

    @OptionGroup var baseline: BaselineOptions

    package init() {}

    /// The flags that were given.
    package var flags: [SettingFlag] {
        gates.map { SettingFlag("run.gates", text: $0, name: "--gate") }
            + [
                ("run.grace", grace, "--grace"), ("run.results", results, "--results"),
                ("run.max-loss", maxLoss, "--max-loss"),
            ]
            .compactMap { path, text, name in text.map { SettingFlag(path, text: $0, name: name) } }
    }
}

/// What can be left out of a run.
enum RunTrim: String, ExpressibleByArgument, CaseIterable {
    case ramp
}
