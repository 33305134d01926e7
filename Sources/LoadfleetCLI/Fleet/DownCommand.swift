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
        let workplace = try Workplace(invocation, flags: fleet.flags)
        let name = workplace.environment.name
        let output = invocation.output
        let control = RunControl(store: workplace.store)
        if let current = try await control.current(of: name),
            try await workplace.store.read(RunKeys(current.run).outcome) == nil
        {
            guard
                try invocation.confirm(
                    "Run \(current.run) of \(current.by) is going on. Stop it and go on?")
            else { throw FleetError.busy(run: current.run, by: current.by) }
        }
        output.note("giving fleet '\(name)' back")
        let gone = try await workplace.life.down(name)
        try await conclude(runsOf: name, in: workplace.store)
        let unfetched = try await tidy(runsOf: name, in: workplace.store)
        if output.isJSON {
            try output.print(document: [
                "fleet": .string(name), "ended": .array(gone.map { .string($0.description) }),
                "remaining": [], "unfetched_runs": .array(unfetched.map { .string($0) }),
            ])
            return .done
        }
        for machine in gone { output.detail("ended: \(machine.description)") }
        for run in unfetched {
            try output.print("run \(run) was not fetched: loadfleet results \(run)")
        }
        let what = gone.isEmpty ? "nothing was up" : "\(gone.count) processes ended"
        try output.print("fleet '\(name)' is down: \(what), nothing is left")
        return .done
    }

    /// Runs whose nodes have just ended have nobody left to conclude them.
    private func conclude(runsOf fleet: String, in store: FolderStore) async throws {
        for entry in try await RunHistory(store: store).entries()
        where entry.request.fleet == fleet && entry.state == .running {
            var lost: [LostNode] = []
            for node in entry.request.workers {
                let outcome = RunKeys(entry.request.id).node(node).outcome
                if try await store.read(outcome) == nil {
                    lost.append(LostNode(node: node, at: .now))
                }
            }
            try await RunControl(store: store).conclude(
                entry.request, RunOutcome(endedAt: .now, lost: lost))
        }
    }

    /// Removes what the store holds of fetched runs; returns the runs that were not fetched.
    private func tidy(runsOf fleet: String, in store: FolderStore) async throws -> [String] {
        var unfetched: [String] = []
        for entry in try await RunHistory(store: store).entries()
        where entry.request.fleet == fleet {
            guard entry.state == .fetched else {
                unfetched.append(entry.request.id)
                continue
            }
            for object in try await store.list(prefix: RunKeys(entry.request.id).prefix) {
                try await store.delete(object.key)
            }
        }
        return unfetched
    }
}
