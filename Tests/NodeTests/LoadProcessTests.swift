// What ends a load while the store hangs: nothing that watches it may wait for the store.
import Foundation
import Glibc
import LoadfleetTesting
import Store
import Synchronization
import Testing

@testable import JMeter
@testable import Node

extension RunPart {
    /// The part of a fleet's first worker, or of another node.
    static func sample(
        _ store: any StoreWithLog, _ life: NodeLife = NodeLife(), node: String = "worker-1",
        folder: String = "/none",
        workers: Int = 1, deadlineSeconds: Double = 600
    ) -> RunPart {
        let names = (1...workers).map { "worker-\($0)" }
        let tuning = NodeTuning(
            jmeterHome: "", javaPath: "", heapBytes: 1 << 20, heartbeatSeconds: 1,
            lostAfterSeconds: 15, pollSeconds: 0.1, deliverySeconds: 0.1, rmiPorts: nil)
        let fleet = FleetRecord(
            name: "f", provider: "local", controller: "controller", workers: names,
            createdAt: .now, createdBy: "test", leaseEndsAt: .now + 600, tuning: tuning)
        let context = NodeContext(
            store: store, fleet: fleet, node: node,
            role: node == "controller" ? .controller : .worker, folder: folder,
            address: "127.0.0.1", machine: "test",
            installation: JMeterInstallation(unchecked: "/none", version: "5.6.3"),
            javaVersion: "17", loadfleetVersion: "0", environment: ["PATH": "/usr/bin:/bin"])
        let request = RunRequest(
            id: "r", fleet: "f", mode: .standalone, controller: "controller", workers: names,
            plan: "p.jmx", planPath: "p.jmx", files: [], perWorker: false, properties: [:],
            threads: [1], requestedAt: .now, requestedBy: "test", readySeconds: 60,
            deadlineSeconds: deadlineSeconds, stopSeconds: 1)
        return RunPart(context: context, life: life, request: request, note: { _ in })
    }
}

@Suite struct WritePaceTests {
    @Test(arguments: [1, 10, 100, 1_000, 5_000])
    func `many nodes write less often, and still often enough`(workers: Int) throws {
        let scratch = try TemporaryFolder()
        let folder = try FolderStore(at: scratch.path)
        let part = RunPart.sample(MoodyStore(folder, poll: .seconds(1)), workers: workers)
        let intervals = [
            part.context.heartbeatInterval, part.deliveryInterval,
        ]
        // Lost after 15 s; and 10 s of samples may be lost.
        #expect(intervals[0] * 4 <= .seconds(15))
        #expect(intervals[1] <= .seconds(7))
        let perSecond = intervals.map { Double(workers) * (.seconds(1) / $0) }
        if workers == 1_000 { #expect(perSecond.reduce(0, +) < 520, "\(perSecond)") }
        let local = RunPart.sample(folder, workers: workers)
        #expect(local.context.heartbeatInterval == .seconds(1))
        #expect(local.deliveryInterval == .milliseconds(100))
    }
}

@Suite struct LoadProcessTests {
    private let scratch: TemporaryFolder
    private let store: MoodyStore
    private let life = NodeLife()

    init() throws {
        scratch = try TemporaryFolder()
        store = MoodyStore(try FolderStore(at: scratch.path + "/store"))
    }

    private func part(deadlineSeconds: Double = 600) throws -> RunPart {
        let part = RunPart.sample(
            store, life, folder: scratch.path + "/work", deadlineSeconds: deadlineSeconds)
        try FileManager.default.createDirectory(
            atPath: part.ownFolder, withIntermediateDirectories: true)
        return part
    }

    /// A stand-in for JMeter: it writes a sample every tenth of a second until it is told to end.
    private func load(_ part: RunPart) -> LoadProcess {
        let script = """
            trap 'exit 0' TERM
            cd .loadfleet
            echo 'timeStamp,elapsed,label,responseCode,success,bytes,allThreads' > samples.jtl
            while :; do
              echo "$(date +%s)000,7,home,200,true,10,1" >> samples.jtl
              sleep 0.1
            done
            """
        let launch = JMeterLaunch(
            executable: "/bin/sh", arguments: ["-c", script], workingFolder: part.folder,
            propertiesPath: ".loadfleet/run.properties", propertiesText: "")
        return LoadProcess(part: part, launch: launch, files: part.files, threads: 1)
    }

    /// Waits until the stand-in has ended.
    private func waitForEnd(_ part: RunPart) async throws {
        let path = part.ownFolder + "/samples.jtl"
        var size: off_t = -1
        let deadline = ContinuousClock.now + .seconds(30)
        // It has ended when it has written nothing for a second.
        while ContinuousClock.now < deadline {
            var status = stat()
            let now = stat(path, &status) == 0 ? status.st_size : -1
            if now > 0, now == size { return }
            size = now
            try await Task.sleep(for: .seconds(1))
        }
        Issue.record("the load goes on")
    }

    private func waitForSamples(_ part: RunPart) async throws {
        let prefix = part.ownKeys.partsPrefix
        let deadline = ContinuousClock.now + .seconds(30)
        while try await store.list(prefix: prefix).isEmpty {
            try #require(ContinuousClock.now < deadline)
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test(arguments: [AgentEnding.interrupted, .lease, .told])
    func `the end of the node ends its load, though the store hangs`(ending: AgentEnding)
        async throws
    {
        let part = try part()
        let running = Task { await load(part).run(orElse: { nil }) }
        try await waitForSamples(part)
        store.mood = .hanging
        let calls = store.calls
        while store.calls == calls { try await Task.sleep(for: .milliseconds(10)) }
        life.end(ending)
        try await waitForEnd(part)
        store.mood = .well
        let outcome = await running.value
        #expect(outcome.ending == StopReason(ending)?.ending)
        try await expectAllDelivered(outcome, part)
    }

    @Test func `the deadline ends a load, though the store hangs`() async throws {
        let part = try part(deadlineSeconds: 2)
        let running = Task { await load(part).run(orElse: { nil }) }
        try await waitForSamples(part)
        store.mood = .hanging
        try await waitForEnd(part)
        store.mood = .well
        let outcome = await running.value
        #expect(outcome.ending == .deadline)
        try await expectAllDelivered(outcome, part)
    }

    @Test func `the wish to stop is heard, and all that was made is delivered`() async throws {
        let part = try part()
        let running = Task { await load(part).run(orElse: { nil }) }
        try await waitForSamples(part)
        store.mood = .away
        try await Task.sleep(for: .milliseconds(300))
        store.mood = .well
        try await store.put(StopRequest(by: "me", at: .now, now: true), at: part.keys.stop)
        let outcome = await running.value
        #expect(outcome.message == "stopped by me")
        try await expectAllDelivered(outcome, part)
        let progress = try await store.record(NodeProgress.self, at: part.ownKeys.progress)
        #expect(progress?.phase == .delivering)
    }

    /// The parts in the store are the whole of the file, and the count is that of its lines.
    private func expectAllDelivered(_ outcome: NodeOutcome, _ part: RunPart) async throws {
        let made = try Data(contentsOf: URL(filePath: part.ownFolder + "/samples.jtl"))
        #expect(outcome.parts.reduce(0) { $0 + $1.bytes } == made.count)
        let keys = try await store.list(prefix: part.ownKeys.partsPrefix).map(\.key)
        var end: Int64 = 0
        let promised = outcome.parts.map { delivered in
            end += delivered.bytes
            return part.ownKeys.part(delivered.number, end: end)
        }
        #expect(keys == promised)
        let lines = made.split(separator: UInt8(ascii: "\n")).count
        #expect(outcome.samples == lines - 1)
    }
}
