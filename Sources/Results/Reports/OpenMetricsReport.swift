// The summary as metrics: text that is both OpenMetrics 1.0 and Prometheus' own format, so that
// scrapers, the Pushgateway and the node exporter's folder of text files all take it. A finished run
// does not go on counting, so numbers are gauges; units are the base units that Prometheus asks for,
// which makes milliseconds seconds. The total has metrics of its own, or a sum over labels would
// count everything twice. What is not known is left out.

/// The summary as metrics.
package enum OpenMetricsReport {
    /// The whole text.
    package static func text(_ summary: Summary) -> String {
        var text = ""
        for metric in Metric.all {
            write(metric, "loadfleet_\(metric.name)", of: [summary.total], to: &text)
            write(metric, "loadfleet_label_\(metric.name)", of: summary.labels, to: &text)
        }
        if let verdict = summary.verdict { write(verdict, to: &text) }
        return text + "# EOF\n"
    }

    private static func write(
        _ metric: Metric, _ name: String, of rows: [SummaryRow], to text: inout String
    ) {
        var lines = ""
        for row in rows {
            let own = row.kind == .total ? [] : [("label", row.label), ("kind", row.kind.rawValue)]
            for figure in metric.figures {
                guard let value = figure.value(row) else { continue }
                let more = figure.label.map { [$0] } ?? []
                lines += line(name, own + more, value)
            }
            // Who reads a summary without these two takes them for 0.
            if metric.isSummary, let mean = row.meanMs {
                lines += line(name + "_sum", own, "\(mean * Double(row.samples) / 1000)")
                lines += line(name + "_count", own, "\(row.samples)")
            }
        }
        guard !lines.isEmpty else { return }
        let whose = rows.first?.kind == .total ? "of all samples" : "by label"
        let type = metric.isSummary ? "summary" : "gauge"
        text += "# HELP \(name) \(metric.help), \(whose).\n# TYPE \(name) \(type)\n"
        if let unit = metric.unit { text += "# UNIT \(name) \(unit)\n" }
        text += lines
    }

    private static func write(_ verdict: Verdict, to text: inout String) {
        text += "# HELP loadfleet_verdict Which of the three verdicts it is.\n"
        text += "# TYPE loadfleet_verdict gauge\n"
        for status in [Verdict.Status.passed, .failed, .invalid] {
            let value = status == verdict.status ? "1" : "0"
            text += line("loadfleet_verdict", [("status", status.rawValue)], value)
        }
        guard !verdict.gates.isEmpty else { return }
        // The same gate may be given twice, the same metric may not.
        let gates = verdict.gates.enumerated().map {
            (labels: [("number", "\($0.offset + 1)"), ("gate", $0.element.expression)], $0.element)
        }
        text += "# HELP loadfleet_gate_passed Whether a gate is met.\n"
        text += "# TYPE loadfleet_gate_passed gauge\n"
        for (labels, gate) in gates {
            text += line("loadfleet_gate_passed", labels, gate.passed ? "1" : "0")
        }
        guard gates.contains(where: { $0.1.actual != nil }) else { return }
        text +=
            "# HELP loadfleet_gate_actual The figure that a gate looks at, in the gate's unit.\n"
        text += "# TYPE loadfleet_gate_actual gauge\n"
        for (labels, gate) in gates {
            guard let actual = gate.actual else { continue }
            text += line("loadfleet_gate_actual", labels, "\(actual)")
        }
    }

    private static func line(
        _ name: String, _ labels: [(String, String)], _ value: String
    ) -> String {
        let set = labels.map { "\($0.0)=\"\(escaped($0.1))\"" }.joined(separator: ",")
        return name + (set.isEmpty ? "" : "{\(set)}") + " \(value)\n"
    }

    /// The text of a label, which may hold anything but these three.
    static func escaped(_ text: String) -> String {
        text.replacing(scalars: ["\\": "\\\\", "\"": "\\\"", "\n": "\\n"])
    }
}

/// A metric: one or several figures under one name.
private struct Metric: Sendable {
    struct Figure: Sendable {
        var label: (String, String)?
        let value: @Sendable (SummaryRow) -> String?
    }

    let name: String
    let help: String
    var unit: String?
    let figures: [Figure]

    /// Whether its figures are percentiles.
    var isSummary: Bool { figures.count > 1 }

    static let all: [Metric] = [
        Metric(name: "samples", help: "Number of samples", figures: [Figure { "\($0.samples)" }]),
        Metric(
            name: "errors", help: "Number of failed samples",
            figures: [Figure { "\($0.errors)" }]),
        Metric(
            name: "error_ratio", help: "Share of failed samples", unit: "ratio",
            figures: [Figure { $0.errorPct.map { "\($0 / 100)" } }]),
        Metric(
            name: "elapsed_seconds", help: "Percentiles of the elapsed time", unit: "seconds",
            figures: [
                time("0.5") { $0.p50Ms }, time("0.9") { $0.p90Ms }, time("0.95") { $0.p95Ms },
                time("0.99") { $0.p99Ms },
            ]),
        single("elapsed_mean_seconds", "Mean elapsed time") { $0.meanMs },
        single("elapsed_min_seconds", "Smallest elapsed time") { $0.minMs.map(Double.init) },
        single("elapsed_max_seconds", "Largest elapsed time") { $0.maxMs.map(Double.init) },
        Metric(
            name: "samples_per_second", help: "Samples a second",
            figures: [Figure { $0.samplesPerS.map { "\($0)" } }]),
        Metric(
            name: "received_bytes", help: "Bytes received", unit: "bytes",
            figures: [Figure { "\($0.receivedBytes)" }]),
        Metric(
            name: "sent_bytes", help: "Bytes sent", unit: "bytes",
            figures: [Figure { "\($0.sentBytes)" }]),
    ]

    private static func time(
        _ quantile: String, _ value: @escaping @Sendable (SummaryRow) -> Double?
    ) -> Figure {
        Figure(label: ("quantile", quantile)) { value($0).map { "\($0 / 1000)" } }
    }

    private static func single(
        _ name: String, _ help: String, _ value: @escaping @Sendable (SummaryRow) -> Double?
    ) -> Metric {
        Metric(
            name: name, help: help, unit: "seconds",
            figures: [Figure { value($0).map { "\($0 / 1000)" } }])
    }
}
