// Every document is there exactly once, whatever goes wrong on the way.

import Foundation
import LoadfleetTesting
import Results
import Synchronization
import Testing

@testable import Export

@Suite(
    .enabled(if: ExportServer.areThere, "utility/report-test-tools puts the servers in place"),
    .serialized)
struct `OpenSearch` {
    /// Of the suite, so that it is there until its test is over.
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Sends a run, with so many documents in a request.
    private func send(
        _ run: ExportedRun, to url: String, _ part: ExportedPart = .both, items: Int = 5000,
        by courier: Courier? = nil
    ) async throws -> Exported {
        let export = try OpenSearchExport(
            to: Server(url, .opensearch), by: try courier ?? .hasty(), itemsInRequest: items)
        return try await export.send(run, part)
    }

    private func count(_ server: ExportServer, _ index: String) async throws -> Int? {
        try await server.ask("POST", "/loadfleet-\(index)/_refresh")
        return try await server.json("GET", "/loadfleet-\(index)/_count")["count"].int
    }

    @Test func `has all samples and figures of a run, and finds them`() async throws {
        let server = try await ExportServer.openSearch()
        let run = try SampleText.run(samples: 500, in: folder)
        let sent = try await send(run, to: server.url)
        #expect(sent == Exported(samples: 1000, figures: 1 + SampleText.labels.count))
        #expect(try await count(server, "samples") == 1000)
        #expect(try await count(server, "summary") == 1 + SampleText.labels.count)
        // What the template is for: sums and percentiles by label.
        let found = try await server.json(
            "POST", "/loadfleet-samples/_search",
            """
            {"size": 0, "aggs": {"labels": {"terms": {"field": "label", "size": 100}, "aggs":
              {"sum": {"sum": {"field": "elapsed_ms"}}}}, "bad": {"filter":
              {"term": {"success": false}}}, "span": {"max": {"field": "@timestamp"}}}}
            """)["aggregations"]
        let buckets = found["labels"]["buckets"].list
        let rows = run.summary.labels
        let counts = buckets.map { "\($0["key"].text ?? "?"): \($0["doc_count"].int ?? 0)" }
        #expect(Set(counts) == Set(rows.map { "\($0.label): \($0.samples)" }))
        let elapsed = buckets.compactMap { $0["sum"]["value"].int }.reduce(0, +)
        #expect(elapsed == 2 * (0..<500).reduce(0, +))
        #expect(found["bad"]["doc_count"].int == run.summary.total.errors)
        #expect(found["span"]["value"].int == 1_700_000_000_000 + 499 / 3)
    }

    @Test func `has what a sample says, field by field`() async throws {
        let server = try await ExportServer.openSearch()
        let run = try SampleText.run(workers: 1, samples: 15, in: folder)
        _ = try await send(run, to: server.url)
        let id = "20270115-080000-q7x2%2Fworker-1%2F14"
        let document = try await server.json("GET", "/loadfleet-samples/_doc/\(id)")["_source"]
        let expected: [String: NSObject] = [
            "@timestamp": 1_700_000_000_004 as NSNumber, "run": run.name as NSString,
            "worker": "worker-1" as NSString, "kind": "sampler" as NSString,
            "label": SampleText.labels[14] as NSString, "success": false as NSNumber,
            "elapsed_ms": 14 as NSNumber, "latency_ms": 14 as NSNumber,
            "connect_ms": 5 as NSNumber, "received_bytes": 1024 as NSNumber,
            "sent_bytes": 100 as NSNumber, "active_threads": 5 as NSNumber,
            "response_code": "500" as NSString,
            "response_message": "no, \"really\"" as NSString,
            "failure_message": "expected 200" as NSString, "thread": "Users 1-4" as NSString,
            "url": "http://shop.test/?a=2" as NSString,
        ]
        #expect(document.value as? NSDictionary == expected as NSDictionary)
        let total = try await server.json(
            "GET", "/loadfleet-summary/_doc/20270115-080000-q7x2%2F0")["_source"]
        #expect(total["label"].text == "Total")
        #expect(total["verdict"].text == "passed")
        #expect(total["samples"].int == 15)
        #expect(total["plan"].text == "shop.jmx")
        #expect(
            total["gates"].list.map { $0["expression"].text } == ["p95 < 100ms", "samples > 1"])
    }

    @Test func `has each document once under throttling, faults and resets`() async throws {
        let server = try await ExportServer.openSearch()
        let run = try SampleText.run(samples: 2000, in: folder)
        // Each fault in turn, so that none is left out; every third request gets through.
        let turn = Mutex(0)
        let door = try FaultyDoor(before: server.url) {
            turn.withLock { turn in
                turn += 1
                return Fault.allCases[turn * 5 % Fault.allCases.count]
            }
        }
        let sent = try await send(run, to: door.url, items: 150)
        #expect(sent.samples == 4000)
        #expect(try await count(server, "samples") == 4000)
        #expect(Set(door.made().keys) == Set(Fault.allCases))
        try await expectWholeAndOnce(run, on: server)
        // Once more, the other way round: nothing is doubled.
        let again = try await send(run, to: server.url, items: 333)
        #expect(again == Exported(samples: 4000, figures: 1 + SampleText.labels.count))
        #expect(try await count(server, "samples") == 4000)
        #expect(try await count(server, "summary") == 1 + SampleText.labels.count)
        try await expectWholeAndOnce(run, on: server)
    }

    /// All documents of a run's samples are there, as they were first written.
    private func expectWholeAndOnce(_ run: ExportedRun, on server: ExportServer) async throws {
        let found = try await server.json(
            "POST", "/loadfleet-samples/_search",
            #"{"size": 10000, "version": true, "_source": false, "query": {"match_all": {}}}"#)
        let hits = found["hits"]["hits"].list
        let ids = Set(hits.compactMap { $0["_id"].text })
        let wanted = run.samples.flatMap { file in
            (0..<hits.count / run.samples.count).map { "\(run.name)/\(file.worker)/\($0)" }
        }
        let areThoseWanted = ids == Set(wanted)
        #expect(areThoseWanted)
        #expect(hits.allSatisfy { $0["_version"].int == 1 })
    }

    @Test func `is sent the rest by whoever comes after a command that gave up`() async throws {
        let server = try await ExportServer.openSearch()
        let run = try SampleText.run(samples: 1500, in: folder)
        // Of five requests of samples and one of figures, the third of the first command, and so on.
        let faults: [Int: Fault] = [
            3: .doneButCut, 6: .unavailable, 11: .reset, 13: .someThrottled,
        ]
        let turn = Mutex(0)
        let door = try FaultyDoor(before: server.url) {
            turn.withLock { turn in
                turn += 1
                return faults[turn] ?? .none
            }
        }
        let impatient = try Courier.hasty(attempts: 1)
        for _ in faults {
            await #expect(throws: ExportError.self) {
                try await send(run, to: door.url, items: 700, by: impatient)
            }
        }
        #expect(try await send(run, to: door.url, items: 700, by: impatient).samples == 3000)
        #expect(try await count(server, "samples") == 3000)
        try await expectWholeAndOnce(run, on: server)
    }

    @Test func `refuses single documents, and the rest is there`() async throws {
        let server = try await ExportServer.openSearch()
        // An index that somebody made otherwise.
        try await server.ask(
            "PUT", "/loadfleet-samples",
            #"{"mappings": {"properties": {"response_code": {"type": "long"}}}}"#)
        try folder.write(
            "x.jtl",
            "timeStamp,elapsed,label,responseCode,success\n"
                + "1700000000000,1,a,200,true\n1700000000001,1,a,Non HTTP,true\n"
                + "1700000000002,1,a,300,true\n")
        let summary = try SampleText.run(samples: 1, in: folder).summary
        let run = try ExportedRun(
            name: "r", summary: summary, sampleFiles: [folder.path + "/x.jtl"])
        let error = await #expect(throws: ExportError.self) {
            try await send(run, to: server.url)
        }
        let message = error?.message ?? ""
        #expect(message.contains("did not take 1 of what was sent"))
        #expect(message.contains("response_code"))
        #expect(try await count(server, "samples") == 2)
    }

    @Test func `that never has time is given up, and told apart`() async throws {
        let server = try await ExportServer.openSearch()
        let run = try SampleText.run(samples: 10, in: folder)
        for (fault, words) in [
            (Fault.throttled, "says 429: rejected"), (.allThrottled, "queue is full"),
            (.reset, "gave no answer"),
        ] {
            let door = try FaultyDoor(before: server.url) { fault }
            let error = await #expect(throws: ExportError.self) {
                try await send(run, to: door.url, by: .hasty(attempts: 4))
            }
            let message = error?.message ?? ""
            #expect(message.contains(words))
            #expect(door.made()[fault] == 4)
        }
    }
}
