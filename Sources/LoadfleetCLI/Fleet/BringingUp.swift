// Bringing nodes up, as `up` does it and `run` does it for nodes that were lost: what they run is
// put where they fetch it, and how far they are is shown.
import Fleet
import FoundationEssentials
import Store

extension Workplace {
    /// The fleet's life with all that is needed to start nodes.
    ///
    /// `provider` is the one that has planned already, on EC2.
    ///
    /// - Throws: errors of the rooms.
    func lifeThatStarts(_ provider: EC2Provider? = nil) async throws -> FleetLife {
        guard let ec2 else { return life }
        let software = try await ec2.placeSoftware(of: try installation())
        return FleetLife(
            store: ec2.store, provider: (provider ?? ec2.provider()).with(software))
    }

    /// Starts the nodes of a fleet that are gone, as the fleet was made.
    ///
    /// - Throws: ``FleetError/notHealed(reason:)`` and errors of the rooms.
    func replaceLost(of fleet: FleetRecord, _ output: Output) async throws {
        var spec = try spec()
        spec.name = fleet.name
        spec.workers = fleet.workers.count
        spec.minWorkers = fleet.workers.count
        spec.tuning = fleet.tuning
        try await lifeThatStarts().up(spec, shownOn: output).notes.forEach(output.warn)
    }
}

extension FleetLife {
    /// Brings a fleet up and shows how far it is.
    ///
    /// - Throws: ``FleetError``.
    func up(_ spec: FleetSpec, shownOn output: Output) async throws -> UpReport {
        let shown = SharedLine(ProgressLine(output))
        defer { shown.clear() }
        return try await up(spec) { progress in
            let replaced = progress.replaced > 0 ? ", \(progress.replaced) replaced" : ""
            shown.show(
                "nodes \(progress.running)/\(progress.wanted) running, "
                    + "\(progress.ready) ready\(replaced), \(clock(progress.elapsed))")
        }
    }
}
