// What instances have cost: the seconds they ran, times the spot price as it was then, or the price
// on demand.

internal import AWS
internal import FoundationEssentials
internal import Units

/// Prices of spot instances over some time.
struct SpotPrices: Sendable {
    /// Changes by pool, earliest first.
    private let changes: [PoolKey: [(since: Date, price: Money)]]

    init(_ prices: [SpotPrice]) {
        var changes: [PoolKey: [(since: Date, price: Money)]] = [:]
        for price in prices.sorted(by: { $0.time < $1.time }) {
            guard let money = Money(decimal: price.price) else { continue }
            let key = PoolKey(type: price.instanceType, zone: price.availabilityZone)
            changes[key, default: []].append((price.time, money))
        }
        self.changes = changes
    }

    /// The prices of some types from a moment on.
    static func read(
        _ caller: EC2Caller, types: [String], since: Date
    ) async throws -> SpotPrices {
        guard !types.isEmpty else { return SpotPrices([]) }
        let call = DescribeSpotPriceHistory(
            instanceTypes: Set(types).sorted(), productDescriptions: ["Linux/UNIX"],
            startTime: since)
        return SpotPrices(try await caller.pages(of: call).flatMap(\.prices))
    }

    /// What an hour costs now.
    func current(_ pool: PoolKey) -> Money? { changes[pool]?.last?.price }

    /// What a pool's instance cost from one moment to another; `nil` without any price.
    func cost(_ pool: PoolKey, from start: Date, to end: Date) -> Money? {
        guard let changes = changes[pool], let first = changes.first else { return nil }
        var total = Money.zero
        var price = first.price
        var since = start
        for change in changes where change.since < end {
            if change.since > since {
                total = total + price.anHour(for: .seconds(change.since.timeIntervalSince(since)))
                since = change.since
            }
            price = change.price
        }
        return total + price.anHour(for: .seconds(max(0, end.timeIntervalSince(since))))
    }
}

/// What an hour of types costs on demand.
enum OnDemandPrices {
    /// The prices of some types; those that AWS does not tell, or not to this user, are left out.
    static func read(
        _ caller: EC2Caller, types: [String], region: String
    ) async -> [String: Money] {
        let found = try? await inParallel(Set(types).sorted()) { type -> (String, Money)? in
            // It is nice to know, and not worth waiting for.
            let answer = try? await caller.client.send(
                GetProducts.linuxInstance(type, region: region), within: .seconds(10))
            let prices = answer?.products.compactMap { $0.dollarsAnHour.flatMap(Money.init) }
            return prices?.first { $0 > .zero }.map { (type, $0) }
        }
        return Dictionary((found ?? []).compactMap(\.self), uniquingKeysWith: { $1 })
    }
}

extension Instance {
    var pool: PoolKey { PoolKey(type: instanceType, zone: availabilityZone ?? "") }
    var isSpot: Bool { instanceLifecycle == "spot" }
}

extension FleetCost {
    /// What a fleet's instances have cost until now.
    ///
    /// One that has ended counts until now, too: EC2 tells when it ended in words only.
    static func of(
        _ instances: [Instance], _ caller: EC2Caller, region: String
    ) async throws -> FleetCost? {
        guard let first = instances.compactMap(\.launchTime).min() else { return nil }
        let (spot, others) = (instances.filter(\.isSpot), instances.filter { !$0.isSpot })
        let spotPrices = try await SpotPrices.read(
            caller, types: spot.map(\.instanceType), since: first)
        let onDemand = await OnDemandPrices.read(
            caller, types: others.map(\.instanceType), region: region)
        let now = caller.clock.now()
        let costs = instances.map { instance -> Money? in
            guard let began = instance.launchTime else { return nil }
            guard !instance.isSpot else {
                return spotPrices.cost(instance.pool, from: began, to: now)
            }
            let age = Duration.seconds(max(0, now.timeIntervalSince(began)))
            return onDemand[instance.instanceType]?.anHour(for: age)
        }
        let hourly = instances.filter { InstanceStates.alive.contains($0.state) }.map {
            $0.isSpot ? spotPrices.current($0.pool) : onDemand[$0.instanceType]
        }
        return FleetCost(
            total: costs.compactMap(\.self).reduce(.zero, +),
            hourly: hourly.compactMap(\.self).reduce(.zero, +),
            unpriced: costs.count { $0 == nil })
    }
}
