// Picks a run up: one whose command is gone, or one started elsewhere.
package import ArgumentParser
import Fleet
import Runs
import Store

/// The command `loadfleet attach`.
package struct AttachCommand: Command {
    package static let configuration = CommandConfiguration(
        commandName: "attach", abstract: "Follow a run that is going on, then fetch its results.",
        discussion: """
            Without a run, the latest one. Shows what 'loadfleet run' shows, from the run's \
            beginning on, wherever it was started; Ctrl-C works the same, so it stops the run.
            """)

    @Argument(help: ArgumentHelp("The run's id, or how it begins.", valueName: "run"))
    var run: String?

    @OptionGroup(title: "Judging") var judging: JudgingOptions
    @OptionGroup(title: "Reports") var reports: OutputOptions
    @OptionGroup(title: "Reports") var notify: NotifyOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        let outputs = try reports.checked(for: invocation)
        let notifications = try notify.checked(for: invocation)
        let workplace = try await Workplace.open(invocation, flags: judging.flags)
        let entry = try await RunHistory(store: workplace.store).find(run)
        try workplace.results.requireWritable()
        let session = try RunSession(
            invocation, workplace, request: entry.request,
            criteria: try await RunCriteria(workplace, judging, invocation), outputs: outputs,
            notifications: notifications)
        try session.announce()
        return try await session.follow()
    }
}
