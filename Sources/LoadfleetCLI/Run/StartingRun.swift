// From a checked plan to a run that is over: on the whole fleet, when it is free, followed to its end.
import Fleet
import FoundationEssentials
import JMeter
import Runs
import Store

/// A run that is to be started.
struct StartingRun {
    let invocation: Invocation
    let workplace: Workplace
    let plan: PlanWish
    let properties: RunProperties
    let criteria: RunCriteria
    let outputs: ReportOutputs
    let notifications: Notifications
    let installation: JMeterInstallation
    /// Whether a fleet that another run has is waited for.
    let waits: Bool
    /// Whether the run is followed; else it goes on by itself.
    let follows: Bool

    /// Starts the run, unless somebody asks to end before it has the fleet; what it came to, where
    /// it is followed.
    ///
    /// - Throws: ``RunError/locked(run:by:since:)``, and errors of the rooms.
    func start(heard: Interruption?) async throws -> ExitStatus {
        let began = ContinuousClock.now
        var isTold = false
        while true {
            var fleet = try await workplace.wholeFleet(invocation.output)
            if waits {
                if let ended = try await waitForTurn(fleet.fleet, began) {
                    return ended
                }
                // Nodes may have been lost meanwhile.
                fleet = try await workplace.wholeFleet(invocation.output)
            }
            var prepared = try PreparedRun(
                wish(fleet.fleet), on: fleet.fleet, installation: installation,
                now: invocation.context.now())
            prepared.note(fleet.nodes.first?.registration)
            try criteria.baseline?.requireAlike("this run", prepared.conditions)
            if !isTold {
                isTold = true
                for note in properties.notes + prepared.notes {
                    invocation.output.show(note, plan: plan.path)
                }
            }
            let session = try RunSession(
                invocation, workplace, request: prepared.request, criteria: criteria,
                outputs: outputs, notifications: notifications)
            let submission = Task { [prepared] in try await prepared.submit(to: workplace.store) }
            // From here to the end of following: a run must not be left alone by chance.
            let interruption = Interruption { _ in submission.cancel() }
            if heard?.status != nil { submission.cancel() }
            do {
                try await submission.value
            } catch {
                if let status = interruption.status ?? heard?.status {
                    invocation.output.note("the run was not started")
                    return status
                }
                // Another who waited was faster.
                if waits, case RunError.locked = error { continue }
                throw error
            }
            try session.announce()
            return follows ? try await session.follow(since: began, interruption) : .done
        }
    }

    /// Waits until the fleet is free; what to end with where somebody has asked to end.
    private func waitForTurn(
        _ fleet: FleetRecord, _ began: ContinuousClock.Instant
    ) async throws -> ExitStatus? {
        let interruption = Interruption { _ in }
        let queue = RunQueue(store: workplace.store, fleet: fleet.name)
        try await queue.wait(
            within: invocation.timeout.map { $0 - (.now - began) }, leaseEndsAt: fleet.leaseEndsAt,
            leaves: { interruption.count > 0 }
        ) { current in
            invocation.output.note("waiting for the end of run \(current.run) of \(current.by)")
        }
        return interruption.status
    }

    private func wish(_ fleet: FleetRecord) -> RunWish {
        let environment = workplace.environment
        let leaseLeft = Duration.seconds(fleet.leaseEndsAt.timeIntervalSinceNow)
        var wish = RunWish(
            plan: plan, readyTimeout: environment.readyTimeout,
            deadline: min(environment.run.deadline, leaseLeft),
            stopTimeout: environment.run.stopTimeout, requestedBy: workplace.user,
            watch: criteria.watch(autoStop: environment.run.autoStop))
        wish.minWorkers = environment.run.minWorkers
        wish.onWorkerLoss = environment.run.onWorkerLoss
        return wish
    }
}
