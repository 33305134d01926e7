// A world for fleets without AWS: time that passes as fast as it is waited for, a store in memory,
// and processes that can die in the middle of any call, before or after it had its effect.

import FoundationEssentials
import HTTP
import Store
import Synchronization

@testable import Fleet

/// Time that only passes when somebody waits.
final class VirtualTime: Sendable {
    private let passed = Mutex<Duration>(.zero)
    private let hooks = Mutex<[@Sendable () -> Void]>([])
    static let start = Date(timeIntervalSince1970: 1_795_233_600)

    var elapsed: Duration { passed.withLock { $0 } }
    var now: Date {
        let parts = elapsed.components
        return Self.start + TimeInterval(parts.seconds) + TimeInterval(parts.attoseconds) / 1e18
    }

    /// Lets time pass, second by second, so that others do in it what they would.
    func pass(_ time: Duration) {
        var left = time
        repeat {
            let step = min(left, .seconds(1))
            passed.withLock { $0 += step }
            left -= step
            for hook in hooks.withLock({ $0 }) { hook() }
        } while left > .zero
    }

    func eachSecond(_ hook: @escaping @Sendable () -> Void) { hooks.withLock { $0.append(hook) } }
}

/// A process that dies at one of its calls to the world.
final class Mortality: Sendable {
    struct Died: Error {}

    private struct State {
        var calls = 0
        var isDead = false
    }
    private let state = Mutex(State())
    private let lastCall: Int
    /// Whether the last call has its effect.
    private let isApplied: Bool

    init(lastCall: Int = .max, isApplied: Bool = false) {
        self.lastCall = lastCall
        self.isApplied = isApplied
    }

    var calls: Int { state.withLock { $0.calls } }
    var isDead: Bool { state.withLock { $0.isDead } }

    /// Does something that reaches the world, unless the process is dead by then.
    func call<Result>(_ body: () throws -> Result) throws -> Result {
        // As the real ones do, calls of a cancelled task do nothing.
        try Task.checkCancellation()
        let mayAct = state.withLock { state in
            guard !state.isDead else { return false }
            state.calls += 1
            if state.calls == lastCall { state.isDead = true }
            return state.calls < lastCall || isApplied
        }
        guard mayAct else { throw Died() }
        let result = try body()
        if isDead { throw Died() }
        return result
    }
}

/// Objects in memory.
final class MemoryStore: Sendable {
    private let objects = Mutex<[String: (data: Data, tag: Int, modified: Date)]>([:])
    private let tags = Atomic<Int>(0)
    private let time: VirtualTime

    init(_ time: VirtualTime) { self.time = time }

    var now: Date { time.now }

    func read(_ path: String) -> (data: Data, tag: Int)? {
        objects.withLock { $0[path].map { ($0.data, $0.tag) } }
    }

    func write(_ data: Data, to path: String) {
        let tag = tags.add(1, ordering: .relaxed).newValue
        let now = time.now
        objects.withLock { $0[path] = (data, tag, now) }
    }

    /// Writes if a condition on what is there holds.
    func write(_ data: Data, to path: String, if holds: (Int?) -> Bool) -> Bool {
        let tag = tags.add(1, ordering: .relaxed).newValue
        let now = time.now
        return objects.withLock { objects in
            guard holds(objects[path]?.tag) else { return false }
            objects[path] = (data, tag, now)
            return true
        }
    }

    /// Touches an object, as a rewrite of the same would.
    func touch(_ path: String) -> Bool {
        let now = time.now
        return objects.withLock { objects in
            guard objects[path] != nil else { return false }
            objects[path]?.modified = now
            return true
        }
    }

    func paths(_ prefix: String) -> [(path: String, size: Int, tag: Int, modified: Date)] {
        objects.withLock { objects in
            objects.filter { $0.key.hasPrefix(prefix) }
                .map { ($0.key, $0.value.data.count, $0.value.tag, $0.value.modified) }
        }.sorted { $0.0 < $1.0 }
    }

    func delete(_ path: String) { objects.withLock { $0[path] = nil } }
}

/// The store as one process sees it.
struct ProcessStore: ObjectStore {
    let memory: MemoryStore
    let life: Mortality
    let location = "s3://bucket/prefix"
    let recommendedPoll = Duration.milliseconds(1)
    var now: Date { memory.now }

    func read(_ key: StoreKey) async throws -> Data? {
        try life.call { memory.read(key.path)?.data }
    }

    func readTagged(_ key: StoreKey) async throws -> TaggedObject? {
        try life.call {
            memory.read(key.path).map { TaggedObject(data: $0.data, tag: "\($0.tag)") }
        }
    }

    func write(_ data: Data, to key: StoreKey) async throws {
        try life.call { memory.write(data, to: key.path) }
    }

    func create(_ data: Data, at key: StoreKey) async throws -> Bool {
        try life.call { memory.write(data, to: key.path) { $0 == nil } }
    }

    func replace(_ key: StoreKey, with data: Data, ifTagged tag: String) async throws -> Bool {
        try life.call { memory.write(data, to: key.path) { $0.map { "\($0)" } == tag } }
    }

    func list(prefix: String) async throws -> [StoreObject] {
        try life.call {
            memory.paths(prefix).map {
                StoreObject(
                    key: StoreKey(unchecked: $0.path), size: Int64($0.size), modified: $0.modified,
                    tag: "\($0.tag)")
            }
        }
    }

    func delete(_ key: StoreKey) async throws { try life.call { memory.delete(key.path) } }

    func delete(_ keys: [StoreKey]) async throws {
        try life.call { for key in keys { memory.delete(key.path) } }
    }

    func upload(file path: String, to key: StoreKey) async throws {
        try await write(try Data(contentsOf: URL(filePath: path)), to: key)
    }

    func download(_ key: StoreKey, to path: String) async throws -> Bool {
        guard let data = try await read(key) else { return false }
        try data.write(to: URL(filePath: path))
        return true
    }
}
