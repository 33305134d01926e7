// Asks a run to stop before its plan ends.
package import ArgumentParser
import Fleet
import Runs
import Store

/// The command `loadfleet stop`.
package struct StopCommand: Command {
    package static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Stop the run that a fleet is working on.",
        discussion: """
            Samples in flight finish, and everything made so far is kept. The verdict of a run \
            that was stopped is 'invalid'.
            """)

    @Argument(help: ArgumentHelp("The run's id, or how it begins.", valueName: "run"))
    var run: String?

    @Flag(help: "Break samples in flight off; they count as failures.")
    var now = false

    @OptionGroup(title: "Fleet") var fleet: FleetChoice
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        let workplace = try await Workplace.open(invocation, flags: fleet.flags)
        let control = RunControl(store: workplace.store)
        let id: String
        if let run {
            id = try await RunHistory(store: workplace.store).find(run).request.id
        } else {
            guard let current = try await control.current(of: workplace.environment.name) else {
                throw CommandFailure(
                    message: "no run is going on on fleet '\(workplace.environment.name)'",
                    hint: "list runs with: loadfleet runs")
            }
            id = current.run
        }
        if try await workplace.store.read(RunKeys(id).outcome) != nil {
            return try tell("run \(id) is over already", id, isOver: true, to: invocation.output)
        }
        try await control.stop(id, by: workplace.user, at: invocation.context.now(), now: now)
        let attach = "follow it with: loadfleet attach \(id)"
        return try tell(
            invocation.advice.complete("run \(id) is asked to stop; \(attach)"), id, isOver: false,
            to: invocation.output)
    }

    private func tell(_ text: String, _ run: String, isOver: Bool, to output: Output) throws
        -> ExitStatus
    {
        if output.isJSON {
            try output.print(document: ["run": .string(run), "over": .bool(isOver)])
        } else {
            try output.print(text)
        }
        return .done
    }
}
