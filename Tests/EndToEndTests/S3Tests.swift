// Nodes as on EC2: their store in S3, their log in CloudWatch Logs, their names claimed by
// themselves, their instance's metadata on loopback; JMeter is real.
import Foundation
import Glibc
import LoadfleetTesting
import Machine
import Store
import Testing

extension EndToEnd {
    @Suite(.serialized) struct S3 {
        @Test func `a run is whole by way of S3, and a worker that is taken away says so in time`()
            async throws
        {
            let ground = try await Ground(workers: 2, leaseSeconds: 600)
            for (index, role) in ["controller", "worker", "worker"].enumerated() {
                try await ground.startAgent(role, on: "i-\(index)")
            }
            let keys = FleetKeys("f")
            try await ground.waitForObjects(3, keys.heartbeatsPrefix)
            let registrations = try await ground.store.records(
                NodeRegistration.self, at: ground.fleet.nodes.map(keys.registration))
            #expect(Set(registrations.values.map(\.machine)) == ["i-0", "i-1", "i-2"])
            #expect(registrations[keys.registration(of: "controller")]?.machine == "i-0")

            // 2 workers, each 2 threads that take 0.1 s for a sample: a whole run.
            let whole = try await ground.submit("r-whole", loops: 30)
            _ = try await ground.outcome(of: whole)
            for worker in ground.fleet.workers {
                let outcome = try #require(try await ground.outcome(of: worker, in: whole))
                #expect(outcome.ending == .completed && outcome.samples == 60, "\(outcome)")
                #expect(outcome.parts.count >= 1)
            }
            let lines = try await ground.liveLines(of: whole)
            let figures = lines.compactMap { if case .figures(let seen) = $0 { seen } else { nil } }
            // The last line of a second counts, and all seconds are the run.
            let seconds = Dictionary(
                figures.map { ($0.second, $0.samples) }, uniquingKeysWith: { $1 })
            #expect(seconds.values.reduce(0, +) == 120)
            #expect(figures.map(\.totalSamples).max() == 120)
            let labels = lines.compactMap { if case .labels(let seen) = $0 { seen } else { nil } }
            #expect(labels.last?.labels.map(\.samples).reduce(0, +) == 120)

            // The same by JMeter's own distribution: the controller's client has the samples.
            let remote = try await ground.submit("r-remote", loops: 20, mode: .remote)
            #expect(try await ground.outcome(of: remote).aborted == nil)
            let client = try #require(try await ground.outcome(of: "controller", in: remote))
            #expect(client.ending == .completed && client.samples == 80, "\(client)")

            // An endless run, out of which one worker's machine is taken.
            let cut = try await ground.submit("r-cut", loops: 100_000)
            try await ground.waitForSamples(of: "worker-2", in: cut)
            let taken = try #require(
                registrations.values.first { $0.node == "worker-2" }?.machine)
            ground.metadata.say(
                "spot/instance-action",
                #"{"action": "terminate", "time": "2099-01-01T00:00:00Z"}"#, to: taken)
            let outcome = try #require(
                try await ground.waitForOutcome(of: "worker-2", in: cut, within: .seconds(60)))
            #expect(outcome.ending == .interrupted)
            #expect(outcome.message == "its machine was taken away")
            #expect(outcome.samples > 0 && outcome.parts.count > 0)
            #expect(await ground.agents[taken]?.waitForEnd() == .exited(0))
            let events = try await ground.liveLines(of: cut).compactMap { line -> String? in
                if case .event(_, let text) = line { text } else { nil }
            }
            #expect(events.contains { $0.hasPrefix("worker-2: its machine is taken away (termin") })
            // The other one goes on, until somebody asks it to stop.
            #expect(try await ground.outcome(of: "worker-1", in: cut) == nil)
            try await ground.store.put(
                StopRequest(by: "test", at: .now, now: false), at: RunKeys(cut).stop)
            #expect(try await ground.outcome(of: cut).lost.isEmpty)
            let other = try #require(try await ground.outcome(of: "worker-1", in: cut))
            #expect(other.ending == .stopped)
        }

        @Test func `S3 is away over the end of the load: nothing and nobody is lost`() async throws
        {
            let (away, loops) = Death.isCampaign ? (60, 500) : (25, 200)
            let ground = try await Ground(workers: 2, leaseSeconds: 600)
            for (index, role) in ["controller", "worker", "worker"].enumerated() {
                try await ground.startAgent(role, on: "i-\(index)", byFaultyDoor: true)
            }
            try await ground.waitForObjects(3, FleetKeys("f").heartbeatsPrefix)
            // A tenth of a second each.
            let run = try await ground.submit("r-away", loops: loops)
            for worker in ground.fleet.workers {
                try await ground.waitForSamples(of: worker, in: run)
            }
            let cloud = try await SimulatedCloud.running()
            try await cloud.inject(#"[{"match": {}, "count": 1000000, "fault": "drop"}]"#)
            try await Task.sleep(for: .seconds(away))
            #expect(try await ground.outcome(of: "worker-1", in: run) == nil)
            try await cloud.inject("[]")
            #expect(try await ground.outcome(of: run).lost.isEmpty)
            for worker in ground.fleet.workers {
                let outcome = try #require(try await ground.outcome(of: worker, in: run))
                #expect(outcome.ending == .completed && outcome.samples == 2 * loops, "\(outcome)")
            }
            let seconds = Dictionary(
                try await ground.liveLines(of: run).compactMap { line in
                    if case .figures(let seen) = line { (seen.second, seen.samples) } else { nil }
                }, uniquingKeysWith: { $1 })
            #expect(seconds.values.reduce(0, +) == 4 * loops)
        }

        @Test func `a node powers off when its lease ends, though the store has vanished`()
            async throws
        {
            let ground = try await Ground(workers: 1, leaseSeconds: 30)
            try await ground.startAgent("worker", on: "i-1", byFaultyDoor: true)
            try await ground.waitForObjects(1, FleetKeys("f").heartbeatsPrefix)
            let silence = #"[{"match": {}, "count": 1000000, "fault": "latency", "seconds": 90}]"#
            try await SimulatedCloud.running().inject(silence)
            let end = await ground.agents["i-1"]?.waitForEnd()
            #expect(end == .exited(0))
            let late = -ground.fleet.leaseEndsAt.timeIntervalSinceNow
            #expect(late > 0 && late < 60)
            let said = try String(contentsOfFile: ground.bench.folder + "/off", encoding: .utf8)
            #expect(said == "-h now\n")
            try await SimulatedCloud.running().inject("[]")
        }
    }
}

/// A fleet without machines: its store, and agents that a test starts as machines would.
private final class Ground {
    let bench: Bench
    let metadata: MetadataService
    let store: S3Store
    let fleet: FleetRecord
    private(set) var agents: [String: ChildProcess] = [:]
    private let cloud: SimulatedCloud

    init(workers: Int, leaseSeconds: Double) async throws {
        bench = try Bench()
        metadata = try MetadataService()
        cloud = try await SimulatedCloud.running()
        try await cloud.inject("[]")
        store = try await cloud.makeStore()
        fleet = FleetRecord(
            name: "f", provider: "ec2", controller: "controller",
            workers: (1...workers).map { "worker-\($0)" }, createdAt: .now, createdBy: "test",
            leaseEndsAt: .now + leaseSeconds,
            tuning: NodeTuning(
                jmeterHome: "/of/another/machine", javaPath: "/of/another/machine/java",
                heapBytes: 256 << 20, heartbeatSeconds: 1, lostAfterSeconds: 20, pollSeconds: 1,
                deliverySeconds: 5, rmiPorts: nil))
        try bench.write("#!/bin/sh\necho \"$@\" > \(bench.folder)/off\n", to: "bin/shutdown")
        chmod(bench.folder + "/bin/shutdown", 0o755)
        try await store.put(fleet, at: FleetKeys("f").fleet)
    }

    deinit { for agent in agents.values { agent.signal(SIGKILL) } }

    /// Starts an agent as an instance's user-data does.
    func startAgent(_ role: String, on instance: String, byFaultyDoor: Bool = false) async throws {
        metadata.add(instance)
        let java = try #require(Self.java)
        let arguments = [
            "agent", role, "--store", store.location, "--log-group", store.logGroup,
            "--fleet", "f", "--folder", "\(bench.folder)/\(instance)",
            "--jmeter-home", try #require(Product.jmeterHome), "--java", java,
            "--at-end", "poweroff",
        ]
        var environment = bench.environment.merging([
            "AWS_ACCESS_KEY_ID": cloud.key, "AWS_SECRET_ACCESS_KEY": cloud.secret,
            "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": cloud.url(ofFaultyDoor: byFaultyDoor),
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata.endpoint(of: instance),
        ]) { $1 }
        // No test may power this machine off.
        environment["PATH"] = "\(bench.folder)/bin:\(environment["PATH"] ?? "")"
        var request = ProcessRequest(Product.binary, arguments, environment: environment)
        request.standardOutput = .file("\(bench.folder)/\(instance).log")
        request.standardError = .file("\(bench.folder)/\(instance).log")
        request.diesWithParent = true
        agents[instance] = try await ChildProcess.start(request)
    }

    private static let java = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
        .split(separator: ":").map { "\($0)/java" }
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// What the agents said, for the message of a failed expectation.
    var said: String {
        agents.keys.sorted().map { name in
            let text = try? String(contentsOfFile: "\(bench.folder)/\(name).log", encoding: .utf8)
            return "--- \(name)\n\(text ?? "")"
        }.joined()
    }

    // MARK: - Runs

    /// Hands a run over as the command line does; returns its id.
    func submit(_ id: String, loops: Int, mode: Mode = .standalone) async throws -> String {
        let plan = Plans.sleeping(threads: "4", loops: loops, milliseconds: 100)
        let keys = RunKeys(id)
        try await store.write(Data(plan.utf8), to: keys.bundled("plan.jmx"))
        let request = RunRequest(
            id: id, fleet: "f", mode: mode, controller: fleet.controller,
            workers: fleet.workers, plan: "plan.jmx", planPath: "plan.jmx",
            files: [BundledFile(name: "plan.jmx", kind: .plan, bytes: Int64(plan.utf8.count))],
            perWorker: false, properties: [:], threads: [2, 2], requestedAt: .now,
            requestedBy: "test", readySeconds: 240, deadlineSeconds: 300, stopSeconds: 20)
        try await store.put(request, at: keys.request)
        // The last run's outcome is there a moment before the fleet is free.
        _ = try await waited("fleet f to be free for \(id)") {
            try await self.store.create(
                CurrentRun(run: id, by: "test", since: .now), at: FleetKeys("f").run)
                ? true : nil
        }
        return id
    }

    func outcome(of run: String) async throws -> RunOutcome {
        try await waited("the end of \(run)") {
            try await self.store.record(RunOutcome.self, at: RunKeys(run).outcome)
        }
    }

    func outcome(of node: String, in run: String) async throws -> NodeOutcome? {
        try await store.record(NodeOutcome.self, at: RunKeys(run).node(node).outcome)
    }

    func waitForOutcome(
        of node: String, in run: String, within limit: Duration
    ) async throws -> NodeOutcome? {
        try await waited("the outcome of \(node)", within: limit) {
            try await self.outcome(of: node, in: run)
        }
    }

    func waitForObjects(_ count: Int, _ prefix: String) async throws {
        _ = try await waited("\(count) objects below \(prefix)") {
            try await self.store.list(prefix: prefix).count >= count ? true : nil
        }
    }

    func waitForSamples(of node: String, in run: String) async throws {
        _ = try await waited("samples of \(node)") {
            for case .nodes(let seen) in try await self.liveLines(of: run)
            where seen.nodes.contains(where: { $0.node == node && $0.samples > 0 }) {
                return true
            }
            return nil
        }
    }

    func liveLines(of run: String) async throws -> [LiveLine] {
        LiveLines.decode(try await store.liveLog(of: run).read(after: .start).lines)
    }

    private func waited<Found>(
        _ what: String, within limit: Duration = .seconds(400),
        _ look: () async throws -> Found?
    ) async throws -> Found {
        let deadline = ContinuousClock.now + limit
        while true {
            if let found = try await look() { return found }
            try #require(ContinuousClock.now < deadline, "gave up waiting for \(what)\n\(said)")
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}
