// What a run leaves in the store while it goes on, from the wish to the word to stop; what comes of it
// is in OutcomeRecords.

package import FoundationEssentials

/// One execution of a plan, as asked for.
package struct RunRequest: Record, Equatable {
    package var id: String
    package var fleet: String
    package var mode: Mode
    package var controller: String
    /// The workers that take part; a worker's place in the list is its index in the share-out.
    package var workers: [String]
    /// The plan's file in the bundle.
    package var plan: String
    /// The plan's path as the user gave it.
    package var planPath: String
    /// Every file of the bundle.
    package var files: [BundledFile]
    /// The stated totals hold for each worker, not for the fleet.
    package var perWorker: Bool
    package var properties: [String: String]
    /// Threads of each worker, in the order of `workers`; setUp and tearDown apart.
    package var threads: [Int]
    package var requestedAt: Date
    package var requestedBy: String
    /// How long the workers may take to get ready.
    package var readySeconds: Double
    /// How long the load may last.
    package var deadlineSeconds: Double
    /// How long an orderly stop may take before JMeter is killed.
    package var stopSeconds: Double
    /// Where setUp and tearDown groups run; without it once, or with `perWorker` on all.
    package var setup: RunSetup?
    /// The samples per second of the whole fleet, in place of the plan's throughput timers.
    package var rps: String?
    /// What the fleet's nodes run.
    package var jmeterVersion: String?
    package var javaVersion: String?
    /// What is watched while the run goes on; without it, nothing is.
    package var watch: RunWatch?
    /// How many workers must be ready at the deadline for the run to begin without the others; all
    /// of them where absent.
    package var minWorkers: Int?
    /// What becomes of the run when a worker is lost; it goes on where absent.
    package var onWorkerLoss: WorkerLossPolicy?

    package init(
        id: String, fleet: String, mode: Mode, controller: String, workers: [String], plan: String,
        planPath: String, files: [BundledFile], perWorker: Bool, properties: [String: String],
        threads: [Int], requestedAt: Date, requestedBy: String, readySeconds: Double,
        deadlineSeconds: Double, stopSeconds: Double, setup: RunSetup? = nil, rps: String? = nil
    ) {
        self.id = id
        self.fleet = fleet
        self.mode = mode
        self.controller = controller
        self.workers = workers
        self.plan = plan
        self.planPath = planPath
        self.files = files
        self.perWorker = perWorker
        self.properties = properties
        self.threads = threads
        self.requestedAt = requestedAt
        self.requestedBy = requestedBy
        self.readySeconds = readySeconds
        self.deadlineSeconds = deadlineSeconds
        self.stopSeconds = stopSeconds
        self.setup = setup
        self.rps = rps
    }
}

/// What the controller watches while a run goes on.
package struct RunWatch: Codable, Sendable, Equatable {
    /// Gates as they were written; those on windows are judged second by second, and those that
    /// abort end the run.
    package var gates: [String]
    /// How long after the start windows are not judged.
    package var graceSeconds: Double
    /// A condition in its bad state that ends the run, `errors > 90% over 60s`; nil for none.
    package var autoStop: String?
    /// How percentiles are made: a word of the command line's `--percentile`.
    package var percentile: String?

    package init(
        gates: [String], graceSeconds: Double = 0, autoStop: String? = nil,
        percentile: String? = nil
    ) {
        self.gates = gates
        self.graceSeconds = graceSeconds
        self.autoStop = autoStop
        self.percentile = percentile
    }
}

/// What becomes of a run that loses a worker.
package enum WorkerLossPolicy: String, Codable, Sendable, CaseIterable {
    case goOn = "continue"
    case stop
}

/// Where a plan's setUp and tearDown groups run.
package enum RunSetup: String, Codable, Sendable, CaseIterable {
    /// On the first worker.
    case once
    /// On every worker.
    case all
}

/// A file that goes with the plan.
package struct BundledFile: Codable, Sendable, Equatable {
    package enum Kind: String, Codable, Sendable {
        case plan
        case properties
        /// Each worker gets its own records of it, dealt one after another.
        case split
        /// Each worker gets its own records of it, in one stretch.
        case uniqueBlock = "unique-block"
        /// Each worker gets the whole of it.
        case copy
    }

    /// Where it stands relative to the plan.
    package var name: String
    package var kind: Kind
    package var bytes: Int64

    package init(name: String, kind: Kind, bytes: Int64) {
        self.name = name
        self.kind = kind
        self.bytes = bytes
    }
}

/// How far a node is with a run.
package struct NodeProgress: Record, Equatable {
    package enum Phase: String, Codable, Sendable {
        case preparing
        case ready
        case running
        case delivering
        case ended
    }

    package var node: String
    package var phase: Phase
    package var at: Date
    /// Where the node's JMeter server listens, as `address:port`; in remote mode, once ready.
    package var serverAddress: String?
    /// Among how many workers the plan was shared out for this one, once it is ready.
    package var sharedAmong: Int?

    package init(
        node: String, phase: Phase, at: Date, serverAddress: String? = nil, sharedAmong: Int? = nil
    ) {
        self.node = node
        self.phase = phase
        self.at = at
        self.serverAddress = serverAddress
        self.sharedAmong = sharedAmong
    }
}

/// The workers with which a run goes on, where others were not ready in time: those named here share
/// the plan out among themselves, get ready anew and wait for the start; the others are done.
package struct Muster: Record, Equatable {
    /// In the order of the request.
    package var workers: [String]

    package init(workers: [String]) { self.workers = workers }
}

extension RunRequest {
    /// The same run without those workers.
    package func without(_ absent: [String]) -> RunRequest {
        among(workers.filter { !absent.contains($0) })
    }

    /// The same run with some of its workers only, who share its load among themselves.
    package func among(_ present: [String]) -> RunRequest {
        guard present != workers else { return self }
        var request = self
        request.workers = workers.filter(present.contains)
        guard perWorker else {
            // Threads are dealt like cards, and so the workers' sums differ by one at most.
            let total = threads.reduce(0, +)
            let count = max(1, request.workers.count)
            request.threads = request.workers.indices.map {
                total / count + ($0 < total % count ? 1 : 0)
            }
            return request
        }
        request.threads = zip(workers, threads).filter { present.contains($0.0) }.map(\.1)
        return request
    }
}

/// The signal to start, given once all are ready.
package struct GoSignal: Record, Equatable {
    /// The moment at which every worker starts, by its own clock.
    package var startAt: Date
    /// The workers that take part, where some were not ready; the plan is shared out among these.
    package var workers: [String]?

    package init(startAt: Date, workers: [String]? = nil) {
        self.startAt = startAt
        self.workers = workers
    }
}

/// The wish that a run stops before its plan ends.
package struct StopRequest: Record, Equatable {
    package var by: String
    package var at: Date
    /// Do not let samples in flight finish.
    package var now: Bool

    package init(by: String, at: Date, now: Bool) {
        self.by = by
        self.at = at
        self.now = now
    }
}
