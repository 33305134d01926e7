// What `up` is about to do and what it will cost, known before anything is made.

package import Units

/// A plan for a fleet on EC2.
package struct EC2Plan: Sendable, Equatable {
    /// A type in a zone: capacity that may or may not be there, at a price of its own.
    package struct Pool: Sendable, Equatable {
        package let type: String
        package let subnet: String
        package let zone: String
        package let vCPUs: Int
        /// What an hour costs on the spot market now; `nil` when AWS does not say.
        package let spotPrice: Money?
        /// What it costs on demand; `nil` when AWS does not say, or nobody needs to know.
        package let onDemandPrice: Money?

        var record: PoolRecord { PoolRecord(type: type, subnet: subnet) }
    }

    /// What instances boot from.
    package struct BootImage: Sendable, Equatable {
        package let id: String
        package let name: String
        package let rootDevice: String
    }

    /// The account's limit of standard spot vCPUs.
    package struct Quota: Sendable, Equatable {
        package let limit: Int
        package let used: Int

        package var left: Int { max(0, limit - used) }
    }

    package let fleet: String
    package let region: String
    package let workers: Int
    package let minWorkers: Int
    package let lease: Duration
    package let image: BootImage
    package let pools: [Pool]
    package let controllerPools: [Pool]
    package let controllerIsSpot: Bool
    package let fillsUpOnDemand: Bool
    /// `nil` when Service Quotas does not say.
    package let quota: Quota?
    /// What there is of this fleet already.
    package let existing: [FleetMachine]
    package let foundation: Foundation
    package let warnings: [String]

    // MARK: - Cost

    /// What an hour costs, with all workers in the cheapest pool and in the dearest.
    ///
    /// `nil` when no price is known.
    package var hourly: ClosedRange<Money>? {
        let prices = pools.compactMap(\.spotPrice).sorted()
        guard let low = prices.first, let high = prices.last else { return nil }
        var range = (low * workers, high * workers)
        let controller = controllerPools.compactMap {
            controllerIsSpot ? $0.spotPrice : $0.onDemandPrice
        }.sorted()
        if let low = controller.first, let high = controller.last {
            range = (range.0 + low, range.1 + high)
        }
        return range.0...range.1
    }

    /// What is not in ``hourly``, in words.
    package var unpriced: [String] {
        var parts: [String] = []
        if !controllerIsSpot, !controllerPools.contains(where: { $0.onDemandPrice != nil }) {
            parts.append("the on-demand controller")
        }
        if fillsUpOnDemand { parts.append("on-demand workers, if spot can't give them all") }
        if pools.contains(where: { $0.spotPrice == nil }) {
            parts.append("pools without a known price")
        }
        return parts
    }

    /// The most that the lease can cost at today's spot prices.
    package var most: Money? { hourly?.upperBound.anHour(for: lease) }

    /// Checks what the lease costs against what it may cost.
    ///
    /// - Throws: ``FleetError/tooExpensive(_:limit:fits:)``.
    package func check(limit: Money?) throws(FleetError) {
        guard let limit, let hourly, let most, most > limit else { return }
        let minutes = limit.lasts(at: hourly.upperBound).components.seconds / 60
        throw .tooExpensive(most, limit: limit, fits: .seconds(minutes * 60))
    }

    // MARK: - Words

    /// The plan as a person reads it, line by line.
    package var lines: [String] {
        var lines = [
            "fleet '\(fleet)' in \(region): 1 controller, \(workers) workers, for "
                + Quantity.text(lease),
            "  image       \(image.id) (\(image.name))",
            "  workers     \(Self.types(pools)) in \(Self.zones(pools)): \(pools.count) pools",
            "  price each  \(priceLine)",
            "  controller  \(Self.types(controllerPools)), "
                + (controllerIsSpot ? "spot" : "on-demand"),
        ]
        if let quota {
            lines.append(
                "  quota       \(quota.left) of \(quota.limit) spot vCPUs are free; this needs "
                    + "\(spotVCPUs)")
        }
        lines.append("  cost        \(costLine)")
        if !existing.isEmpty {
            lines.append(
                "  there is already: " + existing.map(\.description).joined(separator: ", "))
        }
        return lines
    }

    private var priceLine: String {
        let spot = pools.compactMap(\.spotPrice)
        guard let low = spot.min(), let high = spot.max() else { return "not known" }
        let now = "spot \(low == high ? "" : "\(low) to ")\(high)/h"
        guard let cheapest = pools.first(where: { $0.spotPrice == low && $0.onDemandPrice != nil }),
            let full = cheapest.onDemandPrice
        else { return now }
        return "\(now); \(cheapest.type) on demand \(full)/h"
    }

    private var costLine: String {
        guard let hourly, let most else { return "not known: AWS gives no spot prices" }
        let low = "\(hourly.lowerBound)"
        let high = "\(hourly.upperBound)"
        let range = low == high ? "\(high)/h" : "\(low) to \(high)/h"
        let rest = unpriced.isEmpty ? "" : "; without " + unpriced.joined(separator: ", ")
        return "\(range), at most \(most) for the lease\(rest)"
    }

    /// The most spot vCPUs that the fleet may take.
    var spotVCPUs: Int {
        (pools.map(\.vCPUs).max() ?? 0) * workers
            + (controllerIsSpot ? controllerPools.map(\.vCPUs).max() ?? 0 : 0)
    }

    /// The fewest with which the fleet is worth having.
    var leastSpotVCPUs: Int {
        (pools.map(\.vCPUs).min() ?? 0) * minWorkers
            + (controllerIsSpot ? controllerPools.map(\.vCPUs).min() ?? 0 : 0)
    }

    private static func types(_ pools: [Pool]) -> String { unique(pools.map(\.type)) }
    private static func zones(_ pools: [Pool]) -> String { unique(pools.map(\.zone)) }

    private static func unique(_ words: [String]) -> String {
        var seen: Set<String> = []
        let words = words.filter { seen.insert($0).inserted }
        return words.prefix(6).joined(separator: ", ")
            + (words.count > 6 ? " and \(words.count - 6) more" : "")
    }
}
