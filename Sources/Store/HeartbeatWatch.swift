// Tells which nodes are alive. A node's clock may be wrong, so its times prove nothing: what counts
// is how long, on the watcher's own clock, its heartbeat has not moved.
//
// Nor does it prove anything while nobody looks: a store that was away, or a watcher that slept,
// has seen no silence. So silence is the sum of the times between two looks that both succeeded.

/// Watches the heartbeats of some nodes.
package struct HeartbeatWatch: Sendable {
    /// What is known of a node.
    private struct Sign {
        /// Names the last heartbeat that was seen.
        var tag: String?
        var silence = Duration.zero
    }

    private let keys: FleetKeys
    private let limit: Duration
    private var signs: [String: Sign]
    private var lastLook: ContinuousClock.Instant?

    /// A watch whose patience with every node starts with its first look.
    package init(fleet: String, nodes: [String], lostAfter limit: Duration) {
        keys = FleetKeys(fleet)
        self.limit = limit
        signs = Dictionary(nodes.map { ($0, Sign()) }, uniquingKeysWith: { first, _ in first })
    }

    /// Looks once at every heartbeat and returns the nodes that have been silent for too long.
    ///
    /// - Throws: Errors of the store; the time until the next look then counts for nobody.
    package mutating func silent(in store: any ObjectStore) async throws -> [String] {
        // One long gap proves no more than that nobody looked.
        let gap = lastLook.map { min(.now - $0, limit / 3) } ?? .zero
        lastLook = nil
        let tags = try await tags(in: store)
        lastLook = .now
        for node in signs.keys {
            if let tag = tags[keys.heartbeat(of: node)], tag != signs[node]?.tag {
                signs[node] = Sign(tag: tag)
            } else {
                signs[node]?.silence += gap
            }
        }
        return signs.filter { $0.value.silence >= limit }.keys.sorted()
    }

    /// The tags of the heartbeats; what is read by itself has the tag that a listing shows.
    private func tags(in store: any ObjectStore) async throws -> [StoreKey: String] {
        guard signs.count == 1, let node = signs.keys.first else {
            guard !signs.isEmpty else { return [:] }
            let listed = try await store.list(prefix: keys.heartbeatsPrefix)
            return Dictionary(listed.map { ($0.key, $0.tag) }, uniquingKeysWith: { $1 })
        }
        // To read one object costs a twelfth of a listing.
        let key = keys.heartbeat(of: node)
        return try await store.readTagged(key).map { [key: $0.tag] } ?? [:]
    }

    /// Lets the time until the next look count for nobody.
    package mutating func interrupt() { lastLook = nil }

    /// Stops watching a node whose fate is known.
    package mutating func forget(_ node: String) {
        signs[node] = nil
    }
}
