// Groups what is done with the runs there have been.
package import ArgumentParser

/// The command `loadfleet runs`.
package struct RunsCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "List runs, name them, and remove old ones.",
        subcommands: [RunsList.self, RunsTag.self, RunsPrune.self],
        defaultSubcommand: RunsList.self)

    package init() {}
}
