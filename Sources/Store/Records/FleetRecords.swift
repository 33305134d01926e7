// What a fleet leaves in the store while it lives.

package import FoundationEssentials

/// What a node does in a fleet.
package enum Role: String, Codable, Sendable {
    case controller
    case worker
}

/// How a fleet drives a run.
package enum Mode: String, Codable, Sendable, CaseIterable {
    /// Every worker runs its share by itself; started together, merged afterwards.
    case standalone
    /// JMeter's own distributed testing: the controller is the client, the workers are servers.
    case remote
}

/// A fleet as `up` made it.
package struct FleetRecord: Record, Equatable {
    package var name: String
    /// The provider's kind: `local` or `ec2`.
    package var provider: String
    package var controller: String
    package var workers: [String]
    package var createdAt: Date
    /// Who made it, as `user@host`.
    package var createdBy: String
    /// When every node ends itself.
    package var leaseEndsAt: Date
    package var tuning: NodeTuning

    package var nodes: [String] { [controller] + workers }

    package init(
        name: String, provider: String, controller: String, workers: [String], createdAt: Date,
        createdBy: String, leaseEndsAt: Date, tuning: NodeTuning
    ) {
        self.name = name
        self.provider = provider
        self.controller = controller
        self.workers = workers
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.leaseEndsAt = leaseEndsAt
        self.tuning = tuning
    }
}

/// What every node of a fleet must know to do its work.
package struct NodeTuning: Codable, Sendable, Equatable {
    package var jmeterHome: String
    package var javaPath: String
    /// The Java heap of each JMeter process.
    package var heapBytes: Int64
    package var heartbeatSeconds: Double
    /// Silence after which a node counts as lost.
    package var lostAfterSeconds: Double
    /// How often a node looks for news in the store.
    package var pollSeconds: Double
    /// How often a node delivers the samples it has.
    package var deliverySeconds: Double
    /// The TCP ports RMI may use, first and last; free ones of the kernel's choice where absent.
    package var rmiPorts: [Int]?

    package init(
        jmeterHome: String, javaPath: String, heapBytes: Int64, heartbeatSeconds: Double,
        lostAfterSeconds: Double,
        pollSeconds: Double, deliverySeconds: Double, rmiPorts: [Int]?
    ) {
        self.jmeterHome = jmeterHome
        self.javaPath = javaPath
        self.heapBytes = heapBytes
        self.heartbeatSeconds = heartbeatSeconds
        self.lostAfterSeconds = lostAfterSeconds
        self.pollSeconds = pollSeconds
        self.deliverySeconds = deliverySeconds
        self.rmiPorts = rmiPorts
    }
}

/// The word of a machine that it is a certain node of its fleet.
///
/// Machines of one fleet are made alike, so each finds itself a name; who creates the claim has it.
package struct NodeClaim: Record, Equatable {
    package var node: String
    /// What the provider calls the machine.
    package var machine: String
    package var at: Date

    package init(node: String, machine: String, at: Date) {
        self.node = node
        self.machine = machine
        self.at = at
    }
}

/// A node that is up and knows what it has.
package struct NodeRegistration: Record, Equatable {
    package var node: String
    package var role: Role
    /// What the provider calls the machine: an instance id, or a process on this one.
    package var machine: String
    /// The IPv4 address at which the fleet's other nodes reach it.
    package var address: String
    package var jmeterVersion: String
    package var javaVersion: String
    package var loadfleetVersion: String
    package var registeredAt: Date

    package init(
        node: String, role: Role, machine: String, address: String, jmeterVersion: String,
        javaVersion: String, loadfleetVersion: String, registeredAt: Date
    ) {
        self.node = node
        self.role = role
        self.machine = machine
        self.address = address
        self.jmeterVersion = jmeterVersion
        self.javaVersion = javaVersion
        self.loadfleetVersion = loadfleetVersion
        self.registeredAt = registeredAt
    }
}

/// A node's sign of life.
///
/// Watchers judge by `sequence` and their own clock, never by `at`.
package struct Heartbeat: Record, Equatable {
    package var node: String
    package var sequence: Int
    package var at: Date
    /// The run the node works on.
    package var run: String?

    package init(node: String, sequence: Int, at: Date, run: String?) {
        self.node = node
        self.sequence = sequence
        self.at = at
        self.run = run
    }
}

/// The run that has the fleet.
///
/// Who creates it has the fleet; who ends the run deletes it.
package struct CurrentRun: Record, Equatable {
    package var run: String
    package var by: String
    package var since: Date

    package init(run: String, by: String, since: Date) {
        self.run = run
        self.by = by
        self.since = since
    }
}
