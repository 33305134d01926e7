// A fleet's life: up, status, down. The same for every provider, and repeatable: `up` again starts
// what is missing, `down` again finds nothing to do.

internal import FoundationEssentials
package import Store

/// What `up` is asked for.
package struct FleetSpec: Sendable, Equatable {
    package var name: String
    package var provider: String
    package var workers: Int
    package var lease: Duration
    package var readyTimeout: Duration
    package var tuning: NodeTuning
    package var requestedBy: String

    package init(
        name: String, provider: String, workers: Int, lease: Duration, readyTimeout: Duration,
        tuning: NodeTuning, requestedBy: String
    ) {
        self.name = name
        self.provider = provider
        self.workers = workers
        self.lease = lease
        self.readyTimeout = readyTimeout
        self.tuning = tuning
        self.requestedBy = requestedBy
    }

    func record(at now: Date) -> FleetRecord {
        FleetRecord(
            name: name, provider: provider, controller: "controller",
            workers: (1...workers).map { "worker-\($0)" }, createdAt: now, createdBy: requestedBy,
            leaseEndsAt: now + TimeInterval(lease.components.seconds), tuning: tuning)
    }
}

/// How far `up` is.
package struct UpProgress: Sendable, Equatable {
    package var running: Int
    package var ready: Int
    package var wanted: Int
    package var elapsed: Duration
}

/// A fleet and how it does.
package struct FleetStatus: Sendable, Equatable {
    package struct Node: Sendable, Equatable {
        package var name: String
        package var role: Role
        package var machine: FleetMachine?
        package var isRegistered: Bool
        /// Whether it has given a sign of life.
        package var isHeard: Bool
        /// Whether its last sign of life is older than is allowed.
        package var isSilent: Bool
        /// What it is and has; read for a status only.
        package var registration: NodeRegistration?
        /// What it said last; read for a status only.
        package var heartbeat: Heartbeat?

        /// Whether its machine is there, and it says that it works.
        package var isReady: Bool {
            machine != nil && isRegistered && isHeard && !isSilent
        }
    }

    package var fleet: FleetRecord
    package var nodes: [Node]
    package var currentRun: CurrentRun?
}

/// The life cycle of fleets in one store, with one provider.
package struct FleetLife: Sendable {
    private let store: any ObjectStore
    private let provider: any Provider

    package init(store: any ObjectStore, provider: any Provider) {
        self.store = store
        self.provider = provider
    }

    // MARK: - Up

    /// Brings a fleet up, or what is missing of it; returns its record and the nodes it started.
    ///
    /// - Throws: ``FleetError``; after ``FleetError/rolledBack(reason:)`` nothing is left.
    package func up(
        _ spec: FleetSpec, progress: @escaping @Sendable (UpProgress) -> Void
    ) async throws -> (fleet: FleetRecord, started: [String]) {
        try await provider.exclusively(spec.name) { try await bringUp(spec, progress) }
    }

    private func bringUp(
        _ spec: FleetSpec, _ progress: @Sendable (UpProgress) -> Void
    ) async throws -> (fleet: FleetRecord, started: [String]) {
        let keys = FleetKeys(spec.name)
        if let existing = try await store.record(FleetRecord.self, at: keys.fleet) {
            if existing.leaseEndsAt > .now {
                try Self.requireSame(existing, spec)
                return (existing, try await heal(existing, spec, progress))
            }
        }
        // A lease that has ended, or machines whose record was lost: nothing of it may stay.
        let left = try await release(spec.name)
        guard left.isEmpty else { throw FleetError.remains(left, fleet: spec.name) }
        let fleet = spec.record(at: .now)
        try await provider.check(fleet)
        guard try await store.create(fleet, at: keys.fleet) else {
            throw FleetError.different(fleet: spec.name, what: "another `up` going on")
        }
        do {
            try await provider.start(fleet.nodes, of: fleet)
            try await waitUntilReady(fleet.nodes, of: fleet, spec, progress)
        } catch {
            let left = try await release(spec.name)
            guard left.isEmpty else { throw FleetError.remains(left, fleet: spec.name) }
            throw FleetError.rolledBack(reason: (error as? FleetError)?.message ?? "\(error)")
        }
        return (fleet, fleet.nodes)
    }

    private static func requireSame(_ fleet: FleetRecord, _ spec: FleetSpec) throws(FleetError) {
        guard fleet.workers.count == spec.workers else {
            throw .different(fleet: fleet.name, what: "\(fleet.workers.count) workers")
        }
        guard fleet.tuning == spec.tuning else {
            throw .different(fleet: fleet.name, what: "other settings of its nodes")
        }
    }

    /// Starts the nodes whose machines are gone or say nothing any more.
    private func heal(
        _ fleet: FleetRecord, _ spec: FleetSpec, _ progress: @Sendable (UpProgress) -> Void
    ) async throws -> [String] {
        let missing = try await nodesNow(of: fleet).filter { !$0.isReady }.map(\.name)
        guard !missing.isEmpty else { return [] }
        try await provider.end(missing, of: fleet.name)
        let keys = FleetKeys(fleet.name)
        try await store.delete(
            missing.flatMap {
                [keys.registration(of: $0), keys.heartbeat(of: $0), keys.claim(of: $0)]
            })
        // A run that lost its controller has nobody left to free the fleet.
        if missing.contains(fleet.controller) { try await store.delete(keys.run) }
        do {
            try await provider.start(missing, of: fleet)
            try await waitUntilReady(missing, of: fleet, spec, progress)
        } catch {
            try await provider.end(missing, of: fleet.name)
            throw FleetError.notHealed(reason: (error as? FleetError)?.message ?? "\(error)")
        }
        return missing
    }

    private func waitUntilReady(
        _ nodes: [String], of fleet: FleetRecord, _ spec: FleetSpec,
        _ progress: @Sendable (UpProgress) -> Void
    ) async throws {
        let began = ContinuousClock.now
        while true {
            let status = try await nodesNow(of: fleet).filter { nodes.contains($0.name) }
            let ready = status.filter(\.isReady)
            let elapsed = ContinuousClock.now - began
            progress(
                UpProgress(
                    running: status.filter { $0.machine != nil }.count, ready: ready.count,
                    wanted: nodes.count, elapsed: elapsed))
            if ready.count == nodes.count { return }
            if let dead = status.first(where: { $0.machine == nil }) {
                let words = await provider.lastWords(of: dead.name, in: fleet.name)
                throw FleetError.cannotStart(
                    node: dead.name, reason: words ?? "it ended at once and said nothing")
            }
            guard elapsed < spec.readyTimeout else {
                let missing = status.filter { !$0.isReady }.map(\.name).joined(separator: ", ")
                throw FleetError.cannotStart(
                    node: missing,
                    reason: "not ready after \(spec.readyTimeout.components.seconds) s")
            }
            try await Task.sleep(for: store.recommendedPoll)
        }
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
        let beats = try await store.records(
            Heartbeat.self, at: fleet.nodes.map(keys.heartbeat))
        let registrations = try await store.records(
            NodeRegistration.self, at: fleet.nodes.map(keys.registration))
        let nodes = try await nodesNow(of: fleet).map { node in
            var node = node
            node.heartbeat = beats[keys.heartbeat(of: node.name)]
            node.registration = registrations[keys.registration(of: node.name)]
            return node
        }
        return FleetStatus(
            fleet: fleet, nodes: nodes,
            currentRun: try await store.record(CurrentRun.self, at: FleetKeys(name).run))
    }

    private func nodesNow(of fleet: FleetRecord) async throws -> [FleetStatus.Node] {
        let keys = FleetKeys(fleet.name)
        let machines = try await provider.machines(of: fleet.name)
        let registrations = Set(
            try await store.list(prefix: keys.registrationsPrefix).map(\.key))
        let beats = try await store.list(prefix: keys.heartbeatsPrefix)
        let silence = Dictionary(
            beats.map { ($0.key, store.now.timeIntervalSince($0.modified)) }
        ) { $1 }
        return fleet.nodes.map { name in
            FleetStatus.Node(
                name: name, role: name == fleet.controller ? .controller : .worker,
                machine: machines.first { $0.node == name },
                isRegistered: registrations.contains(keys.registration(of: name)),
                isHeard: silence[keys.heartbeat(of: name)] != nil,
                isSilent: silence[keys.heartbeat(of: name)]
                    .map { $0 > fleet.tuning.lostAfterSeconds } ?? false)
        }
    }

    // MARK: - Down

    /// Gives everything back; returns what there was.
    ///
    /// - Throws: ``FleetError/remains(_:fleet:)`` unless a search by tag finds nothing afterwards.
    package func down(_ name: String) async throws -> [FleetMachine] {
        try await provider.exclusively(name) {
            let before = try await provider.machines(of: name)
            let left = try await release(name)
            guard left.isEmpty else { throw FleetError.remains(left, fleet: name) }
            return before
        }
    }

    private func release(_ name: String) async throws -> [FleetMachine] {
        _ = try await provider.release(name, within: .seconds(40))
        try await store.delete(try await store.list(prefix: FleetKeys(name).prefix).map(\.key))
        // What counts is what is there now, not what was done.
        return try await provider.machines(of: name)
    }
}
