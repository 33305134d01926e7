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
}
