// The CLI's side of a run. Reading order: `RunPreparation` (check everything, before anything
// starts), `RunSubmission` (hand it to the fleet), `RunFollower` (until it is over), `RunFetch`
// (results into a folder), `RunJudgment` (what they are worth), `RunHistory`.
//
// This room talks to the store only. It must never know who rents the machines.

package import FoundationEssentials
internal import Glibc
package import JMeter
package import Store
internal import Units

/// What a user asks of a run.
package struct RunWish: Sendable {
    package var planPath: String
    package var mode: Mode
    package var perWorker: Bool
    package var setup: RunSetup?
    /// The samples per second of the whole fleet, in place of the plan's throughput timers.
    package var rps: String?
    /// What the workers get of data files, by name or base name.
    package var dataPolicies: [String: DataFile.Policy]
    package var properties: [String: String]
    package var readyTimeout: Duration
    package var deadline: Duration
    package var stopTimeout: Duration
    /// Where relative names are looked for after the plan's own folder.
    package var workingFolder: String
    package var requestedBy: String

    package init(
        planPath: String, mode: Mode, perWorker: Bool, setup: RunSetup?, rps: String?,
        dataPolicies: [String: DataFile.Policy], properties: [String: String],
        readyTimeout: Duration, deadline: Duration, stopTimeout: Duration, workingFolder: String,
        requestedBy: String
    ) {
        self.planPath = planPath
        self.mode = mode
        self.perWorker = perWorker
        self.setup = setup
        self.rps = rps
        self.dataPolicies = dataPolicies
        self.properties = properties
        self.readyTimeout = readyTimeout
        self.deadline = deadline
        self.stopTimeout = stopTimeout
        self.workingFolder = workingFolder
        self.requestedBy = requestedBy
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

    /// Makes the checks for which no fleet is needed.
    ///
    /// - Throws: ``JMeterError`` for anything wrong with the plan, its data or its numbers.
    package static func check(
        _ planPath: String, policies: [String: DataFile.Policy], properties: [String: String],
        rps: String?, workingFolder: String, installation: JMeterInstallation
    ) throws(JMeterError) {
        let plan = try Plan(contentsOf: planPath)
        try plan.check(against: installation)
        _ = try plan.dealt(ShareOut(workers: 1, rps: rps, properties: properties))
        _ = try plan.dataFiles(
            properties: properties, workingFolder: workingFolder, policies: policies)
    }

    /// Checks a wish against a fleet and works out the share of each worker.
    ///
    /// - Throws: ``JMeterError`` for anything wrong with the plan, its data or its properties.
    package init(
        _ wish: RunWish, on fleet: FleetRecord, installation: JMeterInstallation, now: Date
    ) throws {
        let plan = try Plan(contentsOf: wish.planPath)
        try plan.check(against: installation)
        let files = try plan.dataFiles(
            properties: wish.properties, workingFolder: wish.workingFolder,
            policies: wish.dataPolicies)
        let dealt = try plan.dealt(
            ShareOut(
                workers: fleet.workers.count, perWorker: wish.perWorker,
                setup: wish.setup.flatMap { SetupPolicy(rawValue: $0.rawValue) }, rps: wish.rps,
                properties: wish.properties))
        // Not everything that can be dealt out can be so in remote mode.
        if wish.mode == .remote { _ = try dealt.planByProperty() }

        // What is shipped is the plan for one worker who gets everything: only names of files that
        // lie elsewhere are changed. Every node then takes its own share of it.
        let whole = ShareOut(workers: 1, perWorker: true, properties: wish.properties)
        let shipped = try plan.shared(whole, worker: 0, files: files).bytes
        let planName = wish.planPath.split(separator: "/").last.map(String.init) ?? "plan.jmx"
        var items = [Item(name: planName, source: .bytes(shipped))]
        var bundled = [BundledFile(name: planName, kind: .plan, bytes: Int64(shipped.count))]
        var notes = plan.warnings + dealt.notes
        for file in files {
            items.append(Item(name: file.bundleName, source: .file(file.path)))
            var status = stat()
            guard stat(file.path, &status) == 0 else {
                throw JMeterError(
                    .data, "can't be read: \(String(cString: strerror(errno)))", file: file.path)
            }
            bundled.append(
                BundledFile(
                    name: file.bundleName,
                    kind: BundledFile.Kind(rawValue: file.policy.rawValue) ?? .copy,
                    bytes: Int64(status.st_size)))
            guard file.csv != nil else { continue }
            if let shortage = try dealt.records(of: file).shortage { notes.append(shortage) }
        }
        request = RunRequest(
            id: Self.makeID(plan: planName, now: now), fleet: fleet.name, mode: wish.mode,
            controller: fleet.controller, workers: fleet.workers, plan: planName,
            planPath: wish.planPath, files: bundled, perWorker: wish.perWorker,
            properties: wish.properties,
            threads: fleet.workers.indices.map { dealt.groups(of: $0).statedThreads },
            requestedAt: now,
            requestedBy: wish.requestedBy, readySeconds: wish.readyTimeout.inSeconds,
            deadlineSeconds: wish.deadline.inSeconds,
            stopSeconds: wish.stopTimeout.inSeconds, setup: wish.setup, rps: wish.rps)
        self.items = items
        self.notes = notes
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
