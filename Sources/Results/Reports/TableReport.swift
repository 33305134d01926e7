// The summary for a terminal: labels, total, errors by kind, gates, and the verdict last, because
// the last line is the one that is seen.

internal import JTL

/// A table for people.
package struct TableReport {
    private let summary: Summary
    private let width: Int
    private let color: Bool
    /// Kinds of errors shown; the rest is counted in one line.
    private let failureLimit = 10

    /// A table at most `width` columns wide where the figures allow it.
    package init(_ summary: Summary, width: Int = 80, color: Bool = false) {
        self.summary = summary
        self.width = width
        self.color = color
    }

    /// The report; every line ends with a line end.
    package var text: String {
        let parts = [table, unusable, failures, comparison, gates, verdict].filter { !$0.isEmpty }
        return parts.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }

    private func styled(_ text: String, _ code: String) -> String {
        color ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

// MARK: - Figures

extension TableReport {
    private var table: [String] {
        let rows = summary.labels + [summary.total] + [wholeRun].compactMap(\.self)
        let texts = mapped(rows.count, least: 500) { range in
            rows[range].map { row in (label(row), ReportColumn.all.map { $0.text(row) }) }
        }
        let table = LabelTable(
            titles: ReportColumn.all.map(\.title), rows: texts, width: width)
        var lines = [styled(table.head, "1")]
        for (row, text) in zip(rows, table.lines) {
            if row.kind == .total { lines.append(styled(text, "1")) } else { lines.append(text) }
        }
        return lines + [styled(ReportNote.text(summary), "2")]
    }

    /// The total of the whole run, where the figures are those of a part.
    private var wholeRun: SummaryRow? {
        var row = summary.trimmed?.wholeTotal
        row?.label = "Whole run"
        return row
    }

    private func label(_ row: SummaryRow) -> String {
        DisplayText.visible(row.label) + (row.kind == .controller ? " *" : "")
    }
}

// MARK: - What else there is to know

extension TableReport {
    private var unusable: [String] {
        let lines = summary.unusableLines
        guard lines.count > 0 else { return [] }
        let kinds = lines.byKind.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        return [styled("Lines not used: \(lines.count) (\(kinds.joined(separator: ", ")))", "33")]
    }

    private var failures: [String] {
        guard !summary.failures.isEmpty else { return [] }
        let shown = summary.failures.prefix(failureLimit)
        let digits = shown.reduce(0) { max($0, "\($1.count)".count) }
        var lines = [styled("Errors by kind", "1")]
        lines += shown.map { failure in
            let kind = failure.kind.isEmpty ? "(no code, no message)" : failure.kind
            let count = DisplayText.pad("\(failure.count)", columns: digits, toRight: true)
            let room = max(width - digits - 4, 20)
            return "  \(count)  " + DisplayText.fit(DisplayText.visible(kind), columns: room)
        }
        let rest = summary.failures.dropFirst(failureLimit)
        if !rest.isEmpty {
            let count = rest.reduce(0) { $0 + $1.count }
            lines.append("  and \(count) of \(rest.count) more kinds")
        }
        return lines
    }

    private var comparison: [String] {
        guard let comparison = summary.comparison else { return [] }
        let report = ComparisonReport(comparison, width: width, color: color)
        return [
            styled("Against \(DisplayText.visible(comparison.baseline))", "1"),
            String(report.text.dropLast()),
        ]
    }

    private var gates: [String] {
        guard let gates = summary.verdict?.gates, !gates.isEmpty else { return [] }
        return [styled("Gates", "1")]
            + gates.map { gate in
                let mark = gate.passed ? styled("✓", "32") : styled("✗", "31")
                return "  \(mark) " + DisplayText.visible("\(gate.expression): \(gate.reason)")
            }
    }

    private var verdict: [String] {
        guard let verdict = summary.verdict else { return [] }
        let word = styled(verdict.status.rawValue, verdict.status == .passed ? "1;32" : "1;31")
        let reasons = verdict.reasons.isEmpty ? "" : ": " + reasons(of: verdict)
        return ["Verdict: \(word)\(reasons)"]
            + verdict.otherLosses.map { "  " + DisplayText.visible("lost: \($0)") }
    }

    private func reasons(of verdict: Verdict) -> String {
        if verdict.status == .failed {
            return "\(verdict.reasons.count) of \(verdict.gates.count) gates not met"
        }
        return DisplayText.visible(verdict.reasons.joined(separator: "; "))
    }
}
