// What a run that went on without a worker says in its files.
import Foundation
import JTL
import LoadfleetTesting
import Results
import Store
import Testing

@testable import Runs

@Suite struct RunResultsTests {
    private let scratch: TemporaryFolder

    init() throws { scratch = try TemporaryFolder() }

    /// Two workers, of which the second was taken away after 2 of the run's 5 seconds.
    private func fetched() throws -> FetchedRun {
        let header = "timeStamp,elapsed,label,responseCode,success,bytes,allThreads\n"
        let rows = { (count: Int) in
            header
                + (0..<count).map {
                    "\(1_700_000_000_000 + $0 * 1000),1000,home,200,true,10,1\n"
                }.joined()
        }
        try scratch.write("samples/worker-1.jtl", rows(5))
        try scratch.write("samples/worker-2.jtl", rows(2))
        let end = Date(timeIntervalSince1970: 1_700_000_002)
        func result(_ node: String, _ ending: NodeOutcome.Ending, _ samples: Int) -> NodeResult {
            NodeResult(
                node: node,
                outcome: NodeOutcome(
                    node: node, ending: ending, endedAt: end, samples: samples),
                samplesFile: samples > 0 ? "samples/\(node).jtl" : nil, missingParts: 0)
        }
        return FetchedRun(
            request: RunRequest(
                id: "r", fleet: "f", mode: .standalone, controller: "controller",
                workers: ["worker-1", "worker-2"], plan: "p.jmx", planPath: "p.jmx", files: [],
                perWorker: false, properties: [:], threads: [1, 1], requestedAt: end,
                requestedBy: "a@b", readySeconds: 1, deadlineSeconds: 1, stopSeconds: 1),
            outcome: RunOutcome(endedAt: end),
            nodes: [
                result("worker-1", .completed, 5), result("worker-2", .interrupted, 2),
                result("controller", .completed, 0),
            ], folder: scratch.path)
    }

    private func file(_ name: String) throws -> [String: Any] {
        let data = try Data(contentsOf: URL(filePath: "\(scratch.path)/\(name)"))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test(arguments: [(0.0, "invalid"), (50.0, "passed")])
    func `a tolerable loss passes, and is told either way`(maxLoss: Double, verdict: String) throws
    {
        let results = try RunResults(
            of: try fetched(),
            criteria: RunCriteria(
                gates: [], maxLossPercent: maxLoss, percentileMethod: .nearest),
            loadfleetVersion: "0")
        #expect(results.summary.verdict?.status.rawValue == verdict)
        let told =
            "worker-2 was taken away by its owner, its part ended at 22:13:22 UTC; 2 of its "
            + "samples arrived, and its load is missing in the run's last 3 s"
        let judged = try #require(try file("summary.json")["verdict"] as? [String: Any])
        #expect(judged["losses"] as? [String] == [told])
        #expect(judged["reasons"] as? [String] == (verdict == "invalid" ? [told] : []))
        let losses = try #require(try file("run.json")["losses"] as? [[String: Any]])
        #expect(losses.count == 1)
        #expect(losses.first?["kind"] as? String == "interrupted")
        #expect(losses.first?["samples_arrived"] as? Int == 2)
        #expect(losses.first?["seconds_missing"] as? Double == 3)
        #expect(TableReport(results.summary).text.contains(told))
    }

    @Test func `samples of a clock that is wrong are put where they belong`() throws {
        var run = try fetched()
        let right = try RunResults(
            of: run,
            criteria: RunCriteria(gates: [], maxLossPercent: 50, percentileMethod: .nearest),
            loadfleetVersion: "0")
        let path = scratch.path + "/samples/worker-2.jtl"
        let rows = try String(contentsOfFile: path, encoding: .utf8)
        // Both of its stamps, 300.25 s ahead.
        let wrong = rows.replacing("1700000000000", with: "1700000300250")
            .replacing("1700000001000", with: "1700000301250")
        #expect(wrong != rows)
        try scratch.write("samples/worker-2.jtl", wrong)
        run.nodes[1].outcome?.clockOffsetMs = 300_250.2
        let results = try RunResults(
            of: run,
            criteria: RunCriteria(gates: [], maxLossPercent: 50, percentileMethod: .nearest),
            loadfleetVersion: "0")
        #expect(results.summary.total == right.summary.total)
        #expect(results.file.losses == right.file.losses)
        #expect(results.file.wrongClocks?.map(\.node) == ["worker-2"])
        // Who reads the folder again knows it, too.
        let folder = try RunFolder(at: scratch.path, named: "r")
        #expect(folder.clockOffsets == [path: 300_250])
    }

    // MARK: - Gates on windows

    private func gates(_ texts: [String]) throws -> [Gate] {
        try texts.map { try Gate(parsing: $0) }
    }

    private func judged(_ run: FetchedRun, _ texts: [String], trimsRamp: Bool = false) throws
        -> Verdict
    {
        let results = try RunResults(
            of: run,
            criteria: RunCriteria(
                gates: try gates(texts), maxLossPercent: 50, percentileMethod: .nearest,
                trimsRamp: trimsRamp),
            loadfleetVersion: "0")
        return try #require(results.summary.verdict)
    }

    @Test func `what a controller says of gates holds, of others the samples tell`() throws {
        let watched = ["max < 5s over 1s", "rps > 9 over 2s abort", "max < 9s over 1s"]
        var run = try fetched()
        run.request.watch = RunWatch(gates: watched)
        let at = Date(timeIntervalSince1970: 1_700_000_003)
        run.outcome.brokenGates = [
            BrokenGate(
                expression: watched[0], at: at, actual: 7000, samples: 3, reason: "7000ms",
                ended: false),
            BrokenGate(
                expression: watched[1], at: at, actual: 2, samples: 4, reason: "2/s", ended: true),
        ]
        let verdict = try judged(run, watched + ["max < 5s over 2s", "max < 9ms over 2s"])
        #expect(verdict.status == .failed)
        #expect(verdict.gates.map(\.passed) == [false, false, true, true, false])
        #expect(verdict.gates[0].actual == 7000)
        #expect(verdict.gates[1].reason == "2/s; it ended the run")
        #expect(verdict.gates[4].reason == "1000ms in total in the 2 s until 22:13:23 UTC")
        let file = try file("run.json")
        #expect((file["broken_gates"] as? [[String: Any]])?.count == 2, "\(file.keys)")
    }

    @Test func `what ended a run fails it whatever is asked now`() throws {
        var run = try fetched()
        run.request.watch = RunWatch(gates: [], autoStop: "errors > 90% over 1s")
        run.outcome.brokenGates = [
            BrokenGate(
                expression: "auto-stop: errors > 90% over 1s", at: .now, actual: 100, samples: 9,
                reason: "100% in total", ended: true)
        ]
        #expect(
            try judged(run, ["samples == 7"]).reasons == [
                "auto-stop: errors > 90% over 1s: 100% in total; it ended the run"
            ])
    }

    @Test func `a controller that was lost leaves its gates to the samples`() throws {
        var run = try fetched()
        run.request.watch = RunWatch(gates: ["max < 9ms over 2s", "max < 9s over 2s"])
        let verdict = try judged(run, ["max < 9ms over 2s", "max < 9s over 2s"])
        #expect(verdict.gates.map(\.passed) == [false, true])
    }

    @Test func `a ramp is trimmed in the summary, the whole kept beside it`() throws {
        var run = try fetched()
        run.nodes.remove(at: 1)
        let results = try RunResults(
            of: run,
            criteria: RunCriteria(
                gates: [], maxLossPercent: 50, percentileMethod: .nearest, trimsRamp: true),
            loadfleetVersion: "0")
        // The first sample ends at the end of its second; the last one begins at 4 s.
        #expect(results.untrimmed == nil)
        #expect(results.summary.total.samples == 3)
        let whole = try #require(try file("summary.json")["trimmed"] as? [String: Any])
        #expect((whole["whole_total"] as? [String: Any])?["samples"] as? Int == 5)
        #expect(whole["from_epoch_ms"] as? Int == 1_700_000_001_000)
        #expect(whole["to_epoch_ms"] as? Int == 1_700_000_004_000)
    }

    @Test func `a ramp that does not show leaves the figures of the whole`() throws {
        let results = try RunResults(
            of: try fetched(),
            criteria: RunCriteria(
                gates: [], maxLossPercent: 50, percentileMethod: .nearest, trimsRamp: true),
            loadfleetVersion: "0")
        #expect(results.untrimmed != nil)
        #expect(results.summary.total.samples == 7)
        #expect(results.summary.trimmed == nil)
    }
}
