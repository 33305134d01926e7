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
        if let current = try? await control.current(of: name),
            (try? await control.isOver(current.run)) == false
        {
            guard
                try invocation.confirm(
                    "Run \(current.run) of \(current.by) is going on. Stop it and go on?")
            else { throw FleetError.busy(run: current.run, by: current.by) }
        }
        output.note("giving fleet '\(name)' back")
        let down = try await workplace.life.down(name)
        let gone = down.ended
        try await conclude(runsOf: name, in: workplace.store)
        let unfetched = try await tidy(runsOf: name, in: workplace.store)
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

    /// Runs whose nodes have just ended have nobody left to conclude them.
    private func conclude(runsOf fleet: String, in store: any StoreWithLog) async throws {
        for entry in try await RunHistory(store: store).entries()
        where entry.request.fleet == fleet && entry.state == .running {
            var lost: [LostNode] = []
            for node in entry.request.workers {
                let outcome = RunKeys(entry.request.id).node(node).outcome
                if try await store.read(outcome) == nil {
                    lost.append(LostNode(node: node, at: .now))
                }
            }
            try await store.conclude(entry.request, RunOutcome(endedAt: .now, lost: lost))
        }
    }

    /// Removes the samples and files of fetched runs, whose records stay for `loadfleet runs`;
    /// returns the runs that were not fetched.
    private func tidy(runsOf fleet: String, in store: any StoreWithLog) async throws -> [String] {
        var unfetched: [String] = []
        for entry in try await RunHistory(store: store).entries()
        where entry.request.fleet == fleet {
            guard entry.state == .fetched else {
                unfetched.append(entry.request.id)
                continue
            }
            // Values of properties can be secrets, and a list of runs needs only their names.
            var request = entry.request
            request.properties = request.properties.mapValues { _ in "" }
            try await store.put(request, at: RunKeys(request.id).request)
            let keys = RunKeys(entry.request.id)
            let records = [keys.request, keys.outcome, keys.fetched]
            try await store.delete(
                try await store.list(prefix: keys.prefix).map(\.key)
                    .filter { !records.contains($0) })
        }
        return unfetched
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
