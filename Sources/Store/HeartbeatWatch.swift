// Tells which nodes are alive. A node's clock may be wrong, so its times prove nothing: what counts
// is how long, on the watcher's own clock, its heartbeat has not moved.

/// Watches the heartbeats of some nodes.
package struct HeartbeatWatch: Sendable {
    private let keys: FleetKeys
    private let limit: Duration
    private var beats: PrefixWatch
    private var tag: String?
    private var movedAt: [String: ContinuousClock.Instant] = [:]

    /// A watch whose patience with every node starts now.
    package init(fleet: String, nodes: [String], lostAfter limit: Duration) {
        keys = FleetKeys(fleet)
        self.limit = limit
        beats = PrefixWatch(keys.heartbeatsPrefix)
        let now = ContinuousClock.now
        for node in nodes { movedAt[node] = now }
    }

    /// Looks once at every heartbeat and returns the nodes that have been silent for too long.
    package mutating func silent(in store: any ObjectStore) async throws -> [String] {
        let moved = try await moved(in: store)
        let now = ContinuousClock.now
        for node in movedAt.keys where moved.contains(keys.heartbeat(of: node)) {
            movedAt[node] = now
        }
        return movedAt.filter { now - $0.value > limit }.keys.sorted()
    }

    /// The heartbeats that were written since the last look.
    private mutating func moved(in store: any ObjectStore) async throws -> Set<StoreKey> {
        guard movedAt.count == 1, let node = movedAt.keys.first else {
            return movedAt.isEmpty ? [] : Set(try await beats.changed(in: store).map(\.key))
        }
        // To read one object costs a twelfth of a listing.
        let key = keys.heartbeat(of: node)
        let last = tag
        tag = try await store.readTagged(key)?.tag
        return tag == nil || tag == last ? [] : [key]
    }

    /// Stops watching a node whose fate is known.
    package mutating func forget(_ node: String) {
        movedAt[node] = nil
    }
}
