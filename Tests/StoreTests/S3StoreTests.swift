// What only the store in S3 has to cope with: AWS's refusals, lost answers, throttling, limits.
import AWS
import Foundation
import LoadfleetTesting
import Testing

@testable import Store

@Suite(.serialized) struct S3StoreTests {
    private let key = StoreKey(unchecked: "k")

    private func faulty(_ rules: String) async throws -> S3Store {
        let cloud = try await SimulatedCloud.running()
        try await cloud.inject("[]")
        let store = try await cloud.makeStore(byFaultyDoor: true)
        try await cloud.inject(rules)
        return store
    }

    @Test func `a create whose answer is lost is known by its content`() async throws {
        let lost = #"[{"match": {"action": "PutObject"}, "fault": "applied-drop"}]"#
        let store = try await faulty(lost)
        #expect(try await store.create(Data("mine".utf8), at: key))
        #expect(try await !store.create(Data("mine".utf8), at: key))
        let tag = try #require(try await store.readTagged(key)).tag
        try await SimulatedCloud.running().inject(lost)
        #expect(try await store.replace(key, with: Data("again".utf8), ifTagged: tag))
        #expect(try await store.read(key) == Data("again".utf8))
        try await SimulatedCloud.running().inject("[]")
    }

    @Test func `a conflict of two writers is tried again`() async throws {
        let store = try await faulty(
            """
            [{"match": {"action": "PutObject"}, "count": 2, "fault": "error",
              "code": "ConditionalRequestConflict", "status": 409}]
            """)
        #expect(try await store.create(Data("x".utf8), at: key))
        try await SimulatedCloud.running().inject("[]")
    }

    @Test func `a refusal keeps AWS's sentence and says what to do`() async throws {
        let store = try await faulty(
            """
            [{"match": {"action": "PutObject"}, "fault": "error", "code": "AccessDenied",
              "status": 403, "message": "not authorized to perform: s3:PutObject"}]
            """)
        let error = try await #require(throws: StoreError.self) {
            try await store.write(Data(), to: key)
        }
        guard case .denied = error else {
            Issue.record("\(error)")
            return
        }
        #expect(error.message.contains("cannot write \(store.location)/k: "))
        #expect(error.message.contains("not authorized to perform"))
        #expect(error.hint?.contains("s3:PutObject") == true)
        try await SimulatedCloud.running().inject("[]")
    }

    @Test func `a bucket that is not there is an error, not an empty store`() async throws {
        let cloud = try await SimulatedCloud.running()
        let store = S3Store(
            client: try cloud.client(), bucket: "no-such-bucket-here", logGroup: "/none")
        let error = try await #require(throws: StoreError.self) { try await store.read(key) }
        #expect(error.message.contains("NoSuchBucket"))
        await #expect(throws: StoreError.self) { try await store.list(prefix: "") }
        await #expect(throws: StoreError.self) {
            try await store.liveLog(of: "r").append(["line"])
        }
        #expect(try await store.liveLog(of: "r").read(after: .start).lines.isEmpty)
    }

    @Test func `a log under throttling and lost answers has every line once, in order`()
        async throws
    {
        let store = try await faulty(
            """
            [{"match": {"action": "PutLogEvents"}, "skip": 1, "count": 2, "fault": "error",
              "code": "ThrottlingException", "status": 400},
             {"match": {"action": "PutLogEvents"}, "skip": 2, "count": 1,
              "fault": "applied-drop"}]
            """)
        let log = store.liveLog(of: "r")
        for number in 0..<8 { try await log.append(["line \(number)"]) }
        let lines = try await log.read(after: .start).lines
        #expect(lines == (0..<8).map { "line \($0)" })
        try await SimulatedCloud.running().inject("[]")
    }

    @Test func `batches keep to CloudWatch's limits, and a line beyond them is refused`()
        async throws
    {
        let store = try await SimulatedCloud.running().makeStore()
        let log = store.liveLog(of: "r")
        let long = String(repeating: "x", count: CloudWatchLog.longestLine)
        let events = [Int](0..<12).map { LogLine(time: .now + Double($0), message: long) }
        #expect(CloudWatchLog.batch(of: events[...]).count == 4)
        #expect(CloudWatchLog.batch(of: events[3...]).startIndex == 3)
        let many = [Int](0..<10_001).map { _ in LogLine(time: .now, message: "m") }
        #expect(CloudWatchLog.batch(of: many[...]).count == 10_000)
        #expect(CloudWatchLog.batch(of: many[5...]).count == 9_996)
        try await log.append([long, "short", long, long, long, long, "end"])
        let lines = try await log.read(after: .start).lines
        #expect(
            lines.map(\.utf8.count) == [
                long.count, 5, long.count, long.count, long.count, long.count, 3,
            ])
        let error = try await #require(throws: StoreError.self) {
            try await log.append(["before", long + "y"])
        }
        #expect(error.message.contains("262118"))
        #expect(try await log.read(after: .start).lines.count == 7)
    }

    @Test func `a log of several pages is read whole`() async throws {
        let cloud = try await SimulatedCloud.running()
        let store = try await cloud.makeStore()
        try await store.liveLog(of: "r").append(["last"])
        let lines = (0..<18_000).map { "line \($0)" }
        for start in stride(from: 0, to: lines.count, by: 9_000) {
            let events = (start..<start + 9_000).map {
                LogLine(time: .now - 60 + Double($0) / 1000, message: lines[$0])
            }
            _ = try await cloud.client().send(
                PutLogEvents(group: store.logGroup, stream: "runs/r", events: events))
        }
        var read: [String] = []
        var position = LogPosition.start
        let deadline = ContinuousClock.now + .seconds(60)
        // The youngest lines of a further page are left to the next look.
        while read.count <= lines.count, ContinuousClock.now < deadline {
            let news = try await store.liveLog(of: "r").read(after: position)
            read += news.lines
            position = news.position
        }
        #expect(read == lines + ["last"])
    }

    @Test func `a line that CloudWatch shows late is still read`() async throws {
        let cloud = try await SimulatedCloud.running()
        let store = try await cloud.makeStore()
        let log = store.liveLog(of: "r")
        try await log.append(["first", "second"])
        let seen = try await log.read(after: .start)
        _ = try await cloud.client().send(
            PutLogEvents(
                group: store.logGroup, stream: "runs/r",
                events: [LogLine(time: .now - 20, message: "of a slower clock")]))
        let late = try await log.read(after: seen.position)
        #expect(late.lines == ["of a slower clock"])
        #expect(try await log.read(after: late.position).lines.isEmpty)
        await #expect(throws: StoreError.self) {
            try await log.read(after: LogPosition(text: "no position"))
        }
    }

    @Test func `a batch that is added again, after its answer was lost, is read once`()
        async throws
    {
        let store = try await SimulatedCloud.running().makeStore()
        let log = store.liveLog(of: "r")
        let batch = log.batch(["one", "two"])
        try await log.append(batch)
        let first = try await log.read(after: .start)
        #expect(first.lines == ["one", "two"])
        try await log.append(["three"])
        try await log.append(batch)
        let second = try await log.read(after: first.position)
        #expect(second.lines == ["three"])
        #expect(try await log.read(after: .start).lines == ["one", "two", "three"])
    }

    @Test func `lines have CloudWatch's times, though this machine's clock be wrong`()
        async throws
    {
        let cloud = try await SimulatedCloud.running()
        let right = try await cloud.makeStore()
        let wrong = S3Store(
            client: try cloud.client(fastBy: 240), bucket: right.bucket, logGroup: right.logGroup)
        let mistaken = try #require(wrong.liveLog(of: "other").batch(["line"]).times.first)
        #expect(mistaken.timeIntervalSinceNow > 200)
        // Any answer shows the time.
        _ = try await wrong.read(key)
        let log = right.liveLog(of: "r")
        try await wrong.liveLog(of: "r").append(["of the wrong clock"])
        try await log.append(["of the right one"])
        let events = try await cloud.client().send(
            GetLogEvents(group: right.logGroup, stream: "runs/r")
        ).events
        #expect(events.count == 2)
        #expect(events.allSatisfy { abs($0.time.timeIntervalSinceNow) < 30 })
    }

    @Test func `a line from the future hides no line of the present`() async throws {
        let cloud = try await SimulatedCloud.running()
        let store = try await cloud.makeStore()
        let log = store.liveLog(of: "r")
        try await log.append(["first"])
        _ = try await cloud.client().send(
            PutLogEvents(
                group: store.logGroup, stream: "runs/r",
                events: [LogLine(time: .now + 3_000, message: "of a fast clock")]))
        let seen = try await log.read(after: .start)
        #expect(seen.lines == ["first", "of a fast clock"])
        try await log.append(["second"])
        let news = try await log.read(after: seen.position)
        #expect(news.lines == ["second"])
        #expect(try await log.read(after: news.position).lines.isEmpty)
    }
}
