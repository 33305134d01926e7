// Groups what is done with the results of runs that are over.
package import ArgumentParser

/// The command `loadfleet results`.
package struct ResultsCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "results", abstract: "Fetch, summarize, judge, compare and send results.",
        discussion: "'loadfleet results RUN' is 'loadfleet results show RUN'.",
        subcommands: [ResultsShow.self, ResultsCompare.self, ResultsExport.self],
        defaultSubcommand: ResultsShow.self)

    package init() {}
}
