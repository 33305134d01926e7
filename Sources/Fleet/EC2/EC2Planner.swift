// Finds out what a fleet would be made of and what is in the way. Only looks: no call here makes,
// changes or removes anything.

internal import AWS
internal import FoundationEssentials
internal import Units

/// Makes plans.
struct EC2Planner: Sendable {
    let caller: EC2Caller
    let settings: EC2Settings
    let foundation: Foundation
    let region: String

    /// The plan for a fleet.
    ///
    /// - Throws: ``FleetError/impossible(_:hint:)`` when it can't be made, or ``CallError``.
    func plan(
        fleet: String, workers: Int, minWorkers: Int, lease: Duration, existing: [FleetMachine]
    ) async throws -> EC2Plan {
        try checkFoundation()
        var warnings: [String] = []
        let subnets = try await subnets(for: workers + 1)
        let image = try await ImageSearch(caller: caller, settings: settings).image()
        let types = try await types()
        let controllers = try await named([settings.controllerType])
        let prices = try await prices(types, controllers)
        let pools = pools(types, in: subnets, prices)
        guard !pools.isEmpty else {
            throw FleetError.impossible(
                "none of the instance types is to be had in "
                    + subnets.map(\.availabilityZone).joined(separator: ", "),
                hint: "name other types in 'ec2.instance-types' or other subnets")
        }
        if pools.count < 10 {
            warnings.append(
                "\(pools.count) pools are few: spot capacity is likelier with ten or more, so "
                    + "name more instance types")
        }
        let quota = try await quota(known: types + controllers)
        if quota == nil { warnings.append("the quota of spot vCPUs could not be read") }
        let plan = EC2Plan(
            fleet: fleet, region: region, workers: workers, minWorkers: minWorkers, lease: lease,
            image: image, pools: pools,
            controllerPools: self.pools(controllers, in: subnets, prices),
            controllerIsSpot: settings.controllerIsSpot,
            fillsUpOnDemand: settings.onDemandFallback, quota: quota, existing: existing,
            foundation: foundation, warnings: warnings)
        return try checked(plan)
    }

    func checkFoundation() throws(FleetError) {
        let missing = [
            ("ec2.bucket", foundation.bucket), ("ec2.security-group", foundation.securityGroup),
            ("ec2.instance-profile", foundation.nodeProfile),
        ].filter { $0.1 == nil }.map(\.0)
        guard missing.isEmpty else {
            throw .impossible(
                "the account has nothing for: " + missing.joined(separator: ", "),
                hint: "make it once with: loadfleet bootstrap")
        }
        guard settings.capacity != "spot-fleet" || foundation.spotFleetRole != nil else {
            throw .impossible(
                "'capacity: spot-fleet' needs a role that the account does not have",
                hint: "make it once with: loadfleet bootstrap")
        }
    }

    private func checked(_ plan: EC2Plan) throws(FleetError) -> EC2Plan {
        guard !plan.controllerPools.isEmpty else {
            throw .impossible(
                "the controller's type \(settings.controllerType) is not to be had there",
                hint: "name another one in 'ec2.controller-type'")
        }
        guard let quota = plan.quota, plan.spotVCPUs > quota.left, !plan.fillsUpOnDemand else {
            return plan
        }
        guard plan.leastSpotVCPUs <= quota.left else {
            throw .impossible(
                "the fleet needs \(plan.leastSpotVCPUs) spot vCPUs, and of the account's "
                    + "\(quota.limit) there are \(quota.left) left",
                hint: "ask for more (Service Quotas, ec2, L-34B43A08), or take fewer workers")
        }
        return plan
    }

    // MARK: - Where

    /// One subnet a zone, the one with the most room, as fleets want it.
    func subnets(for machines: Int) async throws -> [Subnet] {
        let place = foundation.vpc.map { Filter("vpc-id", $0) } ?? Filter("default-for-az", "true")
        let call =
            foundation.subnets.isEmpty
            ? DescribeSubnets(filters: [place]) : DescribeSubnets(subnetIDs: foundation.subnets)
        let all = try await caller.pages(of: call).flatMap(\.subnets)
        // Of a default VPC those that AWS made: others may have no way out.
        let standard = foundation.subnets.isEmpty ? all.filter(\.isDefaultInZone) : []
        var best: [String: Subnet] = [:]
        for subnet in standard.isEmpty ? all : standard {
            let room = best[subnet.availabilityZone]?.availableAddresses ?? -1
            if subnet.availableAddresses ?? 0 > room { best[subnet.availabilityZone] = subnet }
        }
        let subnets = best.values.sorted { $0.availabilityZone < $1.availabilityZone }
        guard !subnets.isEmpty else {
            throw FleetError.impossible(
                foundation.vpc.map { "VPC \($0) has no subnet" }
                    ?? "there is no default VPC in \(region)",
                hint: "name subnets in 'ec2.subnets', or: loadfleet bootstrap")
        }
        let room = subnets.compactMap(\.availableAddresses).reduce(0, +)
        guard room >= machines else {
            throw FleetError.impossible(
                "the subnets have \(room) free addresses, and the fleet needs \(machines)",
                hint: "name larger subnets, or more of them, in 'ec2.subnets'")
        }
        return subnets
    }

    // MARK: - What

    private func types() async throws -> [InstanceType] {
        switch settings.choice {
        case .types(let names): return try await named(names)
        case .requirements(let vcpus, let memory):
            return try await TypeSearch(caller: caller, architecture: architecture)
                .types(vCPUs: vcpus, memoryBytes: memory)
        }
    }

    private var architecture: String { settings.architecture == "arm64" ? "arm64" : "x86_64" }

    /// Types by name, each of which must exist and have the right processor.
    private func named(_ names: [String]) async throws -> [InstanceType] {
        var types: [InstanceType] = []
        do {
            types = try await caller.pages(of: DescribeInstanceTypes(instanceTypes: names))
                .flatMap(\.types)
        } catch let error as CallError where error.code == "InvalidInstanceType" {
            throw FleetError.impossible(
                error.fault?.message ?? "an instance type does not exist",
                hint: "see 'ec2.instance-types' and 'ec2.controller-type'")
        }
        if let wrong = types.first(where: { !$0.architectures.contains(architecture) }) {
            throw FleetError.impossible(
                "\(wrong.name) is no \(settings.architecture) machine",
                hint: "set 'ec2.architecture', or name other types")
        }
        return types
    }

    /// Prices of today.
    private struct Prices {
        let spot: [PoolKey: Money]
        let onDemand: [String: Money]
    }

    /// Each price on demand is a call of its own, so only those are asked for that will be shown.
    private func prices(
        _ types: [InstanceType], _ controllers: [InstanceType]
    ) async throws -> Prices {
        let call = DescribeSpotPriceHistory(
            instanceTypes: (types + controllers).map(\.name), productDescriptions: ["Linux/UNIX"],
            startTime: caller.clock.now())
        var newest: [PoolKey: SpotPrice] = [:]
        for price in try await caller.pages(of: call).flatMap(\.prices) {
            let key = PoolKey(type: price.instanceType, zone: price.availabilityZone)
            if newest[key].map({ $0.time < price.time }) ?? true { newest[key] = price }
        }
        let spot = newest.compactMapValues { Money(decimal: $0.price) }
        let names = Set(types.map(\.name))
        let cheapest = spot.filter { names.contains($0.key.type) }.min { $0.value < $1.value }
        let shown = controllers.map(\.name) + (cheapest.map { [$0.key.type] } ?? [])
        return Prices(
            spot: spot,
            onDemand: await OnDemandPrices.read(caller, types: shown, region: region))
    }

    /// Every type in every subnet where it is to be had: where it has a price.
    private func pools(
        _ types: [InstanceType], in subnets: [Subnet], _ prices: Prices
    ) -> [EC2Plan.Pool] {
        let all = types.flatMap { type in
            subnets.map { subnet in
                EC2Plan.Pool(
                    type: type.name, subnet: subnet.subnetID, zone: subnet.availabilityZone,
                    vCPUs: type.vCPUs,
                    spotPrice: prices.spot[
                        PoolKey(type: type.name, zone: subnet.availabilityZone)],
                    onDemandPrice: prices.onDemand[type.name])
            }
        }
        let priced = all.filter { $0.spotPrice != nil }
        return priced.isEmpty ? all : priced
    }

    // MARK: - How much of it

    private func quota(known: [InstanceType]) async throws -> EC2Plan.Quota? {
        let limit: Double
        do {
            limit = try await caller.client.send(
                GetServiceQuota(serviceCode: "ec2", quotaCode: "L-34B43A08")
            ).value
        } catch {
            // Without permission to ask, the launch itself will tell.
            return nil
        }
        let running = try await caller.pages(
            of: DescribeInstances(
                filters: [Filter("instance-state-name", "pending", "running")], maxResults: 1_000)
        ).flatMap(\.instances).filter { $0.instanceLifecycle == "spot" }.map(\.instanceType)
        var sizes = Dictionary(
            known.map { ($0.name, $0.vCPUs) }, uniquingKeysWith: { first, _ in first })
        let unknown = Set(running).subtracting(sizes.keys).sorted()
        if !unknown.isEmpty {
            for type in try await caller.pages(
                of: DescribeInstanceTypes(instanceTypes: Array(unknown.prefix(100)))
            ).flatMap(\.types) { sizes[type.name] = type.vCPUs }
        }
        let used = running.reduce(0) { $0 + (sizes[$1] ?? 0) }
        return EC2Plan.Quota(limit: Int(limit), used: used)
    }
}

/// A type in a zone.
struct PoolKey: Hashable, Sendable {
    let type: String
    let zone: String
}
