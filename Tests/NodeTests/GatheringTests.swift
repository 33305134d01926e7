// How a controller gathers workers when not all of them get ready.
import Foundation
import Glibc
import LoadfleetTesting
import Machine
import Store
import Testing

@testable import Node

@Suite struct GatheringTests {
    private let scratch: TemporaryFolder
    private let store: FolderStore

    init() throws {
        scratch = try TemporaryFolder()
        store = try FolderStore(at: scratch.path)
    }

    /// A controller's part in a run on three workers of which so many are enough.
    private func part(_ fewest: Int?, readySeconds: Double = 30) -> RunPart {
        let part = RunPart.sample(store, node: "controller", workers: 3)
        var request = part.request
        request.minWorkers = fewest
        request.readySeconds = readySeconds
        request.threads = [3, 3, 3]
        return RunPart(context: part.context, life: part.life, request: request, note: { _ in })
    }

    private func ready(_ worker: String, among workers: Int, _ part: RunPart) async throws {
        try await store.put(
            NodeProgress(node: worker, phase: .ready, at: .now, sharedAmong: workers),
            at: part.keys.node(worker).progress)
    }

    private func fail(_ worker: String, _ part: RunPart) async throws {
        try await store.put(
            NodeOutcome(node: worker, ending: .failed, message: "no disk", endedAt: .now),
            at: part.keys.node(worker).outcome)
    }

    private func gather(_ part: RunPart) async throws -> [String] {
        var roster = Roster(part)
        let present = try await Gathering(part, tell: { _ in }).gather(&roster)
        #expect(roster.pending == present.map(\.worker))
        return present.map(\.worker)
    }

    /// Waits for the word that the run goes on with some; then those get ready anew.
    private func answerMuster(_ part: RunPart) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            try #require(ContinuousClock.now < deadline)
            if let muster = try await store.record(Muster.self, at: part.keys.muster) {
                for worker in muster.workers {
                    try await ready(worker, among: muster.workers.count, part)
                }
                return
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test func `all that are ready are all`() async throws {
        let part = part(nil)
        for worker in part.request.workers { try await ready(worker, among: 3, part) }
        #expect(try await gather(part) == ["worker-1", "worker-2", "worker-3"])
        #expect(try await store.record(Muster.self, at: part.keys.muster) == nil)
    }

    @Test func `one that fails ends the gathering, or is done without, at once`() async throws {
        let all = part(nil)
        try await ready("worker-1", among: 3, all)
        try await ready("worker-3", among: 3, all)
        try await fail("worker-2", all)
        await #expect(throws: NodeError("worker-2: no disk")) { try await gather(all) }
        let two = part(2, readySeconds: 600)
        let answering = Task { try await answerMuster(two) }
        #expect(try await gather(two) == ["worker-1", "worker-3"])
        try await answering.value
        #expect(two.request.among(["worker-1", "worker-3"]).threads == [5, 4])
    }

    @Test func `one that is too slow is waited for until the deadline`() async throws {
        let part = part(2, readySeconds: 3)
        try await ready("worker-2", among: 3, part)
        await #expect(throws: NodeError("not ready after 3 s: worker-1, worker-3")) {
            try await gather(part)
        }
        try await ready("worker-1", among: 3, part)
        let began = ContinuousClock.now
        let answering = Task { try await answerMuster(part) }
        #expect(try await gather(part) == ["worker-1", "worker-2"])
        #expect(ContinuousClock.now - began >= .seconds(3))
        try await answering.value
    }

    @Test func `a share of the larger run is no readiness for the smaller one`() async throws {
        let part = part(1, readySeconds: 2)
        try await ready("worker-1", among: 3, part)
        // Nobody answers the muster: what is ready is ready for something else.
        await #expect(throws: NodeError("not ready after 2 s: worker-1")) { try await gather(part) }
    }

    @Test func `who is told of a muster goes along, and others are not needed`() async throws {
        let part = part(1)
        try await store.put(Muster(workers: ["worker-1"]), at: part.keys.muster)
        try await store.put(GoSignal(startAt: .now, workers: ["worker-1"]), at: part.keys.go)
        // Both signals are there when these two look; neither is theirs as they stand.
        #expect(await StandaloneWorker(part).waitForGo() == .muster(["worker-1"]))
        #expect(await StandaloneWorker(part.among(["worker-1"])).waitForGo() == .start)
    }
}

@Suite struct StartGateTests {
    @Test func `who reads at the gate waits until it is opened, and nobody after that`()
        async throws
    {
        let scratch = try TemporaryFolder()
        let path = scratch.path + "/start"
        let gate = try StartGate(at: path)
        #expect(!gate.isReached)
        let reader = try await ChildProcess.start(
            ProcessRequest("/bin/cat", [path], environment: [:]))
        defer { reader.signal(SIGKILL) }
        let deadline = ContinuousClock.now + .seconds(30)
        while !gate.isReached {
            try #require(ContinuousClock.now < deadline)
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(gate.isReached)
        #expect(reader.end == nil)
        gate.open()
        #expect(await reader.waitForEnd() == .exited(0))
        // The plan's variables may be read again.
        #expect(try Data(contentsOf: URL(filePath: path)).isEmpty)
    }

    @Test func `a gate that cannot be made says where`() {
        #expect(throws: NodeError.self) { try StartGate(at: "/no/such/folder/start") }
    }
}
