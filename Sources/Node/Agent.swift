// What runs on a node: it registers, shows signs of life, and works on the run that has the fleet.
//
// Reading order: `Agent` (a node's life), `RunWork` (what a run gives a node to do), then
// `StandaloneWorker`, `RemoteWorker` and `Conductor` (the three things a node can be in a run),
// which share `LoadProcess` (one JMeter that makes samples, from start to delivered).
//
// Nothing here waits without a deadline: the lease ends everything. A node never talks to the CLI;
// it reads wishes from the store and writes down what became of them.

internal import FoundationEssentials
internal import JMeter
internal import Store
internal import Synchronization

/// A node's agent.
package final class Agent: Sendable {
    private let context: NodeContext
    private let life = NodeLife()
    private let currentRun = Mutex<String?>(nil)
    private let hasWork = Mutex(true)
    private let note: @Sendable (String) -> Void

    /// An agent that reports what it does through `note`, a line at a time.
    package init(_ context: NodeContext, note: @escaping @Sendable (String) -> Void) {
        self.context = context
        self.note = note
    }

    /// Asks the agent to end; the run it works on is stopped and delivered first.
    package func end() { life.end(.told) }

    /// Time after the lease to deliver what there is; then the node ends, store or no store.
    private static let partingTime: Duration = .seconds(30)

    /// Lives until the lease ends, the fleet or the machine does, or ``end()`` is called; returns
    /// which.
    ///
    /// - Throws: when the node cannot register; later troubles with the store are waited out.
    package func live() async throws -> AgentEnding {
        let lease = Duration.seconds(context.fleet.leaseEndsAt.timeIntervalSinceNow)
        // A monotonic deadline: setting the clock must not keep a node alive.
        let leaseEnd = ContinuousClock.now + lease
        try await register()
        note(
            "registered, lease ends at \(context.fleet.leaseEndsAt.formatted(RecordCoding.milliseconds))"
        )
        let tasks = [
            Task { await self.showLife() },
            Task { await self.watchOutlook() },
            Task {
                await self.work()
                self.hasWork.withLock { $0 = false }
            },
        ]
        while hasWork.withLock({ $0 }) {
            if ContinuousClock.now >= leaseEnd { life.end(.lease) }
            // Without a run there is nothing to deliver.
            let parting = currentRun.withLock { $0 } == nil ? .zero : Self.partingTime
            guard ContinuousClock.now < leaseEnd + parting + .seconds(1) else {
                // Whatever hangs ends with this process.
                note("the lease has ended, and not all could be delivered")
                return .lease
            }
            try? await Task.sleep(for: .milliseconds(50))
        }
        for task in tasks {
            task.cancel()
            await task.value
        }
        let ending = life.ending ?? .told
        note("ended: \(ending.rawValue)")
        return ending
    }

    private func register() async throws {
        let registration = NodeRegistration(
            node: context.node, role: context.role, machine: context.machine,
            address: context.address, jmeterVersion: context.installation.version,
            javaVersion: context.javaVersion, loadfleetVersion: context.loadfleetVersion,
            registeredAt: .now)
        try await context.store.put(
            registration, at: context.fleetKeys.registration(of: context.node))
    }

    /// Heartbeats under way at a time: one that hangs must not stop the others.
    private static let beatsAtOnce = 3

    private func showLife() async {
        var sequence = Int(Date.now.timeIntervalSince1970 * 1000)
        let beats = (0..<Self.beatsAtOnce).map { _ in Errand(()) }
        // A node that ends still delivers, and must not count as lost meanwhile.
        while hasWork.withLock({ $0 }) {
            sequence += 1
            let beat = Heartbeat(
                node: context.node, sequence: sequence, at: .now,
                run: currentRun.withLock { $0 })
            _ = beats.contains { $0.send { _ in await self.show(beat) } }
            await pause()
        }
    }

    private func show(_ beat: Heartbeat) async {
        if await fleetIsGone() { life.end(.gone) }
        do {
            try await context.store.put(beat, at: context.fleetKeys.heartbeat(of: context.node))
        } catch {
            note("cannot write the heartbeat: \(sentence(error))")
        }
    }

    /// Sleeps until the next heartbeat is due, or the work is done.
    private func pause() async {
        let next = ContinuousClock.now + context.heartbeatInterval
        while hasWork.withLock({ $0 }), ContinuousClock.now < next {
            try? await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Whether the fleet was taken down without this node hearing of it.
    private func fleetIsGone() async -> Bool {
        do {
            return try await context.store.read(context.fleetKeys.fleet) == nil
        } catch {
            // A store that is away for a moment proves nothing.
            return false
        }
    }

    /// How often AWS asks to look for an interruption.
    private static let outlookPause: Duration = .seconds(5)

    private func watchOutlook() async {
        guard let source = context.outlook else { return }
        var watch = OutlookWatch(source, note: note)
        while life.ending == nil {
            if let end = await watch.end() {
                life.end(.interrupted)
                note(end)
                await tell(end)
                return
            }
            await life.sleep(for: Self.outlookPause)
        }
    }

    /// Puts a line into the live log of the run that this node works on.
    private func tell(_ text: String) async {
        guard let run = currentRun.withLock({ $0 }) else { return }
        do {
            try await context.store.liveLog(of: run).append(
                LiveLines.encode([.event(at: .now, text: "\(context.node): \(text)")]))
        } catch {
            note("cannot write the live log: \(sentence(error))")
        }
    }

    private func work() async {
        var seen: Set<String> = []
        while life.ending == nil {
            do {
                let current = try await context.store.record(
                    CurrentRun.self, at: context.fleetKeys.run)
                if let run = current?.run, seen.insert(run).inserted {
                    currentRun.withLock { $0 = run }
                    await RunWork(context: context, life: life, note: note).perform(run)
                    currentRun.withLock { $0 = nil }
                }
            } catch {
                note("cannot look for work: \(error)")
            }
            await life.sleep(for: context.pollInterval)
        }
    }
}
