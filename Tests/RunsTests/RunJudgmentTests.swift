import Foundation
import Store
import Testing

@testable import Runs

@Suite struct RunJudgmentTests {
    private func request(_ mode: Mode, threads: [Int] = [5, 5]) -> RunRequest {
        RunRequest(
            id: "r", fleet: "f", mode: mode, controller: "controller",
            workers: ["worker-1", "worker-2"], plan: "p.jmx", planPath: "p.jmx", files: [],
            perWorker: false, properties: ["token": "s3cret"], threads: threads,
            requestedAt: Date(timeIntervalSince1970: 1_700_000_000), requestedBy: "a@b",
            readySeconds: 1, deadlineSeconds: 1, stopSeconds: 1)
    }

    private func result(
        _ node: String, _ ending: NodeOutcome.Ending? = .completed, samples: Int = 10,
        message: String? = nil, missingParts: Int = 0, firstSampleMs: Int64? = nil
    ) -> NodeResult {
        NodeResult(
            node: node,
            outcome: ending.map {
                NodeOutcome(
                    node: node, ending: $0, message: message,
                    endedAt: Date(timeIntervalSince1970: 1_700_000_100),
                    firstSampleMs: firstSampleMs, samples: samples)
            }, samplesFile: nil, missingParts: missingParts)
    }

    private func run(
        _ nodes: [NodeResult], mode: Mode = .standalone, lost: [String] = [],
        aborted: String? = nil
    ) -> FetchedRun {
        let time = Date(timeIntervalSince1970: 1_700_000_050)
        return FetchedRun(
            request: request(mode),
            outcome: RunOutcome(
                endedAt: time, aborted: aborted,
                lost: lost.map { LostNode(node: $0, at: time) }),
            nodes: nodes, folder: "/nowhere")
    }

    private func reasons(
        _ run: FetchedRun, counted: [String: Int] = ["worker-1": 10, "worker-2": 10],
        unusable: [String: Int] = [:], maxLoss: Double = 0
    ) -> [String] {
        run.invalidReasons(
            arrived: counted.reduce(into: [:]) {
                $0[$1.key] = Arrival(samples: $1.value, unusable: unusable[$1.key] ?? 0)
            }, maxLoss: maxLoss)
    }

    private var whole: [NodeResult] {
        [result("worker-1"), result("worker-2"), result("controller", samples: 0)]
    }

    @Test func `a whole run has nothing against it`() {
        #expect(reasons(run(whole)).isEmpty)
    }

    @Test func `a run that a gate ended can be believed, one that a person stopped can't`() {
        let nodes = [
            result("worker-1", .stopped, message: "stopped by gate max < 5s over 9s abort"),
            result("worker-2", .stopped, message: "stopped by gate max < 5s over 9s abort"),
            result("controller", samples: 0),
        ]
        #expect(reasons(run(nodes)).count == 2)
        var ended = run(nodes)
        let broken = BrokenGate(
            expression: "max < 5s over 9s abort", at: .now, actual: 9, reason: "9%", ended: true
        )
        ended.outcome.brokenGates = [broken]
        #expect(reasons(ended).isEmpty)
        #expect(reasons(ended, counted: ["worker-1": 10, "worker-2": 9]).count == 1)
        ended.nodes[0] = result("worker-1", .stopped, message: "stopped by a@b")
        #expect(reasons(ended) == ["worker-1: stopped by a@b"])
        ended.outcome.brokenGates?[0].ended = false
        #expect(reasons(ended).count == 2)
    }

    @Test func `a lost worker counts, a lost conductor of standalone workers does not`() {
        let nodes = [result("worker-1"), result("worker-2", nil), result("controller", nil)]
        let found = reasons(
            run(nodes, lost: ["worker-2", "controller"]),
            counted: ["worker-1": 10, "worker-2": 4])
        #expect(found == ["worker-2 was lost, noticed at 22:14:10 UTC; 4 of its samples arrived"])
        #expect(reasons(run(whole, lost: ["controller"])).isEmpty)
    }

    @Test func `a worker that was taken away is a loss, and may be a tolerable one`() {
        let message = "its machine was taken away"
        let nodes = [
            result("worker-1"), result("worker-2", .interrupted, samples: 4, message: message),
            result("controller", samples: 0),
        ]
        let counted = ["worker-1": 10, "worker-2": 4]
        #expect(
            reasons(run(nodes), counted: counted) == [
                "worker-2 was taken away by its owner, its part ended at 22:15:00 UTC; "
                    + "4 of its samples arrived"
            ])
        #expect(reasons(run(nodes), counted: counted, maxLoss: 50).isEmpty)
        // Samples that did not arrive are no part of what may be lost.
        let late = ["worker-1": 10, "worker-2": 3]
        #expect(
            reasons(run(nodes), counted: late, maxLoss: 50)
                == ["worker-2: 3 of its 4 samples arrived"])
        #expect(!reasons(run(nodes, mode: .remote), counted: counted, maxLoss: 100).isEmpty)
    }

    @Test func `a loss is told in samples and seconds, with and without a notice`() {
        let start: Int64 = 1_700_000_000_000
        let silent = result("worker-2", nil)
        var cut = run(
            [result("worker-1"), silent, result("controller", samples: 0)], lost: ["worker-2"])
        cut.outcome.lost[0].samples = 9
        let arrived = [
            "worker-1": Arrival(samples: 10, span: start...(start + 60_000)),
            "worker-2": Arrival(samples: 4, span: start...(start + 25_500)),
        ]
        let lost = cut.losses(arrived: arrived)
        #expect(lost.map(\.kind) == [.lost])
        #expect(lost.map(\.samplesMissing) == [5])
        #expect(lost.map(\.secondsMissing) == [34.5])
        #expect(
            lost.map(\.text) == [
                "worker-2 was lost, noticed at 22:14:10 UTC; 4 of its samples arrived, at least "
                    + "5 did not, and its load is missing in the run's last 35 s"
            ])
        #expect(cut.invalidReasons(arrived: arrived, maxLoss: 0) == lost.map(\.text))
        #expect(cut.invalidReasons(arrived: arrived, maxLoss: 50).isEmpty)
        // One that delivered nothing is missing from the beginning.
        #expect(
            cut.losses(arrived: ["worker-1": arrived["worker-1"]!]).map(\.secondsMissing) == [60])
        let taken = run([
            result("worker-1"), result("worker-2", .interrupted, samples: 4),
            result("controller", samples: 0),
        ])
        #expect(
            taken.losses(arrived: arrived).map(\.text) == [
                "worker-2 was taken away by its owner, its part ended at 22:15:00 UTC; 4 of its "
                    + "samples arrived, and its load is missing in the run's last 35 s"
            ])
    }

    @Test func `in remote mode the controller's samples are the run's`() {
        let nodes = [
            result("worker-1", samples: 0), result("worker-2", samples: 0),
            result("controller", samples: 20),
        ]
        #expect(reasons(run(nodes, mode: .remote), counted: ["controller": 20]).isEmpty)
        #expect(
            reasons(run(nodes, mode: .remote), counted: ["controller": 19])
                == ["controller: 19 of its 20 samples arrived"])
        #expect(
            reasons(
                run(nodes, mode: .remote, lost: ["controller"]), counted: ["controller": 20]
            ).count == 1)
    }

    @Test func `loss is tolerated up to the share that was allowed`() {
        let nodes = [result("worker-1"), result("worker-2", nil), result("controller")]
        let lossy = run(nodes, lost: ["worker-2"])
        #expect(reasons(lossy, maxLoss: 49.9).count == 1)
        #expect(reasons(lossy, maxLoss: 50).isEmpty)
        let remote = run(nodes, mode: .remote, lost: ["worker-2"])
        #expect(!reasons(remote, counted: ["controller": 10], maxLoss: 50).isEmpty)
    }

    @Test func `samples and parts that did not arrive, and lines that cannot be used, count`() {
        #expect(reasons(run(whole), counted: ["worker-1": 10, "worker-2": 9]).count == 1)
        let torn = [result("worker-1", missingParts: 1), result("worker-2"), result("controller")]
        #expect(reasons(run(torn)).count == 1)
        #expect(reasons(run(whole), unusable: ["worker-1": 2]).count == 1)
    }

    @Test func `each way of not completing is said in the node's words`() {
        let nodes = [
            result("worker-1", .stopped, message: "stopped by a@b"),
            result("worker-2", .failed, message: "JMeter ran out of memory"),
            result("controller"),
        ]
        #expect(
            reasons(run(nodes))
                == ["worker-1: stopped by a@b", "worker-2: JMeter ran out of memory"])
        #expect(
            reasons(run([], aborted: "worker-1: no disk")) == [
                "the load never began: worker-1: no disk"
            ])
    }

    @Test func `what was stopped for a loss is as good as the loss allows`() {
        var stopped = result("worker-1", .stopped, message: "stopped by controller")
        stopped.outcome?.stoppedBy = "controller"
        let nodes = [stopped, result("worker-2", nil), result("controller", samples: 0)]
        var cut = run(nodes, lost: ["worker-2"])
        let counted = ["worker-1": 10, "worker-2": 4]
        // Without the policy it was somebody else's doing.
        #expect(
            reasons(cut, counted: counted, maxLoss: 50) == ["worker-1: stopped by controller"])
        cut.request.onWorkerLoss = .stop
        #expect(reasons(cut, counted: counted, maxLoss: 50).isEmpty)
        #expect(reasons(cut, counted: counted).count == 1)
        cut.nodes[0].outcome?.stoppedBy = "a@b"
        #expect(!reasons(cut, counted: counted, maxLoss: 50).isEmpty)
    }

    @Test func `a run that began without a worker is a run of the others, and says so`() {
        var small = run([result("worker-1"), result("controller", samples: 0)])
        small.request = request(.standalone).without(["worker-2"])
        small.outcome.absent = ["worker-2"]
        #expect(small.request.workers == ["worker-1"])
        #expect(small.request.threads == [10])
        #expect(reasons(small, counted: ["worker-1": 10]).isEmpty)
        #expect(
            small.absence
                == "the run began without worker-2: not ready in time; 1 worker shared the load")
        #expect(run(whole).absence == nil)
        // Numbers that hold for each worker stay.
        var each = request(.standalone, threads: [5, 7])
        each.perWorker = true
        #expect(each.without(["worker-1"]).threads == [7])
    }

    @Test func `a worker that was its own bottleneck makes a run invalid, and says why`() throws {
        var slow = result("worker-2")
        slow.outcome?.saturations = [
            Saturation(
                node: "worker-2", kind: .cpu, since: Date(timeIntervalSince1970: 1_700_000_010),
                seconds: 12, text: "CPU 97 % for 12 s")
        ]
        let saturated = run([result("worker-1"), slow, result("controller", samples: 0)])
        #expect(reasons(saturated) == ["worker-2: CPU 97 % for 12 s"])
        let file = RunFile(saturated, losses: [], loadfleetVersion: "0")
        #expect(file.saturations.map(\.kind) == [.cpu])
    }

    @Test func `the record of a run holds names of properties only, and the start skew`() throws {
        let nodes = [
            result("worker-1", firstSampleMs: 1000), result("worker-2", firstSampleMs: 1250),
            result("controller"),
        ]
        let file = RunFile(
            run(nodes), losses: [],
            surroundings: RunSurroundings(planSha256: "c0ffee", environment: "local"),
            loadfleetVersion: "0")
        let text = String(decoding: try file.data(), as: UTF8.self)
        #expect(text.contains("\"plan_sha256\" : \"c0ffee\""))
        #expect(text.contains("\"environment\" : \"local\""))
        #expect(text.contains("\"start_skew_ms\" : 250"))
        #expect(text.contains("token"))
        #expect(!text.contains("s3cret"))
    }

    @Test func `a clock that is wrong speaks against a run in remote mode only`() {
        var nodes = whole
        nodes[1].outcome?.clockOffsetMs = -300_040
        #expect(reasons(run(nodes)).isEmpty)
        #expect(
            run(nodes).wrongClocks.map(\.text) == [
                "worker-2's clock was 300.0 s behind the controller's; the times of its samples "
                    + "are put right in the summary"
            ])
        nodes[2].outcome?.samples = 20
        #expect(
            reasons(run(nodes, mode: .remote), counted: ["controller": 20]) == [
                "worker-2's clock was 300.0 s behind the controller's, and so are the times of its "
                    + "samples: rates and windows are wrong"
            ])
        nodes[1].outcome?.clockOffsetMs = 999
        #expect(run(nodes).wrongClocks.isEmpty)
        // Of one that was lost its link has told.
        nodes[1] = result("worker-2", nil)
        var cut = run(nodes, lost: ["worker-2"])
        cut.outcome.lost[0].clockOffsetMs = 1500
        #expect(cut.wrongClocks.map(\.offsetMs) == [1500])
    }
}
