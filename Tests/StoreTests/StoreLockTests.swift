// Locks: one holder, who and since for the others, and an end when the holder has died.
import Foundation
import LoadfleetTesting
import Store
import Testing

@Suite(.serialized) struct StoreLockTests {
    private let lockKey = FleetKeys("f").lock

    @Test(arguments: StoreKind.allCases)
    func `of many that want a lock one gets it, and the others learn who`(kind: StoreKind)
        async throws
    {
        let tested = try await kind.make()
        let (store, key) = (tested.store, lockKey)
        for round in 0..<2 {
            let before = Date.now
            let outcomes = await withTaskGroup(of: Result<StoreLock, any Error>.self) { group in
                for number in 0..<10 {
                    group.addTask {
                        do {
                            return .success(
                                try await StoreLock.acquire(key, in: store, by: "cli-\(number)"))
                        } catch {
                            return .failure(error)
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let held = outcomes.compactMap { try? $0.get() }
            try #require(held.count == 1, "round \(round)")
            try held[0].check()
            for case .failure(let error) in outcomes {
                guard case StoreError.locked(let by, let since, let expires) = error else {
                    Issue.record(error)
                    continue
                }
                #expect(by.hasPrefix("cli-"))
                #expect(since > before - 1 && expires > since + 30)
            }
            await held[0].release()
            #expect(throws: StoreError.lockLost(key: key.path)) { try held[0].check() }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a holder that lives keeps its lock, one that has died loses it`(kind: StoreKind)
        async throws
    {
        let tested = try await kind.make()
        let (store, key) = (tested.store, lockKey)
        let duration: Duration = .seconds(kind == .folder ? 2 : 6)
        let living = try await StoreLock.acquire(key, in: store, by: "a", for: duration)
        // Twice as long as it is good without renewal.
        let end = ContinuousClock.now + duration * 2
        while ContinuousClock.now < end {
            try living.check()
            await #expect(throws: StoreError.self) {
                try await StoreLock.acquire(key, in: store, by: "b", for: duration)
            }
            try await Task.sleep(for: .milliseconds(200))
        }
        // What a killed holder leaves: its last record, and nobody who renews it.
        let left = try #require(try await store.readTagged(key))
        await living.release()
        try await store.write(left.data, to: key)
        let deadline = ContinuousClock.now + .seconds(60)
        let began = ContinuousClock.now
        let wins = try await count(5) { number in
            while ContinuousClock.now < deadline {
                do {
                    _ = try await StoreLock.acquire(
                        key, in: store, by: "c-\(number)", for: duration)
                    return true
                } catch StoreError.locked(let by, _, _) where by.hasPrefix("c-") {
                    return false
                } catch StoreError.locked {
                    try await Task.sleep(for: .milliseconds(100))
                }
            }
            return false
        }
        #expect(wins == 1)
        #expect(ContinuousClock.now - began < duration * 6)
    }

    /// What stands at the lock's key when somebody else has taken it.
    private let theirs = Data(
        """
        {"version":1,"holder":"x","by":"b","since":"2026-01-01T00:00:00.000Z",
        "ends_at":"2999-01-01T00:00:00.000Z"}
        """.utf8)
    private let theirsSince = Date(timeIntervalSince1970: 1_767_225_600)

    @Test func `a lock that somebody else has by now is lost, and stays theirs`() async throws {
        let tested = try await StoreKind.folder.make()
        let lock = try await StoreLock.acquire(
            lockKey, in: tested.store, by: "a", for: .seconds(4))
        try await tested.store.write(theirs, to: lockKey)
        let deadline = ContinuousClock.now + .seconds(20)
        while (try? lock.check()) != nil, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(
            throws: StoreError.lockTaken(key: lockKey.path, by: "b", since: theirsSince)
        ) { try lock.check() }
        await lock.release()
        #expect(try await tested.store.read(lockKey) == theirs)
    }

    @Test func `work under a lock is cancelled when somebody else takes it`() async throws {
        let tested = try await StoreKind.folder.make()
        let lock = try await StoreLock.acquire(
            lockKey, in: tested.store, by: "a", for: .seconds(4))
        let (store, key, other) = (tested.store, lockKey, theirs)
        let error = await #expect(throws: StoreError.self) {
            try await lock.during {
                try await store.write(other, to: key)
                try await Task.sleep(for: .seconds(60))
            }
        }
        #expect(error == .lockTaken(key: lockKey.path, by: "b", since: theirsSince))
        #expect(error?.message.contains("went to b") == true)
        await lock.release()
        #expect(try await tested.store.read(lockKey) == theirs)
    }

    @Test(arguments: [MoodyStore.Mood.away, .hanging])
    func `work under a lock is cancelled when it can't be renewed`(mood: MoodyStore.Mood)
        async throws
    {
        let scratch = try TemporaryFolder()
        let store = MoodyStore(try FolderStore(at: scratch.path))
        let lock = try await StoreLock.acquire(lockKey, in: store, by: "a", for: .seconds(4))
        await #expect(throws: StoreError.lockLost(key: lockKey.path)) {
            try await lock.during {
                store.mood = mood
                try await Task.sleep(for: .seconds(60))
            }
        }
        store.mood = .well
        await lock.release()
    }

    @Test func `work under a lock ends with its own result, or its own error`() async throws {
        let tested = try await StoreKind.folder.make()
        let lock = try await StoreLock.acquire(
            lockKey, in: tested.store, by: "a", for: .seconds(4))
        let isHeld = try await lock.during {
            // Longer than the lock is good without renewal.
            try await Task.sleep(for: .seconds(5))
            return true
        }
        #expect(isHeld)
        await #expect(throws: StoreError.badKey("x")) {
            try await lock.during { throw StoreError.badKey("x") }
        }
        try lock.check()
        await lock.release()
    }
}
