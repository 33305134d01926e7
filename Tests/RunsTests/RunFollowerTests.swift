// Whoever follows a run, while the store goes and comes.
import Foundation
import LoadfleetTesting
import Store
import Synchronization
import Testing

@testable import Runs

@Suite struct RunFollowerTests {
    private let scratch: TemporaryFolder
    private let store: MoodyStore
    private let request = RunRequest(
        id: "r", fleet: "f", mode: .standalone, controller: "controller",
        workers: ["worker-1", "worker-2"], plan: "p.jmx", planPath: "p.jmx", files: [],
        perWorker: false, properties: [:], threads: [1, 1], requestedAt: .now,
        requestedBy: "a@b", readySeconds: 60, deadlineSeconds: 60, stopSeconds: 1)

    init() async throws {
        scratch = try TemporaryFolder()
        store = MoodyStore(try FolderStore(at: scratch.path))
        try await store.put(
            CurrentRun(run: "r", by: "a", since: .now), at: FleetKeys("f").run)
    }

    private func follower(outage: Duration = .seconds(60)) -> RunFollower {
        RunFollower(store: store, request: request, lostAfter: .seconds(1), outage: outage)
    }

    /// What a follower said.
    private final class Said: Sendable {
        private let texts = Mutex<[String]>([])
        var all: [String] { texts.withLock { $0 } }
        func add(_ line: LiveLine) {
            if case .event(_, let text) = line { texts.withLock { $0.append(text) } }
        }
        func wait(for part: String) async throws {
            let deadline = ContinuousClock.now + .seconds(30)
            while !all.contains(where: { $0.contains(part) }) {
                try #require(ContinuousClock.now < deadline, "\(part): \(all)")
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    @Test func `a store that is away for a while ends nothing, and makes nobody lost`()
        async throws
    {
        let said = Said()
        let beat = { [store] (number: Int) in
            try await store.put(
                Heartbeat(node: "controller", sequence: number, at: .now, run: "r"),
                at: FleetKeys("f").heartbeat(of: "controller"))
        }
        try await beat(1)
        try await store.liveLog(of: "r").append(LiveLines.encode([.event(at: .now, text: "on")]))
        let following = Task {
            var follower = follower()
            return try await follower.follow(within: nil, leaves: { false }, onLine: said.add)
        }
        try await said.wait(for: "on")
        store.mood = .away
        try await said.wait(for: "the store does not answer: cannot reach")
        // Longer than a node may be silent.
        try await Task.sleep(for: .milliseconds(1500))
        store.mood = .well
        try await said.wait(for: "the store answers again")
        try await beat(2)
        let outcome = RunOutcome(endedAt: Date(timeIntervalSince1970: 1_700_000_000))
        try await store.put(outcome, at: RunKeys("r").outcome)
        #expect(try await following.value == .over(outcome))
        #expect(said.all.count == 3, "\(said.all)")
    }

    @Test func `a store that stays away is given up, with the way back`() async throws {
        store.mood = .away
        var follower = follower(outage: .milliseconds(500))
        let error = await #expect(throws: RunError.self) {
            try await follower.follow(within: nil, leaves: { false }, onLine: { _ in })
        }
        guard case .storeAway(run: "r", _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.hint == "pick it up again with: loadfleet attach r")
    }

    @Test func `who wants to leave may leave, though the store be away`() async throws {
        store.mood = .away
        var follower = follower()
        let end = try await follower.follow(within: nil, leaves: { true }, onLine: { _ in })
        #expect(end == .left(pending: ["worker-1", "worker-2"]))
    }
}
