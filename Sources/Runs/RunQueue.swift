// Waits for a fleet that another run has. Whoever waits holds nothing and is in no line: of several
// who wait, the first to ask after the run's end has the fleet, and the others go on waiting.

package import FoundationEssentials
package import Store

/// The wait for a fleet.
package struct RunQueue: Sendable {
    private let store: any ObjectStore
    private let fleet: String

    package init(store: any ObjectStore, fleet: String) {
        self.store = store
        self.fleet = fleet
    }

    /// Waits until no run has the fleet, its lease has ended, or `leaves` says so, at most for
    /// `limit`.
    ///
    /// `onWait` hears of each run that is waited for, once.
    ///
    /// - Throws: ``RunError/queued(run:by:)`` when the limit passes, and errors of the store.
    package func wait(
        within limit: Duration?, leaseEndsAt: Date, leaves: () -> Bool = { false },
        onWait: (CurrentRun) -> Void
    ) async throws {
        let deadline = limit.map { ContinuousClock.now + $0 }
        let control = RunControl(store: store)
        var told: String?
        while let current = try await control.holder(of: fleet), Date.now < leaseEndsAt, !leaves() {
            if current.run != told {
                told = current.run
                onWait(current)
            }
            if let deadline, ContinuousClock.now >= deadline {
                throw RunError.queued(run: current.run, by: current.by)
            }
            try await Task.sleep(for: max(.milliseconds(500), store.recommendedPoll))
        }
    }
}
