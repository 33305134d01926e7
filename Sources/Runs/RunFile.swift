// `run.json` in a run folder: who ran what, when, on which versions, and what each worker's part in
// it was. Written for people and scripts alike; keys are only ever added.

package import FoundationEssentials
package import Store

/// What is known of a run beside what it left in the store.
package struct RunSurroundings: Sendable, Equatable {
    /// The SHA-256 of the plan as it was run, in hexadecimal.
    package var planSha256: String?
    /// What the fleet was made from, in words.
    package var environment: String?

    package init(planSha256: String? = nil, environment: String? = nil) {
        self.planSha256 = planSha256
        self.environment = environment
    }
}

/// The record of a run in its folder.
package struct RunFile: Codable, Sendable, Equatable {
    /// What became of one node's part.
    package struct Node: Codable, Sendable, Equatable {
        package var node: String
        package var role: Role
        /// The node's place in the share-out, from 0.
        package var index: Int?
        package var threads: Int?
        package var ending: String
        package var message: String?
        package var jmeterExit: Int32?
        package var startedAt: Date?
        package var endedAt: Date?
        package var firstSampleMs: Int64?
        package var samples: Int
        package var errors: Int
        package var unusableLines: Int
        package var samplesFile: String?
        package var notes: [String]
        /// From the first to the last start of a thread.
        package var rampMs: Int64?
        /// How far its clock was ahead of the controller's; its samples have its own times.
        package var clockOffsetMs: Double?
        /// How its machine and its JMeter fared under the load.
        package var health: HealthSummary?
    }

    package var schemaVersion: String
    package var id: String
    package var fleet: String
    package var mode: Mode
    package var perWorker: Bool
    package var setup: RunSetup?
    package var rps: String?
    package var plan: String
    package var planPath: String
    /// The SHA-256 of the plan as it was run, in hexadecimal.
    package var planSha256: String?
    /// What the fleet was made from, in words.
    package var environment: String?
    package var files: [BundledFile]
    /// Names only: values can be secrets.
    package var properties: [String]
    package var requestedBy: String
    package var requestedAt: Date
    package var endedAt: Date
    package var startSkewMs: Int64?
    package var loadfleetVersion: String
    package var jmeterVersion: String?
    package var javaVersion: String?
    package var nodes: [Node]
    package var lost: [LostNode]
    /// What was lost with nodes that fell silent or were taken away.
    package var losses: [RunLoss]
    /// Workers without which the run began.
    package var absent: [String]
    /// Nodes that were the bottleneck of their own load, with the reason.
    package var saturations: [Saturation]
    /// Workers whose clocks were more than a second off.
    package var wrongClocks: [WrongClock]?
    package var aborted: String?
    /// What the controller watched, and the gates that were broken while the run went on.
    package var watch: RunWatch?
    package var brokenGates: [BrokenGate]?

    package init(
        _ run: FetchedRun, losses: [RunLoss], surroundings: RunSurroundings = .init(),
        loadfleetVersion: String
    ) {
        let request = run.request
        schemaVersion = "1.0"
        id = request.id
        fleet = request.fleet
        mode = request.mode
        perWorker = request.perWorker
        setup = request.setup
        rps = request.rps
        plan = request.plan
        planPath = request.planPath
        planSha256 = surroundings.planSha256
        environment = surroundings.environment
        files = request.files
        properties = request.properties.keys.sorted()
        requestedBy = request.requestedBy
        requestedAt = request.requestedAt
        endedAt = run.outcome.endedAt
        startSkewMs = run.startSkewMs
        self.loadfleetVersion = loadfleetVersion
        jmeterVersion = request.jmeterVersion
        javaVersion = request.javaVersion
        nodes = run.nodes.map { Self.node($0, in: request) }
        lost = run.outcome.lost
        self.losses = losses
        absent = run.outcome.absent ?? []
        saturations = run.saturations
        wrongClocks = run.wrongClocks.isEmpty ? nil : run.wrongClocks
        aborted = run.outcome.aborted
        watch = request.watch
        brokenGates = run.outcome.brokenGates
    }

    private static func node(_ result: NodeResult, in request: RunRequest) -> Node {
        Node(
            node: result.node, role: result.node == request.controller ? .controller : .worker,
            index: request.workers.firstIndex(of: result.node), threads: result.outcome?.threads,
            ending: result.outcome?.ending.rawValue ?? "lost", message: result.outcome?.message,
            jmeterExit: result.outcome?.jmeterExit, startedAt: result.outcome?.startedAt,
            endedAt: result.outcome?.endedAt, firstSampleMs: result.outcome?.firstSampleMs,
            samples: result.outcome?.samples ?? 0, errors: result.outcome?.errors ?? 0,
            unusableLines: result.outcome?.unusableLines ?? 0, samplesFile: result.samplesFile,
            notes: result.outcome?.notes ?? [], rampMs: result.outcome?.rampMs,
            clockOffsetMs: result.outcome?.clockOffsetMs, health: result.outcome?.health)
    }

    /// The file's bytes, meant to be read by people too.
    package func data() throws -> Data {
        try RecordCoding.encoder(pretty: true).encode(self) + Data("\n".utf8)
    }
}
