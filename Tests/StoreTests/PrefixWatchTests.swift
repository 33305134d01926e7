// What it costs to watch a thousand nodes, and that nothing new is missed.
import Foundation
import LoadfleetTesting
import Store
import Synchronization
import Testing

@Suite struct PrefixWatchTests {
    @Test func `the signs of life of a thousand nodes cost one listing a look`() async throws {
        let scratch = try TemporaryFolder()
        let store = CountingStore(inner: try FolderStore(at: scratch.path))
        let keys = FleetKeys("f")
        let nodes = (1...1_000).map { "worker-\($0)" }
        func beat(_ sequence: Int, _ nodes: some Sequence<String>) async throws {
            for node in nodes {
                try await store.inner.put(
                    Heartbeat(node: node, sequence: sequence, at: .now, run: nil),
                    at: keys.heartbeat(of: node))
            }
        }
        var watch = HeartbeatWatch(fleet: "f", nodes: nodes, lostAfter: .milliseconds(1))
        try await beat(1, nodes)
        var silent = try await watch.silent(in: store)
        #expect(silent.isEmpty)
        var looks = 1
        while silent.isEmpty, looks < 10 {
            try await beat(looks + 1, nodes.dropFirst())
            silent = try await watch.silent(in: store)
            looks += 1
        }
        #expect(silent == ["worker-1"])
        #expect(store.calls.withLock { $0 } == Array(repeating: "list", count: looks))
    }

    @Test func `only what changed is read, and what could not be read is new again`() async throws {
        let scratch = try TemporaryFolder()
        let store = CountingStore(inner: try FolderStore(at: scratch.path))
        let keys = RunKeys("r")
        func key(_ node: String) -> StoreKey { keys.node(node).progress }
        func say(_ node: String, _ phase: NodeProgress.Phase) async throws {
            try await store.inner.put(
                NodeProgress(node: node, phase: phase, at: .now), at: key(node))
        }
        var watch = PrefixWatch(keys.progressPrefix)
        try await say("a", .preparing)
        try await say("b", .preparing)
        let first = try await watch.changed(NodeProgress.self, in: store)
        #expect(Set(first.keys) == [key("a"), key("b")])
        #expect(try await watch.changed(NodeProgress.self, in: store).isEmpty)
        try await say("b", .ready)
        try await store.inner.write(Data("damaged".utf8), to: key("c"))
        await #expect(throws: StoreError.self) {
            try await watch.changed(NodeProgress.self, in: store)
        }
        try await say("c", .ready)
        let second = try await watch.changed(NodeProgress.self, in: store)
        #expect(second.mapValues(\.phase) == [key("b"): .ready, key("c"): .ready])
        #expect(store.calls.withLock { $0 }.count { $0 == "list" } == 4)
    }
}

/// A store that writes down which calls read from it.
private struct CountingStore: ObjectStore {
    let inner: FolderStore
    let calls = Calls()

    final class Calls: Sendable {
        private let names = Mutex<[String]>([])
        func withLock<Result>(_ body: (inout [String]) -> Result) -> Result {
            names.withLock { names in body(&names) }
        }
    }

    var location: String { inner.location }
    var now: Date { inner.now }
    var recommendedPoll: Duration { inner.recommendedPoll }

    func read(_ key: StoreKey) async throws -> Data? {
        calls.withLock { $0.append("read") }
        return try await inner.read(key)
    }

    func readTagged(_ key: StoreKey) async throws -> TaggedObject? {
        calls.withLock { $0.append("read") }
        return try await inner.readTagged(key)
    }

    func list(prefix: String) async throws -> [StoreObject] {
        calls.withLock { $0.append("list") }
        return try await inner.list(prefix: prefix)
    }

    func write(_ data: Data, to key: StoreKey) async throws {
        try await inner.write(data, to: key)
    }
    func create(_ data: Data, at key: StoreKey) async throws -> Bool {
        try await inner.create(data, at: key)
    }
    func replace(_ key: StoreKey, with data: Data, ifTagged tag: String) async throws -> Bool {
        try await inner.replace(key, with: data, ifTagged: tag)
    }
    func delete(_ key: StoreKey) async throws { try await inner.delete(key) }
    func delete(_ keys: [StoreKey]) async throws { try await inner.delete(keys) }
    func upload(file path: String, to key: StoreKey) async throws {
        try await inner.upload(file: path, to: key)
    }
    func download(_ key: StoreKey, to path: String) async throws -> Bool {
        try await inner.download(key, to: path)
    }
}
