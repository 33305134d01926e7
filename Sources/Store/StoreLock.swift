// A lock that several machines can see: a record that its holder renews while it lives.
//
// A holder that dies cannot release, so a lock ends by itself, by the store's clock. What is known
// of that clock may be wrong, so that a record looks ended proves nothing: whoever wants the lock
// watches it for longer than a holder leaves between two renewals, and takes it only if it has not
// moved. Each step replaces the very record that was read, so of several that try one succeeds.

internal import FoundationEssentials
internal import Synchronization

/// Who has a lock; a released one has no holder.
private struct LockRecord: Record {
    /// Unique for each time a lock was taken.
    var holder: String?
    var by: String
    var since: Date
    var endsAt: Date
}

/// A lock that is held.
package struct StoreLock: Sendable {
    private let tenure: Tenure
    private let renewal: Task<Void, Never>

    /// Renewals in the time for which a lock is good.
    private static let renewals = 5

    /// Takes a lock, or finds out who has it.
    ///
    /// Nothing waits for a holder that lives. One that has died is waited for no longer than
    /// `duration`, for which a lock is good without renewal, and a quarter of it. The record stays
    /// at its key, released, when nobody has the lock; `by` is for others to read.
    ///
    /// - Throws: ``StoreError/locked(by:since:expires:)``, or errors of the store.
    package static func acquire(
        _ key: StoreKey, in store: any ObjectStore, by: String,
        for duration: Duration = .seconds(40)
    ) async throws -> StoreLock {
        let tenure = Tenure(key: key, store: store, by: by, duration: duration)
        while true {
            let taken = ContinuousClock.now
            guard let object = try await store.readTagged(key) else {
                guard try await store.create(tenure.record(), at: key) else { continue }
                return StoreLock(tenure, since: taken)
            }
            let record = try RecordCoding.record(LockRecord.self, from: object.data, at: key)
            if record.holder != nil {
                try await requireDead(record, object.tag, at: key, in: store, for: duration)
            }
            let data = try RecordCoding.data(tenure.record())
            let now = ContinuousClock.now
            if try await store.replace(key, with: data, ifTagged: object.tag) {
                return StoreLock(tenure, since: now)
            }
        }
    }

    private init(_ tenure: Tenure, since: ContinuousClock.Instant) {
        self.tenure = tenure
        tenure.extend(from: since)
        renewal = Task { await tenure.renew(every: tenure.duration / Self.renewals) }
    }

    /// Makes sure that the lock is still held; look before each step that cannot be undone.
    ///
    /// - Throws: ``StoreError/lockTaken(key:by:since:)`` or ``StoreError/lockLost(key:)``.
    package func check() throws(StoreError) {
        if let loss = tenure.loss { throw loss }
    }

    /// Does something for as long as the lock is held; when it is lost, the body's task is
    /// cancelled, and what comes of the body then counts no more.
    ///
    /// - Throws: What the body throws, or as ``check()`` does.
    package func during<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                while true {
                    try check()
                    // Cancelled from outside, or because the body is done.
                    do { try await Task.sleep(for: Self.watchPause) } catch { return nil }
                }
            }
            for try await case let result? in group {
                group.cancelAll()
                return result
            }
            throw CancellationError()
        }
    }

    private static let watchPause: Duration = .milliseconds(100)

    /// Gives the lock back; when the store is away, it ends by itself.
    package func release() async {
        renewal.cancel()
        await renewal.value
        // Not undone by a cancellation of whoever held it.
        await Task { [tenure] in try? await tenure.end() }.value
    }

    /// Watches a lock whose time seems to be over, until it has not moved for long enough, or has.
    private static func requireDead(
        _ record: LockRecord, _ tag: String, at key: StoreKey, in store: any ObjectStore,
        for duration: Duration
    ) async throws {
        guard record.endsAt <= store.now else {
            throw StoreError.locked(by: record.by, since: record.since, expires: record.endsAt)
        }
        let end = ContinuousClock.now + duration / 4
        while ContinuousClock.now < end {
            try await Task.sleep(for: min(store.recommendedPoll, duration / 20))
            guard try await store.readTagged(key)?.tag == tag else { return }
        }
    }
}

/// The time for which a lock is held.
private final class Tenure: Sendable {
    private enum State {
        case held(until: ContinuousClock.Instant)
        case over
        case taken(by: String, since: Date)
    }

    let key: StoreKey
    let duration: Duration
    private let store: any ObjectStore
    private let by: String
    private let holder = UUID().uuidString
    private let since = Date.now
    private let state = Mutex(State.over)

    init(key: StoreKey, store: any ObjectStore, by: String, duration: Duration) {
        self.key = key
        self.store = store
        self.by = by
        self.duration = duration
    }

    func record() -> LockRecord {
        LockRecord(
            holder: holder, by: by, since: since,
            endsAt: store.now + Double(duration.components.seconds)
                + Double(duration.components.attoseconds) / 1e18)
    }

    /// Why the lock is no longer held; nil while it is.
    var loss: StoreError? {
        switch state.withLock({ $0 }) {
        case .held(let end) where ContinuousClock.now < end: nil
        case .held, .over: .lockLost(key: key.path)
        case .taken(let by, let since): .lockTaken(key: key.path, by: by, since: since)
        }
    }

    func extend(from start: ContinuousClock.Instant) {
        state.withLock { $0 = .held(until: start + duration) }
    }

    /// Renews until the task is cancelled or somebody else has the lock.
    func renew(every interval: Duration) async {
        while true {
            do { try await Task.sleep(for: interval) } catch { return }
            let start = ContinuousClock.now
            do {
                if let other = try await replace(with: record()) {
                    state.withLock { $0 = other }
                    return
                }
                extend(from: start)
            } catch {
                // The store may be away for a moment; the lock is good until its time is over.
            }
        }
    }

    /// Leaves the lock to whoever comes next.
    func end() async throws {
        state.withLock { $0 = .over }
        _ = try await replace(
            with: LockRecord(holder: nil, by: by, since: since, endsAt: since))
    }

    /// Replaces our own record; returns what became of the lock if that is no longer there.
    private func replace(with record: LockRecord) async throws -> State? {
        while true {
            guard let object = try await store.readTagged(key) else { return .over }
            let current = try RecordCoding.record(LockRecord.self, from: object.data, at: key)
            guard current.holder == holder else {
                return current.holder == nil ? .over : .taken(by: current.by, since: current.since)
            }
            let data = try RecordCoding.data(record)
            if try await store.replace(key, with: data, ifTagged: object.tag) { return nil }
        }
    }
}
