// Gives a fleet back, and says so only when a search by tag finds nothing of it.
package import ArgumentParser
import Fleet
import FoundationEssentials
import Runs
import Store

/// The command `loadfleet down`.
package struct DownCommand: Command {
    package static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Give everything back and prove that nothing is left.",
        discussion: """
            Repeatable. A run that is going on is stopped first, after a question. Results that \
            were not fetched yet stay in the store.
            """)

    @OptionGroup(title: "Fleet") var fleet: FleetChoice
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        let workplace = try await Workplace.open(invocation, flags: fleet.flags)
        let name = workplace.environment.name
        let output = invocation.output
        let control = RunControl(store: workplace.store)
        // A record that cannot be read must not keep machines running.
        if let current = try? await control.holder(of: name) {
            guard
                try invocation.confirm(
                    "Run \(current.run) of \(current.by) is going on. Stop it and go on?")
            else { throw FleetError.busy(run: current.run, by: current.by) }
        }
        let (down, unfetched) = try await GivingBack(workplace, output).giveBack()
        let gone = down.ended
        if output.isJSON {
            try output.print(document: [
                "fleet": .string(name), "ended": .array(gone.map { .string($0.description) }),
                "remaining": [], "unfetched_runs": .array(unfetched.map { .string($0) }),
                "cost": down.cost.map { .string("\($0.total)\($0.restInWords)") } ?? .null,
            ])
            return .done
        }
        for machine in gone { output.detail("ended: \(machine.description)") }
        for run in unfetched {
            try output.print(
                invocation.advice.complete("run \(run) was not fetched: loadfleet results \(run)"))
        }
        let machines = workplace.environment.provider == .local ? "processes" : "instances"
        let what = gone.isEmpty ? "nothing was up" : "\(gone.count) \(machines) ended"
        try output.print("fleet '\(name)' is down: \(what), nothing is left")
        if let cost = down.cost { try output.print("  it cost \(cost.total)\(cost.restInWords)") }
        return .done
    }
}

extension FleetCost {
    /// What the figures leave out.
    var restInWords: String {
        guard unpriced > 0 else { return "" }
        let instances = unpriced == 1 ? "one instance" : "\(unpriced) instances"
        return ", without \(instances) whose price is not known"
    }
}
