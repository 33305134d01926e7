// Tells which nodes are alive. A node's clock may be wrong, so its times prove nothing: what counts
// is how long, on the watcher's own clock, its heartbeat has not moved.

internal import FoundationEssentials

/// Watches the heartbeats of some nodes.
package struct HeartbeatWatch: Sendable {
    private struct Seen {
        var sequence: Int?
        var movedAt: ContinuousClock.Instant
    }

    private let keys: FleetKeys
    private let limit: Duration
    private var seen: [String: Seen] = [:]

    /// A watch whose patience with every node starts now.
    package init(fleet: String, nodes: [String], lostAfter limit: Duration) {
        keys = FleetKeys(fleet)
        self.limit = limit
        let now = ContinuousClock.now
        for node in nodes { seen[node] = Seen(sequence: nil, movedAt: now) }
    }

    /// Looks once at every heartbeat and returns the nodes that have been silent for too long.
    package mutating func silent(in store: any ObjectStore) async throws -> [String] {
        for node in seen.keys {
            let beat = try await store.record(Heartbeat.self, at: keys.heartbeat(of: node))
            if let sequence = beat?.sequence, seen[node]?.sequence != sequence {
                seen[node] = Seen(sequence: sequence, movedAt: .now)
            }
        }
        let now = ContinuousClock.now
        return seen.filter { now - $0.value.movedAt > limit }.keys.sorted()
    }

    /// Stops watching a node whose fate is known.
    package mutating func forget(_ node: String) {
        seen[node] = nil
    }
}
