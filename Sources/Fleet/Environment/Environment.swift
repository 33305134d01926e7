// The environment, typed: what the rest of the house works with. Made from effective settings
// only, so every field has been read, limited and checked against the others.

package import Store

/// Where a fleet lives, of what, for how long, and how it runs.
package struct Environment: Sendable, Equatable {
    /// Where nodes come from.
    package enum Provider: String, Sendable, CaseIterable, Codable {
        /// Real processes on this machine.
        case local
        /// Instances of Amazon EC2.
        case ec2
    }

    /// Signs of life.
    package struct Heartbeat: Sendable, Equatable {
        /// The time between two.
        package let interval: Duration
        /// The silence after which a node counts as lost.
        package let lostAfter: Duration
    }

    /// Which JMeter, on which Java.
    package struct JMeterSettings: Sendable, Equatable {
        /// The version it must be, if any.
        package let version: String?
        /// Its folder, absolute; `nil` when it is to be found.
        package let home: String?
        /// The Java heap in bytes.
        package let heapBytes: Int64
        /// Java's folder, absolute; `nil` when it is to be found.
        package let javaHome: String?
    }

    /// The fleet's name.
    package let name: String
    /// The number of workers.
    package let workers: Int
    /// How it runs plans.
    package let mode: Mode
    /// How long it lives from `up`.
    package let lease: Duration
    /// How long `up` waits.
    package let readyTimeout: Duration
    /// Signs of life.
    package let heartbeat: Heartbeat
    /// JMeter and Java.
    package let jmeter: JMeterSettings
    /// Defaults of a run.
    package let run: RunSettings
    /// What only this provider needs.
    package let place: ProviderSettings

    /// Where it lives.
    package var provider: Provider {
        switch place {
        case .local: .local
        case .ec2: .ec2
        }
    }

    /// What only the local provider needs.
    package var local: LocalSettings? {
        if case .local(let settings) = place { settings } else { nil }
    }
    /// What only EC2 needs.
    package var ec2: EC2Settings? { if case .ec2(let settings) = place { settings } else { nil } }
}

/// What only one kind of provider needs.
package enum ProviderSettings: Sendable, Equatable {
    case local(LocalSettings)
    case ec2(EC2Settings)
}

/// What a run takes from its environment.
package struct RunSettings: Sendable, Equatable {
    /// What happens to a data file.
    package enum DataPolicy: String, Sendable, Codable {
        /// Each record goes to exactly one worker, dealt one after another.
        case split
        /// Each record goes to exactly one worker, a stretch of neighbours to each.
        case uniqueBlock = "unique-block"
        /// Each worker gets all of it.
        case copy
    }

    /// How long it may take; without a setting, the lease.
    package let deadline: Duration
    /// How long an orderly stop may take.
    package let stopTimeout: Duration
    /// The gates as written.
    package let gates: [String]
    /// How long after the first sample no gate is judged while the run goes on.
    package let grace: Duration
    /// The condition that ends a run on a dead target as written, in its bad state, or `off`.
    package let autoStop: String
    /// The policy by file name; a file that is not named is split.
    package let data: [String: DataPolicy]
    /// Whether thread counts hold for each worker.
    package let perWorker: Bool
    /// Where setUp and tearDown groups run; without a setting once, or with `perWorker` on all.
    package let setup: RunSetup?
    /// The samples per second of the whole fleet, if it has a rate of its own.
    package let rps: String?
    /// JMeter properties.
    package let properties: [String: String]
    /// Files of JMeter properties, absolute, first to last.
    package let propertiesFiles: [String]
    /// The folder of run folders, absolute.
    package let results: String
    /// The share of load that may be lost, in percent.
    package let maxLossPercent: Double
    /// How many workers must be ready for a run to begin without the others; `nil` for all.
    package let minWorkers: Int?
    /// What becomes of a run that loses a worker.
    package let onWorkerLoss: WorkerLossPolicy
}

/// What only the local provider needs.
package struct LocalSettings: Sendable, Equatable {
    /// The store's folder, absolute.
    package let store: String
    /// The loopback ports of `remote` mode; `nil` for any that are free.
    package let rmiPorts: ClosedRange<UInt16>?
}

/// What only EC2 needs.
package struct EC2Settings: Sendable, Equatable {
    /// How instances are chosen.
    package enum Choice: Sendable, Equatable {
        /// From a list of types.
        case types([String])
        /// By what they must at least have.
        case requirements(vcpus: Int, memoryBytes: Int64)
    }

    /// The region, or `nil` for AWS's own settings.
    package let region: String?
    /// The workers' instances.
    package let choice: Choice
    /// `x86-64` or `arm64`.
    package let architecture: String
    /// The controller's type.
    package let controllerType: String
    /// Whether the controller is a spot instance.
    package let controllerIsSpot: Bool
    /// Image id, or `ssm:` and a parameter's name.
    package let image: String
    /// Subnet ids; none for the default VPC.
    package let subnets: [String]
    /// The security group, or `nil` for the foundation's.
    package let securityGroup: String?
    /// The store's bucket, or `nil` for the foundation's.
    package let bucket: String?
    /// The log group, or `nil` for the foundation's.
    package let logGroup: String?
    /// The nodes' instance profile, or `nil` for the foundation's.
    package let instanceProfile: String?
    /// The root volume in bytes.
    package let volumeBytes: Int64
    /// `ec2-fleet` or `spot-fleet`.
    package let capacity: String
    /// `request` or `maintain`.
    package let spotFleetType: String
    /// Whether on-demand fills up.
    package let onDemandFallback: Bool
    /// The number of workers worth going on with.
    package let minWorkers: Int
    /// The most the lease may cost, in US dollars.
    package let maxCostDollars: Double?
    /// Whether lost workers are replaced.
    package let replacesWorkers: Bool
    /// Tags for everything the fleet makes.
    package let tags: [String: String]
}
