// The CLI's side of a run. Reading order: `PreparedPlan` and `RunPreparation` (check
// everything, before anything starts), `RunSubmission` (hand it to the fleet), `RunFollower` (until it is over), `RunFetch`
// (results into a folder), `RunJudgment` (what they are worth), `RunHistory`.
//
// This room talks to the store only. It must never know who rents the machines.

package import FoundationEssentials
package import JMeter
package import Store
internal import Units

/// What a user asks of a run.
package struct RunWish: Sendable {
    package var plan: PlanWish
    package var readyTimeout: Duration
    package var deadline: Duration
    package var stopTimeout: Duration
    package var requestedBy: String
    /// What the controller watches while the run goes on.
    package var watch: RunWatch?
    /// How many workers must be ready for the run to begin without the others; nil for all.
    package var minWorkers: Int?
    package var onWorkerLoss = WorkerLossPolicy.goOn

    package init(
        plan: PlanWish, readyTimeout: Duration, deadline: Duration, stopTimeout: Duration,
        requestedBy: String, watch: RunWatch? = nil
    ) {
        self.plan = plan
        self.readyTimeout = readyTimeout
        self.deadline = deadline
        self.stopTimeout = stopTimeout
        self.requestedBy = requestedBy
        self.watch = watch
    }
}

/// A run that has passed every check that can be made without starting it.
package struct PreparedRun: Sendable {
    /// A file of the bundle and where its bytes come from.
    struct Item: Sendable {
        enum Source: Sendable {
            case bytes([UInt8])
            case file(String)
        }

        let name: String
        let source: Source
    }

    package private(set) var request: RunRequest
    let items: [Item]
    /// What the plan's owner should know.
    package let notes: [PlanNote]
}

extension PreparedRun {
    /// Checks a wish against a fleet and works out the share of each worker.
    ///
    /// - Throws: ``JMeterError`` for anything wrong with the plan, its data or its properties.
    package init(
        _ wish: RunWish, on fleet: FleetRecord, installation: JMeterInstallation, now: Date
    ) throws {
        let prepared = try PreparedPlan(
            wish.plan, workers: fleet.workers.count, installation: installation)
        let shipped = prepared.dealt.shipped(files: prepared.files.map(\.file))
        let planName = wish.plan.path.split(separator: "/").last.map(String.init) ?? "plan.jmx"
        let plan = BundledFile(name: planName, kind: .plan, bytes: Int64(shipped.count))
        let data = prepared.files.map { data in
            BundledFile(
                name: data.file.bundleName,
                kind: BundledFile.Kind(rawValue: data.file.policy.rawValue) ?? .copy,
                bytes: data.bytes)
        }
        items =
            [Item(name: planName, source: .bytes(shipped))]
            + prepared.files.map { Item(name: $0.file.bundleName, source: .file($0.file.path)) }
        notes = prepared.notes
        request = RunRequest(
            id: Self.makeID(plan: planName, now: now), fleet: fleet.name, mode: wish.plan.mode,
            controller: fleet.controller, workers: fleet.workers, plan: planName,
            planPath: wish.plan.path, files: [plan] + data, perWorker: wish.plan.perWorker,
            properties: wish.plan.properties,
            threads: fleet.workers.indices.map { prepared.dealt.groups(of: $0).statedThreads },
            requestedAt: now, requestedBy: wish.requestedBy,
            readySeconds: wish.readyTimeout.inSeconds, deadlineSeconds: wish.deadline.inSeconds,
            stopSeconds: wish.stopTimeout.inSeconds, setup: wish.plan.setup, rps: wish.plan.rps)
        request.watch = wish.watch
        request.minWorkers = wish.minWorkers
        request.onWorkerLoss = wish.onWorkerLoss
    }

    /// What a baseline must have in common with the run, as far as it is known.
    package var conditions: RunConditions {
        let plan = items.first { $0.name == request.plan }
        guard case .bytes(let bytes) = plan?.source else {
            return RunConditions(request, plan: nil)
        }
        return RunConditions(request, plan: Data(bytes))
    }

    /// Notes on what the fleet's nodes run, for the run's record.
    package mutating func note(_ registration: NodeRegistration?) {
        request.jmeterVersion = registration?.jmeterVersion
        request.javaVersion = registration?.javaVersion
    }

    /// `20261121-041530-shop-3f2a`: sorts by time, says what it is, never met twice.
    private static func makeID(plan: String, now: Date) -> String {
        let stamp = now.formatted(
            .iso8601.year().month().day().dateSeparator(.omitted)
                .time(includingFractionalSeconds: false).timeSeparator(.omitted)
        )
        .prefix(15).map { $0 == "T" ? "-" : $0 }
        let stem = plan.split(separator: ".").dropLast().joined(separator: "-")
        let name = (stem.isEmpty ? plan : stem).lowercased().unicodeScalars
            .map { ("a"..."z").contains($0) || ("0"..."9").contains($0) ? Character($0) : "-" }
        let random = String(UInt16.random(in: 0 ... .max) | 0x1000, radix: 16)
        return "\(String(stamp))-\(String(name.prefix(24)))-\(random)"
    }
}

extension [GroupShare] {
    /// The threads that are to make load; setUp and tearDown apart.
    package var statedThreads: Int {
        reduce(0) { $0 + ($1.kind == .plain ? $1.threads : 0) }
    }
}
