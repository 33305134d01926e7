// What counts as silence, and what doesn't.
import Foundation
import LoadfleetTesting
import Store
import Testing

@Suite struct HeartbeatWatchTests {
    private let scratch: TemporaryFolder
    private let store: MoodyStore
    private let limit: Duration = .milliseconds(300)

    init() throws {
        scratch = try TemporaryFolder()
        store = MoodyStore(try FolderStore(at: scratch.path))
    }

    private func beat(_ nodes: String...) async throws {
        for node in nodes {
            try await store.put(
                Heartbeat(node: node, sequence: 1, at: .now, run: nil),
                at: FleetKeys("f").heartbeat(of: node))
        }
    }

    /// Lets time pass that is longer than the patience with a node.
    private func outlast() async throws { try await Task.sleep(for: limit * 2) }

    @Test func `a store that is away for long makes nobody lost`() async throws {
        var watch = HeartbeatWatch(fleet: "f", nodes: ["a", "b"], lostAfter: limit)
        try await beat("a", "b")
        #expect(try await watch.silent(in: store).isEmpty)
        store.mood = .away
        await #expect(throws: StoreError.self) { try await watch.silent(in: store) }
        try await outlast()
        await #expect(throws: StoreError.self) { try await watch.silent(in: store) }
        store.mood = .well
        #expect(try await watch.silent(in: store).isEmpty)
        // From then on silence counts as before.
        var silent: [String] = []
        let deadline = ContinuousClock.now + .seconds(20)
        while silent.isEmpty, ContinuousClock.now < deadline {
            try await beat("a")
            silent = try await watch.silent(in: store)
        }
        #expect(silent == ["b"])
    }

    @Test func `a store that hangs, and then answers, makes nobody lost`() async throws {
        var watch = HeartbeatWatch(fleet: "f", nodes: ["a"], lostAfter: limit)
        try await beat("a")
        #expect(try await watch.silent(in: store).isEmpty)
        store.mood = .hanging
        let waking = Task { [store, limit] in
            try await Task.sleep(for: limit * 2)
            store.mood = .well
        }
        #expect(try await watch.silent(in: store).isEmpty)
        try await waking.value
    }

    @Test func `a watcher that slept has heard no silence`() async throws {
        var watch = HeartbeatWatch(fleet: "f", nodes: ["a"], lostAfter: limit)
        try await beat("a")
        #expect(try await watch.silent(in: store).isEmpty)
        try await outlast()
        #expect(try await watch.silent(in: store).isEmpty)
    }

    @Test func `the last node that is watched keeps the silence it had among many`() async throws {
        var watch = HeartbeatWatch(fleet: "f", nodes: ["a", "b"], lostAfter: .milliseconds(900))
        try await beat("a", "b")
        #expect(try await watch.silent(in: store).isEmpty)
        // Two thirds of what there may be.
        for _ in 0..<2 {
            try await Task.sleep(for: .milliseconds(300))
            #expect(try await watch.silent(in: store).isEmpty)
        }
        watch.forget("b")
        try await Task.sleep(for: .milliseconds(400))
        #expect(try await watch.silent(in: store) == ["a"])
    }
}
