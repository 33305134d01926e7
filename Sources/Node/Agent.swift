// What runs on a node: it registers, shows signs of life, and works on the run that has the fleet.
//
// Reading order: `Agent` (a node's life), `RunWork` (what a run gives a node to do), then
// `StandaloneWorker`, `RemoteWorker` and `Conductor` (the three things a node can be in a run),
// which share `LoadProcess` (one JMeter that makes samples, from start to delivered).
//
// Nothing here waits without a deadline: the lease ends everything. A node never talks to the CLI;
// it reads wishes from the store and writes down what became of them.

internal import FoundationEssentials
package import JMeter
internal import Machine
package import Store
internal import Synchronization

/// Who a node is and what it has.
package struct NodeContext: Sendable {
    package let store: any StoreWithLog
    package let fleet: FleetRecord
    package let node: String
    package let role: Role
    /// The node's own folder for work in progress.
    package let folder: String
    /// The IPv4 address at which the fleet's other nodes reach it.
    package let address: String
    /// What the provider calls the machine.
    package let machine: String
    package let installation: JMeterInstallation
    package let javaVersion: String
    package let loadfleetVersion: String
    /// The environment children get.
    package let environment: [String: String]

    package init(
        store: any StoreWithLog, fleet: FleetRecord, node: String, role: Role, folder: String,
        address: String, machine: String, installation: JMeterInstallation, javaVersion: String,
        loadfleetVersion: String, environment: [String: String]
    ) {
        self.store = store
        self.fleet = fleet
        self.node = node
        self.role = role
        self.folder = folder
        self.address = address
        self.machine = machine
        self.installation = installation
        self.javaVersion = javaVersion
        self.loadfleetVersion = loadfleetVersion
        self.environment = environment
    }

    var fleetKeys: FleetKeys { FleetKeys(fleet.name) }
    var tuning: NodeTuning { fleet.tuning }
    var pollInterval: Duration { .seconds(tuning.pollSeconds) }
}

/// A node's agent.
package final class Agent: Sendable {
    private let context: NodeContext
    private let life = NodeLife()
    private let currentRun = Mutex<String?>(nil)
    private let note: @Sendable (String) -> Void

    /// An agent that reports what it does through `note`, a line at a time.
    package init(_ context: NodeContext, note: @escaping @Sendable (String) -> Void) {
        self.context = context
        self.note = note
    }

    /// Asks the agent to end; the run it works on is stopped and delivered first.
    package func end() { life.end(.told) }

    /// Lives until the lease ends or ``end()`` is called.
    ///
    /// - Throws: when the node cannot register; later troubles with the store are waited out.
    package func live() async throws {
        let lease = Duration.seconds(context.fleet.leaseEndsAt.timeIntervalSinceNow)
        // A monotonic deadline: setting the clock must not keep a node alive.
        let leaseEnd = ContinuousClock.now + lease
        try await register()
        note(
            "registered, lease ends at \(context.fleet.leaseEndsAt.formatted(RecordCoding.milliseconds))"
        )
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await self.showLife(until: leaseEnd) }
            tasks.addTask { await self.work() }
        }
        note("ended: \(life.ending.map { "\($0)" } ?? "-")")
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

    private func showLife(until leaseEnd: ContinuousClock.Instant) async {
        var sequence = Int(Date.now.timeIntervalSince1970 * 1000)
        let key = context.fleetKeys.heartbeat(of: context.node)
        while life.ending == nil {
            if ContinuousClock.now >= leaseEnd { life.end(.lease) }
            if await fleetIsGone() { life.end(.told) }
            sequence += 1
            let beat = Heartbeat(
                node: context.node, sequence: sequence, at: .now,
                run: currentRun.withLock { $0 })
            do {
                try await context.store.put(beat, at: key)
            } catch {
                note("cannot write the heartbeat: \(error)")
            }
            await life.sleep(for: .seconds(context.tuning.heartbeatSeconds))
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

/// Whether a node is to end, and why.
///
/// Loops look at it between any two steps.
final class NodeLife: Sendable {
    enum Ending: Sendable { case told, lease }

    private let state = Mutex<Ending?>(nil)

    var ending: Ending? { state.withLock { $0 } }

    func end(_ ending: Ending) {
        state.withLock { $0 = $0 ?? ending }
    }

    /// Sleeps, but not into the node's end.
    func sleep(for duration: Duration) async {
        let deadline = ContinuousClock.now + duration
        while ending == nil, case let left = deadline - ContinuousClock.now, left > .zero {
            try? await Task.sleep(for: min(left, .milliseconds(100)))
        }
    }
}
