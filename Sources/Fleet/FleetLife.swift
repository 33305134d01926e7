// A fleet's life: up, status, down. The same for every provider, and repeatable: `up` again starts
// what is missing, `down` again finds nothing to do.

internal import FoundationEssentials
package import Store

/// The life cycle of fleets in one store, with one provider.
package struct FleetLife: Sendable {
    let store: any ObjectStore
    let provider: any Provider
    let clock: FleetClock

    package init(store: any ObjectStore, provider: any Provider, clock: FleetClock = .system) {
        self.store = store
        self.provider = provider
        self.clock = clock
    }

    // MARK: - Up

    /// Brings a fleet up, or what is missing of it.
    ///
    /// - Throws: ``FleetError``; after ``FleetError/rolledBack(reason:)`` nothing is left.
    package func up(
        _ spec: FleetSpec, progress: @escaping @Sendable (UpProgress) -> Void
    ) async throws -> UpReport {
        try await provider.exclusively(spec.name) { try await bringUp(spec, $0, progress) }
    }

    private func bringUp(
        _ spec: FleetSpec, _ turn: Turn, _ progress: @Sendable (UpProgress) -> Void
    ) async throws -> UpReport {
        let keys = FleetKeys(spec.name)
        if let existing = try await store.record(FleetRecord.self, at: keys.fleet) {
            if existing.leaseEndsAt > clock.now() {
                try Self.requireSame(existing, spec)
                return try await heal(existing, spec, turn, progress)
            }
        }
        // A lease that has ended, or machines whose record was lost: nothing of it may stay.
        let left = try await release(spec.name)
        guard left.isEmpty else { throw FleetError.remains(left, fleet: spec.name) }
        let fleet = spec.record(at: clock.now())
        try await provider.check(fleet)
        let isNew = try await uninterrupted { [store] in
            try await store.create(fleet, at: keys.fleet)
        }
        guard isNew else {
            throw FleetError.different(fleet: spec.name, what: "another `up` going on")
        }
        do {
            return try await begin(fleet.nodes, of: fleet, spec, progress)
        } catch {
            // Whoever has the turn by now goes on from what is there; it is not ours to end.
            let left = try await turn.toTheEnd { try await release(spec.name) }
            guard left.isEmpty else { throw FleetError.remains(left, fleet: spec.name) }
            throw FleetError.rolledBack(reason: (error as? FleetError)?.message ?? "\(error)")
        }
    }

    private static func requireSame(_ fleet: FleetRecord, _ spec: FleetSpec) throws(FleetError) {
        guard min(spec.minWorkers, spec.workers)...spec.workers ~= fleet.workers.count else {
            throw .different(fleet: fleet.name, what: "\(fleet.workers.count) workers")
        }
        guard fleet.tuning == spec.tuning else {
            throw .different(fleet: fleet.name, what: "other settings of its nodes")
        }
    }

    /// Starts nodes and waits for them; what of them did not come is no longer of the fleet.
    private func begin(
        _ nodes: [String], of fleet: FleetRecord, _ spec: FleetSpec,
        _ progress: @Sendable (UpProgress) -> Void
    ) async throws -> UpReport {
        let start = try await provider.start(nodes, of: fleet)
        var wait = ReadyWait(
            nodes: nodes, machines: start.machines, fleet: fleet, minWorkers: spec.minWorkers,
            timeout: spec.readyTimeout, notes: start.notes)
        let ready = try await waitUntilReady(&wait, progress)
        var fleet = fleet
        let dropped = Set(nodes).subtracting(ready)
        if !dropped.isEmpty {
            fleet.workers.removeAll(where: dropped.contains)
            try await uninterrupted { [store, fleet] in
                try await store.put(fleet, at: FleetKeys(fleet.name).fleet)
            }
        }
        return UpReport(fleet: fleet, started: ready, notes: wait.notes)
    }

    /// Starts the nodes whose machines are gone or say nothing any more.
    private func heal(
        _ fleet: FleetRecord, _ spec: FleetSpec, _ turn: Turn,
        _ progress: @Sendable (UpProgress) -> Void
    ) async throws -> UpReport {
        let missing = try await nodesNow(of: fleet).filter { !$0.isReady }.map(\.name)
        guard !missing.isEmpty else { return UpReport(fleet: fleet, started: [], notes: []) }
        try await end(missing, of: fleet)
        // A run that lost its controller has nobody left to free the fleet.
        if missing.contains(fleet.controller) {
            try await store.delete(FleetKeys(fleet.name).run)
        }
        do {
            return try await begin(missing, of: fleet, spec, progress)
        } catch {
            try await turn.toTheEnd { try await provider.end(missing, of: fleet.name) }
            throw FleetError.notHealed(reason: (error as? FleetError)?.message ?? "\(error)")
        }
    }

    /// Ends nodes' machines and forgets what they said, so that others can take their place.
    func end(_ nodes: [String], of fleet: FleetRecord) async throws {
        try await provider.end(nodes, of: fleet.name)
        try await forget(nodes, of: fleet)
    }

    /// Forgets what nodes said, so that other machines can be them.
    func forget(_ nodes: [String], of fleet: FleetRecord) async throws {
        let keys = FleetKeys(fleet.name)
        try await store.delete(
            nodes.flatMap {
                [keys.claim(of: $0), keys.registration(of: $0), keys.heartbeat(of: $0)]
            })
    }

    // MARK: - Status

    /// The fleet's record.
    ///
    /// - Throws: ``FleetError/none(fleet:)``.
    package func fleet(_ name: String) async throws -> FleetRecord {
        guard let fleet = try await store.record(FleetRecord.self, at: FleetKeys(name).fleet)
        else { throw FleetError.none(fleet: name) }
        return fleet
    }

    package func status(of name: String) async throws -> FleetStatus {
        let fleet = try await fleet(name)
        let keys = FleetKeys(name)
        let nodes = try await inParallel(try await nodesNow(of: fleet)) { [store] node in
            var node = node
            node.registration = try await store.record(
                NodeRegistration.self, at: keys.registration(of: node.name))
            node.heartbeat = try await store.record(
                Heartbeat.self, at: keys.heartbeat(of: node.name))
            return node
        }
        return FleetStatus(
            fleet: fleet, nodes: nodes,
            currentRun: try await store.record(CurrentRun.self, at: FleetKeys(name).run))
    }

    private func nodesNow(of fleet: FleetRecord) async throws -> [FleetStatus.Node] {
        try await nodes(of: fleet, on: provider.machines(of: fleet.name))
    }

    /// What a fleet has cost and costs; `nil` where nothing is paid for.
    package func cost(of name: String) async throws -> FleetCost? {
        try await provider.cost(of: name)
    }

    // MARK: - Down

    /// Gives everything back; returns what there was.
    ///
    /// - Throws: ``FleetError/remains(_:fleet:)`` unless a search by tag finds nothing afterwards.
    package func down(_ name: String) async throws -> DownReport {
        try await provider.exclusively(name) { _ in
            let before = try await provider.machines(of: name).filter { !$0.isEnding }
            // What it cost is worth knowing, and not worth keeping machines for.
            let cost = try? await provider.cost(of: name)
            let left = try await release(name)
            guard left.isEmpty else { throw FleetError.remains(left, fleet: name) }
            return DownReport(ended: before, cost: cost)
        }
    }

    private func release(_ name: String) async throws -> [FleetMachine] {
        // What counts is what a search finds afterwards, not what was done.
        let left = try await provider.release(name, within: provider.pace.release)
        // What the store knows is needed to find the rest.
        guard left.isEmpty else { return left }
        try await store.delete(try await store.list(prefix: FleetKeys(name).prefix).map(\.key))
        return []
    }
}
