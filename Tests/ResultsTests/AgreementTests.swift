// All reports of one run say the same: each is read back, and every figure that it has is held
// against the summary, to the last digit.

import FoundationEssentials
import JTL
import Testing

@testable import Results

@Suite struct `All reports of a run` {
    static let isCampaign = ProcessInfo.processInfo.environment["LOADFLEET_CAMPAIGN"] == "1"
    static let seed =
        ProcessInfo.processInfo.environment["LOADFLEET_SEED"].flatMap { UInt64($0) }
        ?? UInt64.random(in: 0..<1_000_000)

    @Test func `agree to the last sample and digit`() throws {
        print("random runs: LOADFLEET_SEED=\(Self.seed)")
        var random = SplitMix(state: Self.seed)
        var rows = 0
        for number in 0..<(Self.isCampaign ? 200 : 20) {
            let (summary, _) = try RandomRun(&random).judged()
            let faults = try Agreement(summary).faults
            guard faults.isEmpty else {
                Issue.record("seed \(Self.seed), run \(number): \(faults.joined(separator: "\n"))")
                return
            }
            rows += summary.labels.count
        }
        #expect(rows >= 20)
    }

    @Test func `have a Markdown report that stays within its limit, verdict included`() throws {
        let lines = (0..<3000).map { "5,<label & number \($0)>,true\n" }
        var some = try summary("elapsed,label,success\n" + lines.joined())
        let gate = GateResult(
            expression: String(repeating: "<&e\u{301}", count: 300), passed: false, actual: 5,
            unit: "ms", samples: 3000, reason: "5ms in total")
        some.verdict = Verdict(
            status: .failed, reasons: [gate.reason],
            losses: Array(repeating: String(repeating: "\u{1B}", count: 500), count: 100),
            gates: Array(repeating: gate, count: 300))
        let text = MarkdownReport.text(some)
        #expect(text.utf8.count <= MarkdownReport.commentLimit)
        #expect(text.contains("more labels are not shown"))
        #expect(text.contains("| Total | 3000 |"))
        #expect(text.contains("**Verdict: failed**"))
        #expect(text.contains("- and 285 more"))
        let all = MarkdownReport.text(some, limit: 1 << 20)
        #expect(!all.contains("more labels are not shown"))
        #expect(all.utf8.count <= 1 << 20)
    }
}

/// What the reports of a summary say otherwise than it.
struct Agreement {
    private(set) var faults: [String] = []
    private let summary: Summary
    private var rows: [SummaryRow] { summary.labels + [summary.total] }

    init(_ summary: Summary) throws {
        self.summary = summary
        let json = try Summary(json: Data(try summary.json().utf8))
        expect(json == summary, "JSON")
        let csv = ReadBack.csv(CSVReport.text(summary))
        expect(csv.map { Array($0.label.utf8) } == rows.map { Array($0.label.utf8) }, "CSV labels")
        expect(csv.map(\.figures) == rows.map(Self.figures), "CSV")
        checkMarkdown()
        checkJUnit()
        checkMetrics()
        checkInflux()
    }

    private mutating func expect(_ holds: Bool, _ what: String) {
        if !holds { faults.append(what) }
    }

    /// The figures that programs are told.
    static func figures(_ row: SummaryRow) -> [String: Double] {
        let all: [String: Double?] = [
            "samples": Double(row.samples), "errors": Double(row.errors),
            "error_pct": row.errorPct, "mean_ms": row.meanMs, "min_ms": row.minMs.map(Double.init),
            "p50_ms": row.p50Ms, "p90_ms": row.p90Ms, "p95_ms": row.p95Ms, "p99_ms": row.p99Ms,
            "max_ms": row.maxMs.map(Double.init), "samples_per_s": row.samplesPerS,
            "received_kb_per_s": row.receivedKbPerS, "sent_kb_per_s": row.sentKbPerS,
        ]
        return all.compactMapValues(\.self)
    }

    private mutating func checkMarkdown() {
        let lines = ReadBack.markdown(MarkdownReport.text(summary))
        expect(lines.count == rows.count, "Markdown has \(lines.count) rows")
        for (cells, row) in zip(lines, rows) {
            let rounded: [(Double?, Double)] = [
                (row.errorPct, 0.005), (row.meanMs, 0.5), (row.p50Ms, 0.5), (row.p90Ms, 0.5),
                (row.p95Ms, 0.5), (row.p99Ms, 0.5), (row.maxMs.map(Double.init), 0),
                (row.samplesPerS, 0.05), (row.receivedKbPerS, 0.05),
            ]
            expect(cells[1] == "\(row.samples)", "Markdown samples of \(row.label)")
            for (cell, (value, half)) in zip(cells.dropFirst(2), rounded) {
                let shown = Double(cell.filter { $0 != "%" })
                let isRight =
                    if let value, let shown { abs(shown - value) <= half * (1 + 1e-9) } else {
                        cell == "-" && value == nil
                    }
                expect(isRight, "Markdown \(cell) of \(row.label), not \(value as Any)")
            }
        }
    }

    private mutating func checkJUnit() {
        let text = JUnitReport.text(summary)
        let pairs = ReadBack.attributes("property", in: text).dropFirst().map {
            ($0["name"] ?? "", $0["value"].flatMap { Double($0) } ?? .nan)
        }
        let read = Dictionary(pairs, uniquingKeysWith: { $1 })
        expect(read == Self.figures(summary.total), "JUnit figures")
        let gates = summary.verdict?.gates ?? []
        let names = ReadBack.attributes("testcase", in: text).dropFirst().map { $0["name"] }
        expect(names == gates.map { DisplayText.visible($0.expression) }, "JUnit cases \(names)")
        let suite = ReadBack.attributes("testsuite", in: text).first ?? [:]
        let bad = gates.filter { !$0.passed }
        expect(suite["tests"] == "\(gates.count + 1)", "JUnit tests")
        expect(suite["failures"] == "\(bad.count { $0.actual != nil })", "JUnit failures")
        let invalid = summary.verdict?.status == .invalid ? 1 : 0
        expect(suite["errors"] == "\(bad.count { $0.actual == nil } + invalid)", "JUnit errors")
    }

    private mutating func checkMetrics() {
        var read: [String: [String: Double]] = [:]
        for line in ReadBack.metrics(OpenMetricsReport.text(summary)) {
            let isLabel = line.name.hasPrefix("loadfleet_label_")
            let name =
                line.name.dropFirst(isLabel ? 16 : 10)
                + (line.labels["quantile"].map { "-" + $0 } ?? "")
            let row = isLabel ? "label \(Array((line.labels["label"] ?? "").utf8))" : "total"
            read[row, default: [:]][String(name)] = line.value
        }
        for row in rows {
            let key = row.kind == .total ? "total" : "label \(Array(row.label.utf8))"
            let expected: [String: Double?] = [
                "samples": Double(row.samples), "errors": Double(row.errors),
                "error_ratio": row.errorPct.map { $0 / 100 },
                "elapsed_seconds-0.5": row.p50Ms.map { $0 / 1000 },
                "elapsed_seconds-0.9": row.p90Ms.map { $0 / 1000 },
                "elapsed_seconds-0.95": row.p95Ms.map { $0 / 1000 },
                "elapsed_seconds-0.99": row.p99Ms.map { $0 / 1000 },
                "elapsed_seconds_sum": row.meanMs.map { $0 * Double(row.samples) / 1000 },
                "elapsed_seconds_count": row.meanMs.map { _ in Double(row.samples) },
                "elapsed_mean_seconds": row.meanMs.map { $0 / 1000 },
                "elapsed_min_seconds": row.minMs.map { Double($0) / 1000 },
                "elapsed_max_seconds": row.maxMs.map { Double($0) / 1000 },
                "samples_per_second": row.samplesPerS,
                "received_bytes": Double(row.receivedBytes), "sent_bytes": Double(row.sentBytes),
            ]
            let found = (read[key] ?? [:]).filter { expected.keys.contains($0.key) }
            expect(found == expected.compactMapValues(\.self), "OpenMetrics of \(row.label)")
        }
        let verdict = summary.verdict?.status.rawValue ?? ""
        expect(read["total"]?["verdict"] != nil, "OpenMetrics verdict \(verdict)")
    }

    private mutating func checkInflux() {
        let lines = ReadBack.influx(InfluxReport.text(summary))
        let order =
            lines.filter { $0.measurement == "loadfleet_label" }
            + lines.filter { $0.measurement == "loadfleet_total" }
        expect(order.count == rows.count, "InfluxDB has \(order.count) rows")
        for (line, row) in zip(order, rows) {
            let numbers = line.fields.mapValues {
                Double($0.hasSuffix("i") ? String($0.dropLast()) : $0) ?? .nan
            }
            expect(numbers == Self.figures(row), "InfluxDB of \(row.label)")
            guard row.kind != .total else { continue }
            var name = DisplayText.visible(row.label)
            if name.hasSuffix("\\") { name = name.dropLast() + "\u{29F5}" }
            let tag = line.tags["label"] ?? ""
            expect(tag == (name.isEmpty ? "(empty)" : name), "InfluxDB tag \(tag) of \(name)")
        }
    }
}
