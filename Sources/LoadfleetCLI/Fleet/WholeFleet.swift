// A run wants its fleet whole, or whole enough: nodes that are gone are replaced, done without, or
// named with what brings them back.
import Fleet
import Store

extension Workplace {
    /// The fleet, with all of its nodes there; where lost ones are to be replaced, they are.
    ///
    /// - Throws: ``CommandFailure`` where too many are gone, and errors of the rooms.
    func wholeFleet(_ output: Output) async throws -> FleetStatus {
        let name = environment.name
        var status = try await life.status(of: name)
        var gone = status.nodes.filter { !$0.isReady }.map(\.name)
        if !gone.isEmpty, environment.ec2?.replacesWorkers == true {
            output.note("replacing \(gone.joined(separator: ", "))")
            try await replaceLost(of: status.fleet, output)
            status = try await life.status(of: name)
            gone = status.nodes.filter { !$0.isReady }.map(\.name)
        }
        if let fewest = environment.run.minWorkers {
            try requireEnough(fewest, environment.mode, status, gone)
            gone = gone.filter { $0 == status.fleet.controller }
        }
        guard gone.isEmpty else {
            throw CommandFailure(
                message: "of fleet '\(status.fleet.name)' these nodes are gone: "
                    + gone.joined(separator: ", "),
                hint: "start them again with: loadfleet up --workers "
                    + "\(status.fleet.workers.count) --fleet \(status.fleet.name)")
        }
        return status
    }

    /// Checks a number of workers that is enough against those there are.
    private func requireEnough(
        _ fewest: Int, _ mode: Mode, _ status: FleetStatus, _ gone: [String]
    ) throws {
        let fleet = status.fleet
        guard mode == .standalone else {
            throw UsageFailure(
                message:
                    "--min-workers has no meaning in remote mode, where a run needs all workers",
                hint: "leave --min-workers and 'run.min-workers' out, or run with --mode standalone"
            )
        }
        guard fewest <= fleet.workers.count else {
            throw UsageFailure(
                message: "--min-workers \(fewest) is more than the \(fleet.workers.count) workers "
                    + "of fleet '\(fleet.name)'",
                hint: "ask for \(fleet.workers.count) at most, or bring up a larger fleet")
        }
        let there = fleet.workers.filter { !gone.contains($0) }
        guard there.count >= fewest else {
            throw CommandFailure(
                message: "of fleet '\(fleet.name)' \(there.count) workers are there, fewer than "
                    + "the \(fewest) of --min-workers",
                hint: "start them again with: loadfleet up --workers "
                    + "\(fleet.workers.count) --fleet \(fleet.name)")
        }
    }
}
