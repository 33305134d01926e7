// What instances have cost: the seconds they ran, times the spot price as it was then.

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

extension Instance {
    var pool: PoolKey { PoolKey(type: instanceType, zone: availabilityZone ?? "") }
    var isSpot: Bool { instanceLifecycle == "spot" }
}

extension FleetCost {
    /// What a fleet's instances have cost until now.
    ///
    /// One that has ended counts until now, too: EC2 tells when it ended in words only.
    static func of(
        _ instances: [Instance], _ caller: EC2Caller
    ) async throws -> FleetCost? {
        guard let first = instances.compactMap(\.launchTime).min() else { return nil }
        let spot = instances.filter(\.isSpot)
        let prices = try await SpotPrices.read(
            caller, types: spot.map(\.instanceType), since: first)
        let now = caller.clock.now()
        let costs = spot.map { instance in
            instance.launchTime.flatMap { prices.cost(instance.pool, from: $0, to: now) }
        }
        let alive = spot.filter { InstanceStates.alive.contains($0.state) }
        return FleetCost(
            total: costs.compactMap(\.self).reduce(.zero, +),
            hourly: alive.compactMap { prices.current($0.pool) }.reduce(.zero, +),
            unpriced: instances.count - costs.count { $0 != nil })
    }
}
