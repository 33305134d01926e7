// Handing a run over to a fleet, or not.
import Foundation
import LoadfleetTesting
import Store
import Testing

@testable import Runs

@Suite struct RunSubmissionTests {
    private let scratch: TemporaryFolder
    private let folder: FolderStore
    private let lock = FleetKeys("f").run

    init() throws {
        scratch = try TemporaryFolder()
        folder = try FolderStore(at: scratch.path)
    }

    private let run = PreparedRun(
        request: RunRequest(
            id: "r1", fleet: "f", mode: .standalone, controller: "controller",
            workers: ["worker-1"], plan: "plan.jmx", planPath: "plan.jmx",
            files: [BundledFile(name: "plan.jmx", kind: .plan, bytes: 1)], perWorker: false,
            properties: [:], threads: [1], requestedAt: .now, requestedBy: "a@b",
            readySeconds: 1, deadlineSeconds: 1, stopSeconds: 1),
        items: [PreparedRun.Item(name: "plan.jmx", source: .bytes([0]))], notes: [])

    /// Hands the run over to a store that hangs in calls of one name, and cancels that once it does.
    private func cancelled(in call: String) async throws -> (Task<Void, any Error>, MoodyStore) {
        let store = MoodyStore(folder, only: call)
        store.mood = .hanging
        let submission = Task { [run] in try await run.submit(to: store) }
        let deadline = ContinuousClock.now + .seconds(60)
        while store.calls == 0 {
            try #require(ContinuousClock.now < deadline)
            try await Task.sleep(for: .milliseconds(10))
        }
        submission.cancel()
        return (submission, store)
    }

    @Test func `cancelled while the bundle is shipped, it leaves nothing`() async throws {
        let (submission, _) = try await cancelled(in: "write")
        await #expect(throws: CancellationError.self) { try await submission.value }
        #expect(try await folder.list(prefix: RunKeys("r1").prefix).isEmpty)
        #expect(try await folder.read(lock) == nil)
    }

    @Test func `cancelled while the fleet is taken, the run is there`() async throws {
        let (submission, store) = try await cancelled(in: "create")
        store.mood = .well
        try await submission.value
        #expect(try await RunControl(store: folder).holder(of: "f")?.run == "r1")
        #expect(try await folder.read(RunKeys("r1").request) != nil)
    }

    @Test func `a fleet that somebody else has stays theirs, and nothing of the run is left`()
        async throws
    {
        let theirs = CurrentRun(run: "r0", by: "x@y", since: Date(timeIntervalSince1970: 1e9))
        try await folder.put(theirs, at: lock)
        await #expect(throws: RunError.locked(run: "r0", by: "x@y", since: theirs.since)) {
            try await run.submit(to: folder)
        }
        #expect(try await folder.list(prefix: RunKeys("r1").prefix).isEmpty)
        #expect(try await RunControl(store: folder).holder(of: "f")?.run == "r0")
    }
}
