// Gates on a baseline: how they are read, how they judge, and that what can't be judged never passes.

import FoundationEssentials
import JTL
import Testing

@testable import Results

@Suite struct `Gates on a baseline` {
    /// One label with elapsed times, and as many failures as said, a sample a second.
    private func run(_ times: [String: [Int]], errors: Int = 0) throws -> Summary {
        var text = "timeStamp,elapsed,label,success\n"
        for (label, elapsed) in times.sorted(by: { $0.key < $1.key }) {
            for (row, time) in elapsed.enumerated() {
                text += "\(row * 1000),\(time),\(label),\(row >= errors)\n"
            }
        }
        let folder = try TemporaryFolder()
        return Summary(try SampleFiles.read([try folder.write(text.utf8, to: "x.jtl")]))
    }

    @Test(
        arguments: [
            ("p95 < baseline * 1.10", .percentile(95), 0, 1.10),
            ("p95(Checkout)<baseline*1.1", .percentile(95), 0, 1.1),
            ("p95 <= Baseline", .percentile(95), 0, 1),
            ("mean < baseline + 20ms", .mean, 20, 1),
            ("mean < baseline + 10%", .mean, 0, 1.1),
            ("rps > baseline - 10%", .rate, 0, 0.9),
            ("rps(Checkout) > baseline * 0.9", .rate, 0, 0.9),
            ("errors < baseline + 1%", .errorPercent, 1, 1),
            ("errors <= baseline", .errorPercent, 0, 1),
            ("errors < baseline + 5", .errorCount, 5, 1),
            ("success >= baseline - 0.5%", .successPercent, -0.5, 1),
        ] as [(String, Gate.Metric, Double, Double)])
    func `are read`(text: String, metric: Gate.Metric, added: Double, factor: Double) throws {
        let gate = try Gate(parsing: text)
        #expect(gate.metric == metric)
        #expect(gate.threshold == added)
        #expect(gate.baselineFactor.map { abs($0 - factor) < 1e-12 } == true)
    }

    @Test(
        arguments: [
            ("p95 < baseline * 110%", "multiplied by a plain number", "'baseline * 1.10'"),
            ("p95 < baseline 1.1", "cannot read '1.1' behind 'baseline'", "'baseline * 1.10'"),
            ("p95 < baseline *", "cannot read '*' behind 'baseline'", "'baseline * 1.10'"),
            ("p95 < baseline + -5ms", "cannot read '+ -5ms' behind", "'baseline * 1.10'"),
            ("p95 < 1.1 * baseline", "cannot read the value", "'baseline * 1.10'"),
            ("p95 < basline", "cannot read the value 'basline'", "'baseline * 1.10'"),
            ("rps > baseline - 5s", "this metric has no values like '5s'", nil),
            (
                "p95 < baseline * 1.1 over 30s", "is about the whole run",
                "'p95 < baseline * 1.1'"
            ),
            ("errors < baseline abort", "is about the whole run", "'errors < baseline'"),
        ] as [(String, String, String?)])
    func `that cannot be read are refused`(text: String, words: String, meant: String?) throws {
        let error = #expect(throws: ResultsError.self) { _ = try Gate(parsing: text) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        if let meant { #expect(error?.hint?.contains(meant) == true, "\(error?.hint ?? "")") }
    }

    @Test func `can't end a run`() {
        #expect(throws: ResultsError.self) {
            _ = try Gate.autoStop(parsing: "errors > baseline + 10%")
        }
    }

    @Test(
        arguments: [
            ("mean < baseline * 1.10", true, 150, 165), ("max >= baseline", false, 200, 200),
            ("max(a) <= baseline + 8ms", true, 100, 108), ("max(b) < baseline", true, 200, 200),
            ("mean(*) < baseline * 1.05", false, 100, 105),
            ("errors <= baseline + 25%", true, 0, 25), ("errors < baseline + 25%", false, 0, 25),
            ("errors <= baseline + 1", true, 0, 1), ("success >= baseline", false, 100, 100),
        ] as [(String, Bool, Double, Double)])
    func `hold a figure against the baseline's`(
        text: String, passes: Bool, before: Double, limit: Double
    ) throws {
        let baseline = try run(["a": [100, 100], "b": [200, 200]])
        var now = try run(["a": [108, 108], "b": [190, 190]])
        if text.hasPrefix("errors") || text.hasPrefix("success") {
            now = try run(["a": [1, 1, 1, 1]], errors: 1)
        }
        let result = try Gate(parsing: text).result(in: now, against: .summary(baseline))
        #expect(result.passed == passes, "\(result)")
        #expect(result.baseline?.value == before)
        #expect(result.baseline?.limit.map { abs($0 - limit) < 1e-9 } == true)
        #expect(result.reason.contains("; the baseline has "), "\(result.reason)")
    }

    @Test(
        arguments: [
            (GateBaseline.none, "there is no baseline"),
            (.unusable("not alike: 5 s against 60 s"), "not alike: 5 s against 60 s"),
        ])
    func `without one that will do are invalid`(baseline: GateBaseline, words: String) throws {
        let gate = try Gate(parsing: "p95 < baseline * 1.1")
        let verdict = Verdict.judge(
            try run(["a": [1, 2]]), gates: [gate], baseline: baseline)
        #expect(verdict.status == .invalid)
        #expect(verdict.reasons == ["p95 < baseline * 1.1: \(words)"])
        #expect(verdict.gates.first?.passed == false)
    }

    @Test(arguments: ["p95(new) < baseline", "p95(*) < baseline * 2"])
    func `on a label that the baseline does not have are invalid, never passed`(text: String)
        throws
    {
        let gate = try Gate(parsing: text)
        let now = try run(["a": [1, 2], "new": [1, 2]])
        let baseline = GateBaseline.summary(try run(["a": [1, 2]]))
        let verdict = Verdict.judge(now, gates: [gate], baseline: baseline)
        #expect(verdict.status == .invalid)
        #expect(verdict.reasons == ["\(text): the baseline has no label \"new\""])
        // What is certainly bad says more.
        let failed = Verdict.judge(
            now, gates: [gate, try Gate(parsing: "max < 1ms")], baseline: baseline)
        #expect(failed.status == .failed)
        // A label that the run itself does not have is not met, as without a baseline.
        let gone = Verdict.judge(
            try run(["a": [1]]), gates: [try Gate(parsing: "p95(b) < baseline")],
            baseline: baseline)
        #expect(gone.status == .failed)
    }

    @Test func `on a figure that a stored baseline does not hold are invalid`() throws {
        let some = try run(["a": [1, 2, 3]])
        let stored = try Summary(json: Data(try some.json().utf8))
        let gate = try Gate(parsing: "p97 < baseline * 2")
        let verdict = Verdict.judge(some, gates: [gate], baseline: .summary(stored))
        #expect(verdict.reasons == ["p97 < baseline * 2: the baseline's figure is not known"])
        #expect(verdict.status == .invalid)
        let known = try Gate(parsing: "p95 <= baseline")
        #expect(Verdict.judge(some, gates: [known], baseline: .summary(stored)).status == .passed)
    }

    @Test func `name the baseline's figure in every report, and keep to the schema`() throws {
        let files = try TemporaryFolder()
        func measured(_ factor: Int) throws -> (MeasuredRun, Statistics) {
            let rows = (0..<600).map { "\($0 * 1000),\(100 * factor + $0 % 7),a|b,true\n" }
            let text = "timeStamp,elapsed,label,success\n" + rows.joined()
            let statistics = try SampleFiles.read(
                [try files.write(text.utf8, to: "\(factor).jtl")],
                options: .init(statistics: StatisticsOptions(intervals: true)))
            return (MeasuredRun(statistics, method: .jmeter, name: "run \(factor)"), statistics)
        }
        let (before, _) = try measured(1)
        let (now, statistics) = try measured(2)
        var summary = now.summary
        summary.comparison = Comparison(of: now, with: before)
        summary.verdict = Verdict.judge(
            summary, gates: [try Gate(parsing: "max < baseline * 1.5")],
            baseline: .summary(before.summary))
        let words = "206ms in total; the baseline has 106ms, so the limit is 159ms"
        let table = TableReport(summary, width: 200).text
        #expect(table.contains(words), "\(table)")
        #expect(table.contains("Against run 1\n"), "\(table)")
        #expect(table.contains("worse: a|b Mean 103 → 203 ms, +97."), "\(table)")
        let markdown = MarkdownReport.text(summary)
        #expect(markdown.contains(words) && markdown.contains("### Against run 1"))
        #expect(markdown.contains("| a\\|b | 600 | 203 +97."), "\(markdown)")
        #expect(JUnitReport.text(summary).contains(words))
        let page = try HTMLReport(summary, statistics, ReportFacts(title: "x")).text
        #expect(page.contains("<dd class=\"change worse\">+97."), "\(page.prefix(4000))")
        #expect(page.contains("<th scope=\"col\">p95 change</th>"))
        #expect(page.contains(words) && page.contains("\"comparison\":{\"baseline\":\"run 1\""))
        let json = try summary.json()
        #expect(try Summary(json: Data(json.utf8)) == summary)
        let value = try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8))
        #expect(try violations(value, "summary-1.0.json") == [])
        // Alone it says which version it is.
        guard case .object(var fields) = value["comparison"] else { return }
        fields["schema"] = .string("1.0")
        #expect(try violations(.object(fields), "comparison-1.0.json") == [])
    }

    private func violations(_ value: JSONValue, _ name: String) throws -> [String] {
        let data = try Data(
            contentsOf: URL(filePath: SharedCases.package + "/docs/schemas/" + name))
        let schema = Schema(root: try JSONDecoder().decode(JSONValue.self, from: data))
        return schema.violations(value, schema.root)
    }

    @Test func `leave Markdown within its limit, whatever the number of labels`() throws {
        var times: [String: [Int]] = [:]
        for label in 0..<3000 { times["label \(label) \(String(repeating: "x", count: 60))"] = [1] }
        var summary = try run(times)
        let measured = MeasuredRun(summary, name: "before")
        summary.comparison = Comparison(of: measured, with: measured)
        let text = MarkdownReport.text(summary)
        #expect(text.utf8.count <= MarkdownReport.commentLimit)
        #expect(text.contains("more labels are not shown"))
        #expect(text.contains("| Total | 3000 |"))
    }
}
