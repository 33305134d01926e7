// A worker that is ready and waits for the start, while the store hangs or is away.
import Foundation
import LoadfleetTesting
import Store
import Testing

@testable import Node

@Suite struct StandaloneWorkerTests {
    private let scratch: TemporaryFolder
    private let store: MoodyStore
    private let life = NodeLife()
    private let part: RunPart

    init() throws {
        scratch = try TemporaryFolder()
        store = MoodyStore(try FolderStore(at: scratch.path))
        part = RunPart.sample(store, life)
    }

    /// Waits until the worker has asked the store again.
    private func waitForLook() async throws {
        let before = store.calls
        let deadline = ContinuousClock.now + .seconds(20)
        while store.calls == before {
            try #require(ContinuousClock.now < deadline)
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    @Test func `a start signal is heard after an outage`() async throws {
        store.mood = .away
        let waiting = Task { [part] in await StandaloneWorker(part).waitForGo() }
        try await waitForLook()
        store.mood = .well
        let start = Date.now + 0.3
        try await store.put(GoSignal(startAt: start), at: part.keys.go)
        #expect(await waiting.value == .start)
        #expect(Date.now >= start - 0.001)
    }

    @Test func `the node's end is heard though the store hangs`() async throws {
        let waiting = Task { [part] in await StandaloneWorker(part).waitForGo() }
        try await waitForLook()
        store.mood = .hanging
        try await waitForLook()
        life.end(.interrupted)
        #expect(await waiting.value == .stop(.interrupted))
        store.mood = .well
    }

    @Test func `a wish to stop comes before the start`() async throws {
        try await store.put(StopRequest(by: "me", at: .now, now: false), at: part.keys.stop)
        #expect(
            await StandaloneWorker(part).waitForGo() == .stop(.asked(by: "me", now: false)))
    }
}
