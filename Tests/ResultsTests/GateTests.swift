// Gates: how they are read, what is said about those that cannot be, and how they judge.

import FoundationEssentials
import JTL
import Testing

@testable import Results

@Suite struct `Gates` {
    @Test(
        arguments: [
            ("p95(Checkout) < 500ms", .percentile(95), .label("Checkout"), .less, 500),
            ("p99.9<=1.5s", .percentile(99.9), .total, .lessOrEqual, 1500),
            ("errors < 1%", .errorPercent, .total, .less, 1),
            ("errors < 10", .errorCount, .total, .less, 10),
            ("success >= 99%", .successPercent, .total, .greaterOrEqual, 99),
            ("rps > 200", .rate, .total, .greater, 200),
            ("rps > 200/s", .rate, .total, .greater, 200),
            ("mean(*) < 1s", .mean, .everyLabel, .less, 1000),
            ("median( a b ) < 1m30s", .percentile(50), .label("a b"), .less, 90_000),
            ("max(Login (step 1)) < 2000", .max, .label("Login (step 1)"), .less, 2000),
            ("MIN(\"a \\\"q\\\")\") == 5", .min, .label("a \"q\")"), .equal, 5),
            ("samples('*') == 2000", .samples, .label("*"), .equal, 2000),
            ("  kbps  >  0.5 ", .throughput, .total, .greater, 0.5),
        ] as [(String, Gate.Metric, Gate.Subject, Gate.Comparison, Double)])
    func `are read`(
        text: String, metric: Gate.Metric, subject: Gate.Subject, comparison: Gate.Comparison,
        threshold: Double
    ) throws {
        let gate = try Gate(parsing: text)
        #expect(gate.metric == metric)
        #expect(gate.subject == subject)
        #expect(gate.comparison == comparison)
        #expect(gate.threshold == threshold)
    }

    @Test(
        arguments: [
            ("", 1, "a metric is missing", nil),
            ("errrs < 1%", 1, "unknown metric 'errrs'", "errors"),
            ("p101 < 5ms", 1, "a percentile lies between 0 and 100", nil),
            ("p95(a < 5ms", 12, "expected ')' behind the label", nil),
            ("p95(\"a < 5ms", 5, "the label's quote is not closed", nil),
            ("p95() < 5ms", 5, "the label is empty", "'*' for every label"),
            ("p95 500ms", 5, "expected <, <=, >, >= or ==", nil),
            ("p95 = 500ms", 5, "unknown operator '='", "=="),
            ("p95 ≤ 500ms", 5, "unknown operator '≤'", "<="),
            ("p95 <", 6, "a value is missing", nil),
            ("p95 < 5 %", 7, "this metric has no values like '5 %'", nil),
            ("rps > 5s", 7, "this metric has no values like '5s'", nil),
            ("p95 < 5 apples", 7, "cannot read the value '5 apples'", nil),
            ("p95 < nan", 7, "cannot read the value 'nan'", nil),
            ("p95 < 5ms and more", 7, "cannot read the value '5ms and more'", nil),
            ("p95 < 5s ober 30s", 10, "unknown word 'ober'", "'over'"),
            ("p95 < 5s abrot", 10, "unknown word 'abrot'", "'abort'"),
            ("p95 < over 30s", 7, "cannot read the value 'over 30s'", nil),
            ("p95 < 5s over", 14, "a time is missing behind 'over'", "'over 30s'"),
            ("p95 < 5s over abort", 15, "a time is missing behind 'over'", "'over 30s'"),
            ("p95 < 5s for 30", 14, "'30' is not a duration: the unit is missing", "'for 30s'"),
            ("p95 < 5s for 3x", 14, "'3x' is not a duration: there is no unit 'x'", nil),
            ("p95 < 5s for 0s", 14, "a window has whole seconds from 1s to 10m, not 0s", nil),
            (
                "p95 < 5s over 500ms", 15,
                "a window has whole seconds from 1s to 10m, not 500ms", nil
            ),
            ("p95 < 5s over 11m", 15, "a window has whole seconds from 1s to 10m, not 11m", nil),
            ("p95 < 5s over 9s for 9s", 18, "a gate has one time, with 'over' or with 'for'", nil),
            ("p95 < 5s over 9s aborrt", 18, "unknown word 'aborrt'", "'abort'"),
            ("p95 < 5s over 9s please", 18, "unknown word 'please'", nil),
            (
                "p95 < 5s abort over 9s", 16, "nothing may stand behind 'abort'",
                "'over 9s abort'"
            ),
            ("p95 < 5s abort now", 16, "nothing may stand behind 'abort'", nil),
            (
                "samples > 9 abort", 13,
                "'abort' can't be said of a figure that is open until the run is over",
                "'samples > 9 over 30s abort'"
            ),
        ] as [(String, Int, String, String?)])
    func `that cannot be read say where and what was meant`(
        text: String, column: Int, problem: String, suggestion: String?
    ) {
        let expected = ResultsError.gate(
            text, column: column, problem: problem, suggestion: suggestion)
        #expect(throws: expected) { _ = try Gate(parsing: text) }
    }

    @Test(
        arguments: [
            ("p99(Check out) < 2s over 30s abort", .over(30), true),
            ("errors < 5% for 10s abort", .held(10), true),
            ("errors < 5 % FOR 1m 30s", .held(90), false),
            ("rps > 200/s over10m", .over(600), false),
            ("mean < 1m 30s  over  1s ", .over(1), false),
            ("p95(over 3s) < 2s", .wholeRun, false),
            ("errors < 5% abort", .wholeRun, true),
            ("errors == 0 abort", .wholeRun, true),
            ("samples > 9 over 5s abort", .over(5), true),
            ("min > 5ms Abort", .wholeRun, true),
        ] as [(String, Gate.Timing, Bool)])
    func `say over which time and whether they end the run`(
        text: String, timing: Gate.Timing, aborts: Bool
    ) throws {
        let gate = try Gate(parsing: text)
        #expect(gate.timing == timing)
        #expect(gate.aborts == aborts)
        #expect(gate.isOnWindow == (timing != .wholeRun))
    }

    @Test(arguments: [
        "samples > 9", "samples == 9", "errors >= 1", "max > 1s", "max == 1s", "min < 1s",
    ])
    func `that are open until the end can't end a run`(text: String) throws {
        _ = try Gate(parsing: text)
        #expect(throws: ResultsError.self) { _ = try Gate(parsing: text + " abort") }
    }

    @Test(arguments: [
        ("errors < 25%", false), ("errors <= 25%", true), ("errors < 2", true),
        ("success >= 75%", true), ("p50 <= 25", true), ("mean(a) < 16", true),
        ("mean(*) < 16", false), ("max(*) <= 40ms", false), ("max(*) <= 70ms", true),
        ("min(*) >= 10ms", true),
        ("min(*) >= 11ms", false), ("samples == 4", true), ("rps > 1.9", true),
        ("rps < 1.9", false), ("max(TC) == 70", true), ("max == 40", true),
        ("mean(Empty) < 1s", false), ("mean(nothing) < 1s", false),
        ("samples(nothing) == 0", false),
    ])
    func `judge a summary`(text: String, passes: Bool) throws {
        let result = try Gate(parsing: text).result(in: try summary())
        #expect(result.passed == passes, "\(result)")
        #expect(!result.reason.isEmpty)
    }

    @Test func `on a label that does not exist say which one is near`() throws {
        let result = try Gate(parsing: "mean(Checkuot) < 1s").result(in: try summary())
        #expect(result.reason == "no label \"Checkuot\" in the results, did you mean \"Checkout\"?")
        #expect(result.actual == nil)
        #expect(result.samples == 0)
    }

    @Test func `on rates that are not known are not met`() throws {
        let summary = try summary("elapsed,label,success\n5,a,true\n")
        #expect(try Gate(parsing: "rps >= 0").result(in: summary).passed == false)
        #expect(try Gate(parsing: "mean <= 5").result(in: summary).passed)
    }

    @Test func `on percentiles that a stored summary does not hold are not met`() throws {
        let stored = try Summary(json: .init(try summary().json().utf8))
        #expect(try Gate(parsing: "p95 < 1h").result(in: stored).passed)
        #expect(try Gate(parsing: "p42 < 1h").result(in: stored).passed == false)
    }
}

@Suite struct `Verdicts` {
    @Test func `are passed without gates and with gates that are met`() throws {
        #expect(Verdict.judge(try summary()).status == .passed)
        let gate = try Gate(parsing: "samples == 4")
        #expect(Verdict.judge(try summary(), gates: [gate]).reasons == [])
    }

    @Test func `are failed where one gate is not met`() throws {
        let gates = try ["samples == 4", "max < 1ms"].map { try Gate(parsing: $0) }
        let verdict = Verdict.judge(try summary(), gates: gates)
        #expect(verdict.status == .failed)
        #expect(verdict.reasons == ["max < 1ms: 40ms in total"])
        #expect(verdict.gates.map(\.passed) == [true, false])
    }

    @Test func `take gates on windows from whoever watched`() throws {
        let gates = try ["max < 1h", "max < 1h over 1s", "max < 1s for 2s"].map {
            try Gate(parsing: $0)
        }
        let early = ["max < 1h over 1s", "auto-stop: errors > 9% over 1s"].map {
            GateResult(
                expression: $0, passed: false, actual: 5, unit: "ms", samples: 1, reason: "why")
        }
        let verdict = Verdict.judge(try summary(), gates: gates, watched: early)
        #expect(verdict.status == .failed)
        #expect(verdict.gates.map(\.passed) == [true, false, false, false])
        #expect(
            verdict.reasons == [
                "max < 1h over 1s: why",
                "max < 1s for 2s: nobody watched it while the run went on",
                "auto-stop: errors > 9% over 1s: why",
            ])
    }

    @Test func `are failed for a gate that was broken on the way and holds in the sum`() throws {
        let gate = try Gate(parsing: "max < 1h abort")
        var early = gate.result(in: try summary())
        early.passed = false
        #expect(Verdict.judge(try summary(), gates: [gate], watched: [early]).status == .failed)
    }

    @Test func `are invalid without samples and where the caller says so, whatever the gates`()
        throws
    {
        let gate = try Gate(parsing: "max < 1ms")
        let empty = Verdict.judge(try summary("elapsed,label,success\n"), gates: [gate])
        #expect(empty.status == .invalid)
        #expect(empty.reasons == ["there are no samples"])
        let lost = Verdict.judge(
            try summary(), gates: [gate], invalidReasons: ["worker-2 was lost"])
        #expect(lost.status == .invalid)
        #expect(lost.reasons == ["worker-2 was lost"])
    }
}

/// Four samples within two seconds, a transaction controller and an empty one.
func summary(_ text: String? = nil) throws -> Summary {
    let some = """
        timeStamp,elapsed,label,success,responseMessage,responseCode
        0,10,a,true,OK,200
        500,20,a,true,OK,200
        1000,30,Checkout,false,"Oops, ""no""\",500
        1960,40,Checkout,true,OK,200
        0,70,TC,true,Number of samples in transaction : 2,200
        0,0,Empty,true,Number of samples in transaction : 0,200

        """
    let folder = try TemporaryFolder()
    return Summary(try SampleFiles.read([try folder.write((text ?? some).utf8, to: "x.jtl")]))
}

@Suite struct `An auto-stop` {
    @Test func `is a gate in its bad state, or off`() throws {
        #expect(try Gate.autoStop(parsing: "off") == nil)
        for text in ["errors > 90% over 60s", "p50 >= 10s for 5s", "rps < 1 over 9s"] {
            #expect(try Gate.autoStop(parsing: text)?.expression == text)
        }
    }

    @Test(
        arguments: [
            ("errors < 90% over 60s", "names the bad state", "'>'"),
            ("success > 9% over 60s", "names the bad state", "'<'"),
            ("errors > 90%", "needs a time", "'errors > 90% over 60s'"),
            ("errors > 90% over 5s abort", "without 'abort'", "it without that word"),
            ("of", "unknown metric 'of'", nil),
        ] as [(String, String, String?)])
    func `that would end a good run is refused`(text: String, problem: String, meant: String?) {
        do throws(ResultsError) {
            _ = try Gate.autoStop(parsing: text)
            Issue.record("\(text) was read")
        } catch {
            #expect(error.message.contains(problem))
            if let meant { #expect(error.hint == "did you mean \(meant)?") }
        }
    }
}
