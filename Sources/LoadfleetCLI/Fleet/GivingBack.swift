// Giving a fleet back, as `down` does it and `run --down` after a run: all nodes end, their runs are
// concluded, and the store keeps no more of fetched runs than a list needs.
import Fleet
import FoundationEssentials
import Runs
import Store

/// Gives back the fleet that the settings name.
struct GivingBack {
    private let workplace: Workplace
    private let output: Output
    private var store: any StoreWithLog { workplace.store }

    init(_ workplace: Workplace, _ output: Output) {
        self.workplace = workplace
        self.output = output
    }

    /// Gives everything back; returns what there was, and the runs that were not fetched.
    ///
    /// - Throws: ``FleetError/remains(_:fleet:)`` unless a search finds nothing afterwards.
    func giveBack() async throws -> (down: DownReport, unfetched: [String]) {
        let name = workplace.environment.name
        output.note("giving fleet '\(name)' back")
        let down = try await workplace.life.down(name)
        try await conclude(runsOf: name)
        return (down, try await tidy(runsOf: name))
    }

    /// Runs whose nodes have just ended have nobody left to conclude them.
    private func conclude(runsOf fleet: String) async throws {
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
    private func tidy(runsOf fleet: String) async throws -> [String] {
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
