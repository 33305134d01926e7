// A store that goes away, or hangs, when a test says so.

package import FoundationEssentials
package import Store
internal import Synchronization

/// A store whose calls fail or never end for as long as it is so told.
package struct MoodyStore: StoreWithLog {
    /// How calls go.
    package enum Mood: Sendable {
        case well
        /// They fail at once, as if nothing was there.
        case away
        /// They wait for another mood.
        case hanging
    }

    private final class State: Sendable {
        let mood = Mutex(Mood.well)
        let calls = Mutex(0)
    }

    private let inner: any StoreWithLog
    private let state = State()
    private let call: String?
    package let recommendedPoll: Duration

    /// A store that is well, and recommends its own or another poll.
    ///
    /// Only calls of one name, `create`, have moods if it is given.
    package init(_ inner: any StoreWithLog, poll: Duration? = nil, only call: String? = nil) {
        self.inner = inner
        self.call = call
        recommendedPoll = poll ?? inner.recommendedPoll
    }

    /// How calls go from now on, those that hang among them.
    package var mood: Mood {
        get { state.mood.withLock { $0 } }
        nonmutating set { state.mood.withLock { $0 = newValue } }
    }

    /// Calls with moods so far, failed and hanging ones too.
    package var calls: Int { state.calls.withLock { $0 } }

    private func enter(_ name: String = #function) async throws {
        guard call.map({ name.hasPrefix("\($0)(") }) ?? true else { return }
        state.calls.withLock { $0 += 1 }
        while mood == .hanging { try await Task.sleep(for: .milliseconds(10)) }
        guard mood == .well else {
            throw StoreError.failed(operation: "reach", what: location, reason: "it is away")
        }
    }

    package var location: String { inner.location }
    package var now: Date { inner.now }

    package func read(_ key: StoreKey) async throws -> Data? {
        try await enter()
        return try await inner.read(key)
    }
    package func readTagged(_ key: StoreKey) async throws -> TaggedObject? {
        try await enter()
        return try await inner.readTagged(key)
    }
    package func write(_ data: Data, to key: StoreKey) async throws {
        try await enter()
        try await inner.write(data, to: key)
    }
    package func create(_ data: Data, at key: StoreKey) async throws -> Bool {
        try await enter()
        return try await inner.create(data, at: key)
    }
    package func replace(_ key: StoreKey, with data: Data, ifTagged tag: String) async throws
        -> Bool
    {
        try await enter()
        return try await inner.replace(key, with: data, ifTagged: tag)
    }
    package func list(prefix: String) async throws -> [StoreObject] {
        try await enter()
        return try await inner.list(prefix: prefix)
    }
    package func delete(_ key: StoreKey) async throws {
        try await enter()
        try await inner.delete(key)
    }
    package func delete(_ keys: [StoreKey]) async throws {
        try await enter()
        try await inner.delete(keys)
    }
    package func upload(file path: String, to key: StoreKey) async throws {
        try await enter()
        try await inner.upload(file: path, to: key)
    }
    package func download(_ key: StoreKey, to path: String) async throws -> Bool {
        try await enter()
        return try await inner.download(key, to: path)
    }
    package func liveLog(of run: String, node: String?) -> any LiveLog {
        MoodyLog(inner: inner.liveLog(of: run, node: node), enter: { try await enter() })
    }
}

private struct MoodyLog: LiveLog {
    let inner: any LiveLog
    let enter: @Sendable () async throws -> Void

    func batch(_ lines: [String]) -> LogBatch { inner.batch(lines) }

    func append(_ batch: LogBatch) async throws {
        try await enter()
        try await inner.append(batch)
    }

    func read(after position: LogPosition) async throws -> (
        lines: [String], position: LogPosition
    ) {
        try await enter()
        return try await inner.read(after: position)
    }
}
