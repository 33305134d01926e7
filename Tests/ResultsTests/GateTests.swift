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
        ] as [(String, Int, String, String?)])
    func `that cannot be read say where and what was meant`(
        text: String, column: Int, problem: String, suggestion: String?
    ) {
        let expected = ResultsError.gate(
            text, column: column, problem: problem, suggestion: suggestion)
        #expect(throws: expected) { _ = try Gate(parsing: text) }
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
