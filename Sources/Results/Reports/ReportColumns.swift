// The columns that the table and the Markdown report share, in one place so that they agree.

import JTL

/// One column of figures.
struct ReportColumn: Sendable {
    let title: String
    let text: @Sendable (SummaryRow) -> String

    /// What is shown behind the label.
    static let all: [ReportColumn] = [
        ReportColumn(title: "Samples") { "\($0.samples)" },
        ReportColumn(title: "Errors") { figure($0.errorPct, 2, unit: "%") },
        ReportColumn(title: "Mean") { figure($0.meanMs, 0) },
        ReportColumn(title: "p50") { figure($0.p50Ms, 0) },
        ReportColumn(title: "p90") { figure($0.p90Ms, 0) },
        ReportColumn(title: "p95") { figure($0.p95Ms, 0) },
        ReportColumn(title: "p99") { figure($0.p99Ms, 0) },
        ReportColumn(title: "Max") { figure($0.maxMs.map(Double.init), 0) },
        ReportColumn(title: "Rate/s") { figure($0.samplesPerS, 1) },
        ReportColumn(title: "KB/s") { figure($0.receivedKbPerS, 1) },
    ]

    private static func figure(_ value: Double?, _ places: Int, unit: String = "") -> String {
        value.map { FixedPoint.text($0, places: places) + unit } ?? "-"
    }
}

/// What is said under every table about how its figures were made.
enum ReportNote {
    static func text(_ summary: Summary) -> String {
        var text = "times in ms; percentiles: \(summary.percentileMethod.rawValue)"
        if let window = summary.windowSamples { text += " over the last \(window) samples" }
        if let part = summary.trimmed {
            text +=
                "; from \(ClockText.utc(part.fromMs / 1000)) to "
                + "\(ClockText.utc(part.toMs / 1000)), when all threads were active"
        }
        if summary.labels.contains(where: { $0.kind == .controller }) {
            text += "; * transaction controller, not in Total"
        }
        return text
    }
}
