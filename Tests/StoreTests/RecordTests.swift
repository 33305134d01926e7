import Foundation
import LoadfleetTesting
import Store
import Testing

@Suite struct RecordTests {
    private let key = StoreKey(unchecked: "runs/r/stop.json")

    @Test func `comes back as it went, milliseconds and property names included`() throws {
        let request = RunRequest(
            id: "r", fleet: "f", mode: .remote, controller: "controller", workers: ["worker-1"],
            plan: "plan.jmx", planPath: "x/plan.jmx",
            files: [BundledFile(name: "users.csv", kind: .split, bytes: 3)], perWorker: false,
            properties: ["my_prop.name_x": "v", "camelCase": "w"], threads: [1],
            requestedAt: Date(timeIntervalSince1970: 1_700_000_000.125), requestedBy: "a@b",
            readySeconds: 1, deadlineSeconds: 2, stopSeconds: 3)
        let data = try RecordCoding.data(request)
        #expect(
            String(decoding: data, as: UTF8.self).contains(
                "\"requested_at\":\"2023-11-14T22:13:20.125Z\""))
        let back = try RecordCoding.record(RunRequest.self, from: data, at: key)
        #expect(back.properties == request.properties)
        #expect(abs(back.requestedAt.timeIntervalSince(request.requestedAt)) < 0.001)
    }

    @Test func `a newer version is told from a damaged record`() throws {
        #expect(throws: StoreError.tooNew(key: key.path, version: 9)) {
            try RecordCoding.record(
                StopRequest.self, from: Data(#"{"version":9,"later":true}"#.utf8), at: key)
        }
        let error = try #require(throws: StoreError.self) {
            try RecordCoding.record(
                StopRequest.self, from: Data(#"{"version":1,"by":"x","at":"soon"}"#.utf8), at: key)
        }
        #expect(error.message.contains("runs/r/stop.json is damaged"))
    }

    @Test func `a heartbeat that moves is life, whatever its clock says`() async throws {
        let scratch = try TemporaryFolder()
        let store = try FolderStore(at: scratch.path)
        let keys = FleetKeys("f")
        let longAgo = Date(timeIntervalSince1970: 0)
        func beat(_ node: String, _ sequence: Int) async throws {
            try await store.put(
                Heartbeat(node: node, sequence: sequence, at: longAgo, run: nil),
                at: keys.heartbeat(of: node))
        }
        var watch = HeartbeatWatch(
            fleet: "f", nodes: ["a", "b", "c"], lostAfter: .milliseconds(200))
        try await beat("a", 1)
        try await beat("b", 1)
        #expect(try await watch.silent(in: store).isEmpty)
        let deadline = ContinuousClock.now + .seconds(20)
        var silent: [String] = []
        var sequence = 1
        while silent.count < 2, ContinuousClock.now < deadline {
            sequence += 1
            try await beat("a", sequence)
            silent = try await watch.silent(in: store)
        }
        #expect(silent == ["b", "c"])
        watch.forget("b")
        #expect(try await watch.silent(in: store) == ["c"])
    }

    @Test func `a controller that comes late changes neither the outcome nor another run's lock`()
        async throws
    {
        let scratch = try TemporaryFolder()
        let store = try FolderStore(at: scratch.path)
        func request(_ id: String) -> RunRequest {
            RunRequest(
                id: id, fleet: "f", mode: .standalone, controller: "controller", workers: [],
                plan: "p", planPath: "p", files: [], perWorker: false, properties: [:], threads: [],
                requestedAt: .now, requestedBy: "a@b", readySeconds: 1, deadlineSeconds: 1,
                stopSeconds: 1)
        }
        let lock = FleetKeys("f").run
        try await store.put(CurrentRun(run: "one", by: "a", since: .now), at: lock)
        let lost = [LostNode(node: "controller", at: Date(timeIntervalSince1970: 0))]
        try await store.conclude(request("one"), RunOutcome(endedAt: .now, lost: lost))
        #expect(try await store.read(lock) == nil)
        try await store.put(CurrentRun(run: "two", by: "a", since: .now), at: lock)
        try await store.conclude(request("one"), RunOutcome(endedAt: .now))
        #expect(try await store.record(CurrentRun.self, at: lock)?.run == "two")
        let outcome = try await store.record(RunOutcome.self, at: RunKeys("one").outcome)
        #expect(outcome?.lost == lost)
    }
}
