// What has become of a run's workers, as the controller sees it.

internal import FoundationEssentials
internal import Store

/// The workers of a run and their fates.
struct Roster {
    private let part: RunPart
    private var watch: HeartbeatWatch
    private var news: PrefixWatch
    private(set) var outcomes: [String: NodeOutcome] = [:]
    private(set) var lost: [LostNode] = []

    init(_ part: RunPart) {
        self.part = part
        news = PrefixWatch(part.keys.outcomesPrefix)
        watch = HeartbeatWatch(
            fleet: part.request.fleet, nodes: part.request.workers,
            lostAfter: .seconds(part.context.tuning.lostAfterSeconds))
    }

    /// Workers whose fate is open.
    var pending: [String] {
        part.request.workers.filter { name in
            outcomes[name] == nil && !lost.contains { $0.node == name }
        }
    }

    /// The first worker that could not do its part, with its reason.
    var firstFailure: (node: String, message: String)? { failures.first }

    /// The workers that could not do their parts, with their reasons.
    var failures: [(node: String, message: String)] {
        part.request.workers.compactMap { name in
            if let outcome = outcomes[name], outcome.ending != .completed {
                return (name, outcome.message ?? "it failed")
            }
            return lost.contains { $0.node == name } ? (name, "it was lost") : nil
        }
    }

    /// Looks once at every pending worker; returns those that were found lost by this look.
    mutating func look() async throws -> [String] {
        // First, so that the watch knows of each look that fails.
        let silent = try await watch.silent(in: part.store)
        let outcomes = try await news.changed(NodeOutcome.self, in: part.store)
        for name in pending {
            if let outcome = outcomes[part.keys.node(name).outcome] {
                self.outcomes[name] = outcome
                watch.forget(name)
            }
        }
        let found = silent.filter(pending.contains)
        for name in found {
            watch.forget(name)
            lost.append(LostNode(node: name, at: .now))
        }
        return found
    }
}
