// Time, as a fleet's life needs it: the time of day for leases, a clock that only goes forward for
// patience, and a way to wait. A test brings its own and lets hours pass in no time.

package import FoundationEssentials

/// The clocks of a fleet's life.
package struct FleetClock: Sendable {
    /// The time of day.
    package var now: @Sendable () -> Date
    /// The time since some moment, which no setting of clocks moves.
    package var elapsed: @Sendable () -> Duration
    /// Waits.
    package var sleep: @Sendable (Duration) async throws -> Void

    package init(
        now: @escaping @Sendable () -> Date, elapsed: @escaping @Sendable () -> Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.elapsed = elapsed
        self.sleep = sleep
    }

    /// This machine's clocks.
    package static let system: FleetClock = {
        let start = ContinuousClock.now
        return FleetClock(
            now: { Date() }, elapsed: { ContinuousClock.now - start },
            sleep: { try await Task.sleep(for: $0) })
    }()
}
