// The summary as files that other programs read: JSON, CSV and Markdown.

package import FoundationEssentials

extension Summary {
    /// The contents of `summary.json`: indented, or on one line.
    ///
    /// - Throws: `EncodingError`, which no summary of this room brings about.
    package func json(indented: Bool = true) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if indented { encoder.outputFormatting.insert(.prettyPrinted) }
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// Reads the contents of a `summary.json`.
    ///
    /// - Throws: `DecodingError` where it is not one of version 1.
    package init(json: Data) throws {
        self = try JSONDecoder().decode(Summary.self, from: json)
    }
}

/// The summary as comma-separated values (RFC 4180), one line a label and the total last.
package enum CSVReport {
    /// The whole file.
    package static func text(_ summary: Summary) -> String {
        let titles = [
            "label", "kind", "samples", "errors", "error_pct", "mean_ms", "min_ms", "p50_ms",
            "p90_ms", "p95_ms", "p99_ms", "max_ms", "samples_per_s", "received_kb_per_s",
            "sent_kb_per_s",
        ]
        let lines = (summary.labels + [summary.total]).map { fields($0).joined(separator: ",") }
        return ([titles.joined(separator: ",")] + lines).map { $0 + "\r\n" }.joined()
    }

    private static func fields(_ row: SummaryRow) -> [String] {
        let figures: [Double?] = [
            row.errorPct, row.meanMs, row.minMs.map(Double.init), row.p50Ms, row.p90Ms, row.p95Ms,
            row.p99Ms, row.maxMs.map(Double.init), row.samplesPerS, row.receivedKbPerS,
            row.sentKbPerS,
        ]
        return [field(row.label), row.kind.rawValue, "\(row.samples)", "\(row.errors)"]
            + figures.map { $0.map { "\($0)" } ?? "" }
    }

    /// A text field; one that a spreadsheet would run as a formula gets an apostrophe in front.
    static func field(_ text: String) -> String {
        let starts: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\t", "\r", "\n"]
        let isFormula = text.unicodeScalars.first.map(starts.contains) ?? false
        let safe = isFormula ? "'" + text : text
        // Scalars, not characters: CR LF is one character, which is neither CR nor LF.
        guard safe.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else {
            return safe
        }
        return "\""
            + safe.split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\"\"") + "\""
    }
}

/// The summary as a Markdown table with the verdict below.
package enum MarkdownReport {
    /// The whole text.
    package static func text(_ summary: Summary) -> String {
        let columns = ReportColumn.all
        var lines = ["| Label | " + columns.map(\.title).joined(separator: " | ") + " |"]
        lines.append("|---|" + columns.map { _ in "---:|" }.joined())
        for row in summary.labels + [summary.total] {
            let mark = row.kind == .controller ? " \\*" : ""
            let cells = columns.map { $0.text(row) }.joined(separator: " | ")
            lines.append("| \(escaped(row.label))\(mark) | \(cells) |")
        }
        lines += ["", "_" + escaped(ReportNote.text(summary)) + "_"]
        if summary.unusableLines.count > 0 {
            lines += ["", "Lines not used: \(summary.unusableLines.count)"]
        }
        if let verdict = summary.verdict { lines += paragraphs(of: verdict) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func paragraphs(of verdict: Verdict) -> [String] {
        var lines = verdict.gates.isEmpty ? [] : [""]
        lines += verdict.gates.map {
            "- \($0.passed ? "✓" : "✗") " + escaped("\($0.expression): \($0.reason)")
        }
        let reasons = verdict.reasons.isEmpty ? "" : ": " + verdict.reasons.joined(separator: "; ")
        lines += ["", "**Verdict: \(verdict.status.rawValue)**" + escaped(reasons)]
        guard !verdict.otherLosses.isEmpty else { return lines }
        return lines + [""] + verdict.otherLosses.map { "- lost: " + escaped($0) }
    }

    /// Text that Markdown shows as it is, and that stays within its table cell.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in DisplayText.visible(text) {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case "\\", "`", "*", "_", "[", "]", "|": result += "\\\(character)"
            default: result.append(character)
            }
        }
        return result
    }
}
