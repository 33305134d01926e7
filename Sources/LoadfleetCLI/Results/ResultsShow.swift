// Fetches and judges the results of a run that is over.
package import ArgumentParser
import Fleet
import Runs
import Store

/// The command `loadfleet results show`, which is also `loadfleet results`.
package struct ResultsShow: Command {
    package static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Fetch, summarize and judge the results of a run.",
        discussion: "Without a run, the latest one. Judges by the gates given now.")

    @Argument(help: ArgumentHelp("The run's id, or how it begins.", valueName: "run"))
    var run: String?

    @OptionGroup(title: "Judging") var judging: JudgingOptions
    @OptionGroup(title: "Reports") var reports: OutputOptions
    @OptionGroup(title: "Samples") var samples: RawOutputOptions
    @OptionGroup(title: "Reports") var notify: NotifyOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        let raw = try samples.checked(invocation, beside: reports.outputs)
        let outputs = try reports.checked(for: invocation, beside: raw)
        let notifications = try notify.checked(for: invocation)
        let workplace = try await Workplace.open(invocation, flags: judging.flags)
        let entry = try await RunHistory(store: workplace.store).find(run)
        guard let outcome = entry.outcome else {
            throw CommandFailure(
                message: "run \(entry.request.id) is not over",
                hint: "follow it with: loadfleet attach \(entry.request.id)")
        }
        try workplace.results.requireWritable()
        let session = try RunSession(
            invocation, workplace, request: entry.request,
            criteria: try await RunCriteria(workplace, judging, invocation, unlike: .refused),
            outputs: outputs, raw: raw, notifications: notifications)
        return try await session.conclude(outcome)
    }
}
