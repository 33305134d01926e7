// Gets machines for nodes. Partial success is normal on the spot market: what came stays, the rest
// is asked for again where there was room, then on demand if that is allowed; and never more than
// what is missing. Before EC2 is asked for anything, the question stands in the store.

internal import AWS
internal import FoundationEssentials
internal import Store

/// One start of machines for a fleet.
struct EC2Launch: Sendable {
    let caller: EC2Caller
    let book: LaunchBook
    let instances: InstanceView
    let plan: EC2Plan
    let settings: EC2Settings
    let templates: LaunchTemplates
    let tags: FleetTags
    let fleet: FleetRecord
    let userData: @Sendable (Role) -> UserData

    private var notes: [String] = []
    private(set) var lastNumber = 0
    /// Instant fleets that got machines in this start.
    private(set) var fleetIDs: [String] = []

    init(
        caller: EC2Caller, book: LaunchBook, instances: InstanceView, plan: EC2Plan,
        settings: EC2Settings, tags: FleetTags, fleet: FleetRecord,
        userData: @escaping @Sendable (Role) -> UserData
    ) {
        self.caller = caller
        self.book = book
        self.instances = instances
        self.plan = plan
        self.settings = settings
        self.tags = tags
        self.fleet = fleet
        self.userData = userData
        templates = LaunchTemplates(
            caller: caller, book: book, plan: plan, settings: settings, tags: tags, fleet: fleet)
    }

    /// Starts machines for nodes as far as none are on their way.
    ///
    /// - Throws: ``FleetError/cannotStart(node:reason:)`` when there is no controller, or there
    ///   are too few workers; ``CallError`` when AWS says no.
    mutating func start(_ nodes: [String]) async throws -> FleetStart {
        let alive = try await takeStock()
        var machines = 0
        for role in [Role.controller, .worker] {
            let wanted = nodes.count { ($0 == fleet.controller) == (role == .controller) }
            guard wanted > 0 else { continue }
            let coming = min(wanted, alive.unclaimed[role] ?? 0)
            let got = try await acquire(wanted - coming, for: role)
            machines += coming + got
            let others = role == .worker ? alive.claimedWorkers : 0
            let needed = role == .worker ? min(settings.minWorkers, fleet.workers.count) : 1
            guard others + coming + got >= needed else {
                throw FleetError.cannotStart(
                    node: role == .worker ? "\(needed) workers" : "the controller",
                    reason: "there is room for \(others + coming + got)"
                        + (notes.isEmpty ? "" : ": " + notes.joined(separator: "; ")))
            }
        }
        return FleetStart(machines: machines, notes: notes)
    }

    // MARK: - What there is

    private struct Stock {
        var unclaimed: [Role: Int] = [:]
        var claimedWorkers = 0
    }

    /// Counts what is alive, what was answered but can't be seen yet, and what was asked for
    /// without an answer: that is asked for again, and with the same token makes nothing twice.
    private mutating func takeStock() async throws -> Stock {
        for record in try await book.records() {
            lastNumber = max(lastNumber, record.number)
            if record.isOpen, caller.clock.now() < fleet.leaseEndsAt { _ = try await ask(record) }
        }
        let seen = try await instances.all(of: fleet.name)
        let claimed = try await instances.nodes(of: fleet.name)
        var stock = Stock()
        for instance in seen where InstanceStates.alive.contains(instance.state) {
            let role = Role(rawValue: instance.tag(FleetTags.role) ?? "") ?? .worker
            if let node = claimed[instance.instanceID], fleet.nodes.contains(node) {
                if role == .worker { stock.claimedWorkers += 1 }
            } else {
                stock.unclaimed[role, default: 0] += 1
            }
        }
        let visible = Set(seen.map(\.instanceID))
        let youngest = caller.clock.now() - LaunchRecord.horizon
        for record in try await book.records() where record.requestedAt > youngest {
            stock.unclaimed[record.role, default: 0] += record.instances.count {
                !visible.contains($0)
            }
        }
        return stock
    }

    // MARK: - Asking

    /// Gets up to so many machines; how many it got.
    private mutating func acquire(_ count: Int, for role: Role) async throws -> Int {
        guard count > 0 else { return 0 }
        let onSpot = role == .worker || settings.controllerIsSpot
        let kind: LaunchRecord.Kind =
            role == .controller || settings.capacity != "spot-fleet"
            ? .instantFleet
            : settings.spotFleetType == "maintain" ? .spotFleetMaintain : .spotFleetRequest
        var missing = count
        if onSpot { missing -= try await rounds(missing, role, kind, isSpot: true) }
        if missing > 0, !onSpot || (role == .worker && settings.onDemandFallback) {
            missing -= try await rounds(missing, role, .instantFleet, isSpot: false)
        }
        if missing > 0, count > missing || role == .worker {
            notes.append("\(missing) of \(count) could not be had")
        }
        return count - missing
    }

    /// Asks up to three times, each time without the pools that had nothing left.
    private mutating func rounds(
        _ count: Int, _ role: Role, _ kind: LaunchRecord.Kind, isSpot: Bool
    ) async throws -> Int {
        let template = try await templates.template(role, userData(role))
        var pools = (role == .controller ? plan.controllerPools : plan.pools).map(\.record)
        var missing = count
        var unseen = 0
        while missing > 0, !pools.isEmpty, lastNumber < 9_000 {
            lastNumber += 1
            let record = LaunchRecord(
                number: lastNumber, role: role, kind: kind, isSpot: isSpot,
                templateId: template.id, templateVersion: template.version, pools: pools,
                target: missing,
                fleetRole: kind == .instantFleet ? nil : plan.foundation.spotFleetRole,
                validUntil: kind == .instantFleet ? nil : fleet.leaseEndsAt,
                token: fleet.token("n\(lastNumber)"), requestedAt: caller.clock.now(),
                requestId: nil, instances: [], isRefused: false)
            try await book.put(record)
            let answer = try await ask(record)
            missing -= answer.count
            note(answer.errors, isSpot: isSpot)
            // A spot fleet looks into all its pools by itself.
            guard missing > 0, kind == .instantFleet else { break }
            if answer.count == 0, !answer.errors.isEmpty, answer.errors.allSatisfy(\.isNotSeenYet) {
                unseen += 1
                guard unseen < 12 else { break }
                try await caller.clock.sleep(.seconds(5))
                continue
            }
            let empty = Set(answer.errors.compactMap(\.pool))
            // Where no pool is to blame, it is a quota, and asking again brings nothing.
            guard !empty.isEmpty, !answer.errors.contains(where: \.isQuota) else { break }
            pools.removeAll(where: empty.contains)
        }
        return count - missing
    }

    private mutating func note(_ errors: [Shortage], isSpot: Bool) {
        for (code, same) in Dictionary(grouping: errors.filter { !$0.isNotSeenYet }, by: \.code)
            .sorted(by: { $0.key < $1.key })
        {
            let places = Set(same.compactMap(\.pool)).count
            let market = isSpot ? "spot" : "on-demand"
            let place = places > 0 ? " in \(places) pools" : ""
            let words = same.first?.message.map { ", \($0)" } ?? ""
            notes.append("\(market) \(code)\(place)\(words)")
        }
    }

    // MARK: - One question

    /// What came of a question.
    private struct Yield {
        var count: Int
        var errors: [Shortage]
    }

    private mutating func ask(_ record: LaunchRecord) async throws -> Yield {
        var record = record
        do {
            switch record.kind {
            case .instantFleet:
                let answer = try await caller.send(call(record), fresh: true)
                record.requestId = answer.fleetID
                record.instances = answer.instances.flatMap(\.instanceIDs)
                try await book.put(record)
                instances.launched.keep(
                    record.instances, of: fleet.name, at: caller.clock.now())
                if !record.instances.isEmpty { fleetIDs.append(answer.fleetID) }
                return Yield(
                    count: record.instances.count, errors: answer.errors.map(Shortage.init))
            case .spotFleetRequest, .spotFleetMaintain:
                let id = try await caller.send(spotCall(record), fresh: true)
                record.requestId = id
                try await book.put(record)
                return try await wait(for: record, id)
            }
        } catch let error as CallError where error.stop == .answer && error.fault != nil {
            record.isRefused = true
            try await book.put(record)
            guard let shortage = Shortage(error) else { throw error }
            return Yield(count: 0, errors: [shortage])
        }
    }

    private func overrides(_ record: LaunchRecord) -> [FleetTemplate] {
        [
            FleetTemplate(
                LaunchTemplateSpecification(id: record.templateId, version: record.templateVersion),
                overrides: record.pools.map {
                    FleetOverride(instanceType: $0.type, subnetID: $0.subnet)
                })
        ]
    }

    private func call(_ record: LaunchRecord) -> CreateFleet {
        CreateFleet(
            kind: .instant, templates: overrides(record), target: record.target,
            lifecycle: record.isSpot ? .spot : .onDemand,
            spotStrategy: "price-capacity-optimized", onDemandStrategy: "lowest-price",
            tagSpecifications: tags.specifications(record.role, "fleet"),
            clientToken: ClientToken(record.token))
    }

    private func spotCall(_ record: LaunchRecord) -> RequestSpotFleet {
        RequestSpotFleet(
            fleetRoleARN: record.fleetRole ?? "", templates: overrides(record),
            target: record.target,
            kind: record.kind == .spotFleetMaintain ? .maintain : .request,
            validUntil: record.validUntil, terminatesAtEnd: true,
            tagSpecifications: tags.specifications(record.role, "spot-fleet-request"),
            clientToken: ClientToken(record.token))
    }

    /// Waits until a spot fleet has its machines, or has had long enough to find them.
    private func wait(for record: LaunchRecord, _ id: String) async throws -> Yield {
        let deadline = caller.clock.elapsed() + .seconds(120)
        var pause = Duration.seconds(4)
        while true {
            let found = try await caller.pages(of: DescribeSpotFleetInstances(id))
                .flatMap(\.instances).map(\.instanceID)
            if found.count >= record.target || caller.clock.elapsed() + pause > deadline {
                var record = record
                record.instances = found
                try await book.put(record)
                instances.launched.keep(found, of: fleet.name, at: caller.clock.now())
                guard found.count < record.target else {
                    return Yield(count: found.count, errors: [])
                }
                return Yield(count: found.count, errors: try await settle(record, id))
            }
            try await caller.clock.sleep(pause)
            pause = min(pause * 1.5, .seconds(15))
        }
    }

    /// Ends a request that found too little, keeping what it found, and says why it was too little.
    ///
    /// Machines that came after we looked elsewhere would be more than was asked for.
    private func settle(_ record: LaunchRecord, _ id: String) async throws -> [Shortage] {
        let events = try await caller.pages(
            of: DescribeSpotFleetRequestHistory(id, since: record.requestedAt, eventType: "error")
        ).flatMap(\.events)
        if record.kind == .spotFleetRequest {
            _ = try await caller.send(CancelSpotFleetRequests([id], terminateInstances: false))
        }
        return events.prefix(20).map {
            Shortage(code: $0.subtype ?? $0.type, message: $0.description, pool: nil)
        }
    }
}

/// Why a pool, or all of them, gave less than was asked for.
struct Shortage: Sendable, Equatable {
    let code: String
    let message: String?
    let pool: PoolRecord?

    init(code: String, message: String?, pool: PoolRecord?) {
        self.code = code
        self.message = message
        self.pool = pool
    }

    init(_ error: PoolError) {
        let type = error.override?.instanceType
        let subnet = error.override?.subnetID
        self.init(
            code: error.code, message: error.message,
            pool: type.flatMap { type in subnet.map { PoolRecord(type: type, subnet: $0) } })
    }

    /// The shortage that a refused call tells of; `nil` when the refusal is for another reason.
    init?(_ error: CallError) {
        guard let fault = error.fault, Self.codes.contains(fault.code) else { return nil }
        self.init(code: fault.code, message: fault.message, pool: nil)
    }

    var isNotSeenYet: Bool { EC2Caller.isNotSeenYet(code: code, message: message ?? "") }
    var isQuota: Bool { code.hasSuffix("CountExceeded") || code.hasSuffix("LimitExceeded") }

    private static let codes: Set<String> = [
        "InsufficientInstanceCapacity", "UnfulfillableCapacity", "MaxSpotInstanceCountExceeded",
        "VcpuLimitExceeded", "InstanceLimitExceeded", "InsufficientFreeAddressesInSubnet",
        "MaxSpotFleetRequestCountExceeded", "SpotMaxPriceTooLow", "InsufficientCapacity",
    ]
}
