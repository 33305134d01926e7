// What a node knows of itself: who it is, what it has, and whether it is to end.

internal import FoundationEssentials
package import JMeter
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
    /// Who knows whether this machine is to be taken away, where anybody does.
    package let outlook: (any OutlookSource)?

    package init(
        store: any StoreWithLog, fleet: FleetRecord, node: String, role: Role, folder: String,
        address: String, machine: String, installation: JMeterInstallation, javaVersion: String,
        loadfleetVersion: String, environment: [String: String],
        outlook: (any OutlookSource)? = nil
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
        self.outlook = outlook
    }

    var fleetKeys: FleetKeys { FleetKeys(fleet.name) }
    var tuning: NodeTuning { fleet.tuning }
    var pollInterval: Duration { max(.seconds(tuning.pollSeconds), store.recommendedPoll) }

    /// What of one kind the nodes of a fleet together write in a second, where writing costs money.
    private static let writesPerSecond = 100

    /// How often one of `nodes` writes something that all of them write: as usual, and the less
    /// often the more there are, but at least once in `limit`.
    ///
    /// In a folder, whose objects may be looked at many times a second, writing costs nothing.
    func writeInterval(usual: Duration, limit: Duration, nodes: Int) -> Duration {
        guard store.recommendedPoll >= .seconds(1) else { return usual }
        return max(usual, min(limit, .seconds(nodes) / Self.writesPerSecond))
    }

    /// How often the node says that it is alive: several times before it would count as lost.
    var heartbeatInterval: Duration {
        writeInterval(
            usual: .seconds(tuning.heartbeatSeconds), limit: .seconds(tuning.lostAfterSeconds) / 4,
            nodes: fleet.nodes.count)
    }
}

/// Why an agent ended.
package enum AgentEnding: String, Sendable {
    /// By a signal.
    case told
    /// Its fleet was taken down without it.
    case gone
    case lease
    /// Its machine is taken away.
    case interrupted
}

/// Whether a node is to end, and why.
///
/// Loops look at it between any two steps.
final class NodeLife: Sendable {
    private let state = Mutex<(ending: AgentEnding, since: ContinuousClock.Instant)?>(nil)

    /// Of the two minutes that an interrupted machine has, those in which it tries to deliver.
    private static let interruptedTime: Duration = .seconds(100)

    var ending: AgentEnding? { state.withLock { $0?.ending } }

    func end(_ ending: AgentEnding) {
        state.withLock { $0 = $0 ?? (ending, .now) }
    }

    /// Whether to try again what has failed so often: for as long as the node lives, and a few
    /// times more, or for as long as its machine is left to it.
    func mayTry(after attempts: Int) -> Bool {
        guard let (ending, since) = state.withLock({ $0 }) else { return true }
        return attempts < 3
            || (ending == .interrupted && .now - since < Self.interruptedTime)
    }

    /// Sleeps, but not into the node's end.
    func sleep(for duration: Duration) async {
        let deadline = ContinuousClock.now + duration
        while ending == nil, case let left = deadline - ContinuousClock.now, left > .zero {
            try? await Task.sleep(for: min(left, .milliseconds(100)))
        }
    }
}
