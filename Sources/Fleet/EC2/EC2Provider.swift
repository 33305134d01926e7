// Fleets on Amazon EC2. The cloud holds the truth, found by tag; the store holds what was asked of
// it; this machine holds nothing, so that any other can go on where it stopped.

package import AWS
internal import FoundationEssentials
package import Store
internal import Synchronization
package import Units

/// Fleets of EC2 instances.
package struct EC2Provider: Provider {
    /// What nodes need beyond their environment.
    package struct Nodes: Sendable {
        /// The programs in the bucket; `nil` where nothing will be started.
        package var software: Software?
        /// Where the store's objects are fetched, as in
        /// `https://bucket.s3.eu-central-1.amazonaws.com/prefix`.
        package var objectsURL: String
        /// Variables of the agents.
        package var variables: [String: String]

        package init(
            software: Software? = nil, objectsURL: String = "", variables: [String: String] = [:]
        ) {
            self.software = software
            self.objectsURL = objectsURL
            self.variables = variables
        }
    }

    let caller: EC2Caller
    let store: any ObjectStore
    let settings: EC2Settings
    let foundation: Foundation
    let region: String
    private(set) var nodes: Nodes
    /// `user@host`, for whoever finds the fleet locked.
    let user: String
    /// For how long the fleet's lock is good without renewal.
    var lockDuration = Duration.seconds(40)
    private let instances: InstanceView
    private let plans = PlanMemory()

    /// A provider for the client's region; what the settings name comes before the foundation.
    package init(
        client: AWSClient, store: any ObjectStore, settings: EC2Settings, foundation: Foundation,
        region: String, nodes: Nodes = Nodes(), user: String, clock: FleetClock = .system
    ) {
        caller = EC2Caller(client: client, clock: clock)
        self.store = store
        self.settings = settings
        self.foundation = foundation.with(settings)
        self.region = region
        self.nodes = nodes
        self.user = user
        instances = InstanceView(caller: caller, store: store)
    }

    /// The same provider, able to start nodes.
    package func with(_ software: Software) -> EC2Provider {
        var provider = self
        provider.nodes.software = software
        return provider
    }

    /// EC2 asks for few calls, and ends instances in their own time.
    package var pace: ProviderPace {
        ProviderPace(
            namesMachines: false, look: .seconds(4)...(.seconds(20)), release: .seconds(600))
    }

    package func exclusively<Result: Sendable>(
        _ fleet: String, _ body: @escaping @Sendable (Turn) async throws -> Result
    ) async throws -> Result {
        let lock = try await StoreLock.acquire(
            FleetKeys(fleet).lock, in: store, by: user, for: lockDuration)
        do {
            let result = try await lock.during { try await body(Turn(lock)) }
            await lock.release()
            return result
        } catch {
            await lock.release()
            throw error
        }
    }

    // MARK: - Planning

    /// The most that a lease may cost.
    package var budget: Money? { settings.maxCostDollars.map { Money(dollars: $0) } }

    /// What `up` would do; makes nothing.
    ///
    /// - Throws: ``FleetError/impossible(_:hint:)``, ``FleetError/tooExpensive(_:limit:fits:)``,
    ///   or ``CallError``.
    package func plan(
        fleet: String, workers: Int, minWorkers: Int, lease: Duration
    ) async throws -> EC2Plan {
        let planner = EC2Planner(
            caller: caller, settings: settings, foundation: foundation, region: region)
        let plan = try await planner.plan(
            fleet: fleet, workers: workers, minWorkers: minWorkers, lease: lease,
            existing: try await machines(of: fleet).filter { !$0.isEnding })
        plans.keep(plan)
        return plan
    }

    package func check(_ fleet: FleetRecord) async throws {
        let plan = try await plan(of: fleet)
        try plan.check(limit: budget)
        guard nodes.software != nil else {
            throw FleetError.impossible(
                "there are no programs for the nodes in the bucket", hint: nil)
        }
    }

    private func plan(of fleet: FleetRecord) async throws -> EC2Plan {
        if let plan = plans.plan(of: fleet.name) { return plan }
        let seconds = max(0, fleet.leaseEndsAt.timeIntervalSince(caller.clock.now()))
        return try await plan(
            fleet: fleet.name, workers: fleet.workers.count,
            minWorkers: min(settings.minWorkers, fleet.workers.count),
            lease: .seconds(seconds.rounded()))
    }

    // MARK: - Machines

    package func start(_ names: [String], of fleet: FleetRecord) async throws -> FleetStart {
        let plan = try await plan(of: fleet)
        guard let software = nodes.software else {
            throw FleetError.impossible(
                "there are no programs for the nodes in the bucket", hint: nil)
        }
        let userData: @Sendable (Role) -> UserData = { role in
            UserData(
                role: role, fleet: fleet.name, region: region,
                architecture: settings.architecture, store: store.location,
                objectsURL: nodes.objectsURL, logGroup: foundation.logGroup,
                leaseEndsAt: fleet.leaseEndsAt, writtenAt: fleet.createdAt, software: software,
                variables: nodes.variables)
        }
        var launch = EC2Launch(
            caller: caller, book: book(fleet.name), instances: instances, plan: plan,
            settings: settings, tags: FleetTags(fleet, store: store.location, own: settings.tags),
            fleet: fleet, userData: userData)
        let start = try await launch.start(names)
        try await schedule.end(launch.fleetIDs, of: fleet, number: launch.lastNumber)
        return start
    }

    package func machines(of fleet: String) async throws -> [FleetMachine] {
        let (present, hidden) = try await instances.presentAndHidden(of: fleet)
        let unseen = hidden.map { id in
            FleetMachine(id: id, description: "\(id) (not shown by EC2 yet)", node: nil)
        }
        // Where nothing is, nobody claims anything.
        guard !present.isEmpty else { return unseen }
        let nodes = try await instances.nodes(of: fleet)
        return present.map { Self.machine($0, node: nodes[$0.instanceID]) } + unseen
    }

    package func end(_ names: [String], of fleet: String) async throws {
        let claimed = try await instances.nodes(of: fleet)
        let ids = try await instances.present(of: fleet).filter { instance in
            claimed[instance.instanceID].map(names.contains) ?? true
        }.map(\.instanceID)
        instances.claims.forget(fleet)
        try await ending(fleet).terminate(ids)
    }

    package func release(_ fleet: String, within limit: Duration) async throws -> [FleetMachine] {
        instances.claims.forget(fleet)
        instances.launched.forget(fleet)
        let rest = try await ending(fleet).run(within: limit)
        guard !rest.isEmpty else { return [] }
        let types = rest.compactMap { rest in
            if case .instance(let instance) = rest { instance.instanceType } else { nil }
        }
        let prices = try? await SpotPrices.read(caller, types: types, since: caller.clock.now())
        return rest.map { Self.machine($0, prices) }
    }

    package func lastWords(of node: String?, in fleet: String) async -> String? {
        guard let all = try? await instances.all(of: fleet) else { return nil }
        let claimed = (try? await instances.nodes(of: fleet)) ?? [:]
        // Of those that carry no node, the last one that is still there, or was.
        let mute = all.filter {
            node == nil ? claimed[$0.instanceID] == nil : claimed[$0.instanceID] == node
        }
        let order = mute.sorted { a, b in
            let (first, second) = (
                InstanceStates.alive.contains(a.state), InstanceStates.alive.contains(b.state)
            )
            return first == second ? a.instanceID < b.instanceID : second
        }
        guard let instance = order.last,
            let text = await ConsoleTail(caller: caller).read(instance.instanceID)
        else { return nil }
        return "\(instance.instanceID): \(text)"
    }

    package func cost(of fleet: String) async throws -> FleetCost? {
        // Instances of an earlier fleet of this name are still shown for an hour.
        let began = try await store.record(FleetRecord.self, at: FleetKeys(fleet).fleet)?.createdAt
        let mine = try await instances.all(of: fleet).filter { instance in
            guard let began, let launched = instance.launchTime else { return true }
            return launched >= began.addingTimeInterval(-1)
        }
        return try await FleetCost.of(mine, caller, region: region)
    }

    // MARK: - Parts

    private func book(_ fleet: String) -> LaunchBook { LaunchBook(store: store, fleet: fleet) }

    private var schedule: LeaseSchedule { LeaseSchedule(caller: caller, foundation: foundation) }

    private func ending(_ fleet: String) -> EC2Release {
        EC2Release(
            caller: caller, book: book(fleet), instances: instances, schedule: schedule,
            fleet: fleet)
    }

    static func machine(_ instance: Instance, node: String?, hourly: Money? = nil) -> FleetMachine {
        let role = instance.tag(FleetTags.role) ?? "machine"
        return FleetMachine(
            id: instance.instanceID,
            description: "\(instance.instanceID) (\(instance.instanceType), \(node ?? role), "
                + "\(instance.state))",
            node: node, isEnding: !InstanceStates.alive.contains(instance.state), hourly: hourly)
    }

    private static func machine(_ rest: EC2Release.Rest, _ prices: SpotPrices?) -> FleetMachine {
        switch rest {
        case .instance(let instance):
            machine(
                instance, node: nil, hourly: instance.isSpot ? prices?.current(instance.pool) : nil)
        case .template(let template):
            FleetMachine(
                id: template.id,
                description: "launch template \(template.name), which costs nothing",
                node: nil)
        case .spotFleet(let id):
            FleetMachine(id: id, description: "spot fleet request \(id)", node: nil)
        case .schedule(let name):
            FleetMachine(id: name, description: "schedule \(name), which costs nothing", node: nil)
        }
    }
}

/// Plans of this process, made once each.
private final class PlanMemory: Sendable {
    private let kept = Mutex<[String: EC2Plan]>([:])

    func plan(of fleet: String) -> EC2Plan? { kept.withLock { $0[fleet] } }
    func keep(_ plan: EC2Plan) { kept.withLock { $0[plan.fleet] = plan } }
}

/// The last lines of an instance's console.
struct ConsoleTail: Sendable {
    let caller: EC2Caller

    /// The last lines that say something; `nil` when there are none, or nobody may read them.
    func read(_ id: String) async -> String? {
        // Only newer hardware can tell the latest output.
        for latest in [true, nil] as [Bool?] {
            guard let coded = try? await caller.client.send(GetConsoleOutput(id, latest: latest)),
                let data = Data(base64Encoded: coded.filter { !$0.isWhitespace })
            else { continue }
            let lines = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
                .map { $0.filter { $0 >= " " } }.filter { !$0.isEmpty }
            let ours = lines.filter { $0.contains("loadfleet: ") }
            let tail = (ours.isEmpty ? lines : ours).suffix(3).joined(separator: " | ")
            if !tail.isEmpty { return tail }
        }
        return nil
    }
}
