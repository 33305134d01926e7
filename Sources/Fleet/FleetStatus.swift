// What is asked of a fleet's life, and what it says about a fleet.

internal import FoundationEssentials
package import Store

/// What `up` is asked for.
package struct FleetSpec: Sendable, Equatable {
    package var name: String
    package var provider: String
    package var workers: Int
    /// The number of workers worth going on with, where a provider can't have all of them.
    package var minWorkers: Int
    package var lease: Duration
    package var readyTimeout: Duration
    package var tuning: NodeTuning
    package var requestedBy: String

    package init(
        name: String, provider: String, workers: Int, minWorkers: Int? = nil, lease: Duration,
        readyTimeout: Duration, tuning: NodeTuning, requestedBy: String
    ) {
        self.name = name
        self.provider = provider
        self.workers = workers
        self.minWorkers = minWorkers ?? workers
        self.lease = lease
        self.readyTimeout = readyTimeout
        self.tuning = tuning
        self.requestedBy = requestedBy
    }

    func record(at now: Date) -> FleetRecord {
        FleetRecord(
            name: name, provider: provider, controller: "controller",
            workers: (1...workers).map { "worker-\($0)" }, createdAt: now, createdBy: requestedBy,
            leaseEndsAt: now + TimeInterval(lease.components.seconds), tuning: tuning)
    }
}

/// A fleet that came up.
package struct UpReport: Sendable, Equatable {
    package var fleet: FleetRecord
    /// The nodes that were started.
    package var started: [String]
    /// What a person should know: workers there was no room for, nodes that were replaced.
    package var notes: [String]
}

/// What `down` gave back.
package struct DownReport: Sendable, Equatable {
    package var ended: [FleetMachine]
    package var cost: FleetCost?
}

/// How far `up` is.
package struct UpProgress: Sendable, Equatable {
    package var running: Int
    package var ready: Int
    package var wanted: Int
    /// Nodes whose machine was replaced by another one.
    package var replaced: Int
    package var elapsed: Duration
}

/// A fleet and how it does.
package struct FleetStatus: Sendable, Equatable {
    package struct Node: Sendable, Equatable {
        package var name: String
        package var role: Role
        package var machine: FleetMachine?
        package var isRegistered: Bool
        /// Whether it has given a sign of life.
        package var isHeard: Bool
        /// Whether its last sign of life is older than is allowed.
        package var isSilent: Bool
        /// What it is and has; read for a status only.
        package var registration: NodeRegistration?
        /// What it said last; read for a status only.
        package var heartbeat: Heartbeat?

        /// Whether its machine is there, and it says that it works.
        package var isReady: Bool {
            machine?.isEnding == false && isRegistered && isHeard && !isSilent
        }
    }

    package var fleet: FleetRecord
    package var nodes: [Node]
    package var currentRun: CurrentRun?
}
