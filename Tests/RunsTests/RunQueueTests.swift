// Waiting for a fleet that another run has.
import Foundation
import LoadfleetTesting
import Store
import Synchronization
import Testing

@testable import Runs

@Suite struct RunQueueTests {
    private let scratch: TemporaryFolder
    private let store: FolderStore
    private let lock = FleetKeys("f").run

    init() throws {
        scratch = try TemporaryFolder()
        store = try FolderStore(at: scratch.path)
    }

    private var queue: RunQueue { RunQueue(store: store, fleet: "f") }

    private func take(_ run: String) async throws {
        try await store.put(CurrentRun(run: run, by: "a@b", since: .now), at: lock)
    }

    @Test func `a free fleet is not waited for, nor one whose run is over`() async throws {
        let fail: (CurrentRun) -> Void = { Issue.record("waited for \($0.run)") }
        try await queue.wait(within: nil, leaseEndsAt: .distantFuture, onWait: fail)
        try await take("r1")
        try await store.put(RunOutcome(endedAt: .now), at: RunKeys("r1").outcome)
        try await queue.wait(within: nil, leaseEndsAt: .distantFuture, onWait: fail)
    }

    @Test(.timeLimit(.minutes(1)))
    func `each run that has the fleet is told of once, and waited for`() async throws {
        try await take("r1")
        let (told, tell) = AsyncStream.makeStream(of: String.self)
        let waiting = Task { [queue] in
            try await queue.wait(within: nil, leaseEndsAt: .distantFuture) { tell.yield($0.run) }
        }
        var runs = told.makeAsyncIterator()
        #expect(await runs.next() == "r1")
        try await take("r2")
        #expect(await runs.next() == "r2")
        try await store.delete(lock)
        try await waiting.value
        tell.finish()
        #expect(await runs.next() == nil)
    }

    @Test func `the wait has an end, and the lease and the user are two`() async throws {
        try await take("r1")
        let queue = queue
        await #expect(throws: RunError.queued(run: "r1", by: "a@b")) {
            try await queue.wait(
                within: Duration.zero, leaseEndsAt: Date.distantFuture, onWait: { _ in })
        }
        try await queue.wait(within: .zero, leaseEndsAt: .distantPast) { _ in }
        try await queue.wait(
            within: nil, leaseEndsAt: .distantFuture, leaves: { true }, onWait: { _ in })
    }
}
