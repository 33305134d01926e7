// A run in a few lines, for a chat or a mail: what somebody must know who has no terminal before
// them. What it says is what the table says, with the same digits.

/// The summary as a short text.
package enum NoticeReport {
    /// More gates than this are counted.
    private static let gateLimit = 10
    /// A gate or a reason may name a label, which may be long.
    private static let lineLimit = 200

    /// The verdict in one line: `passed`, or why it is not.
    package static func headline(_ summary: Summary) -> String {
        guard let verdict = summary.verdict else { return "not judged" }
        switch verdict.status {
        case .passed: return "passed"
        case .failed:
            let broken = verdict.gates.count { !$0.passed }
            return "failed: \(broken) of \(verdict.gates.count) gates not met"
        case .invalid: return "invalid: " + short(verdict.reasons.first ?? "")
        }
    }

    /// Figures and gates, line by line.
    package static func lines(_ summary: Summary) -> [String] {
        let names = ["Samples": "samples", "Errors": "errors", "Rate/s": "a second"]
        let figures = ReportColumn.all.filter { $0.title != "KB/s" }.map { column in
            let text = column.text(summary.total)
            return names[column.title].map { "\(text) \($0)" }
                ?? "\(column.title.lowercased()) \(text)" + (text == "-" ? "" : " ms")
        }
        var lines = [figures.joined(separator: ", ")]
        guard let verdict = summary.verdict else { return lines }
        // Those that are not met first: they are what it is about.
        let gates = verdict.gates.filter { !$0.passed } + verdict.gates.filter(\.passed)
        lines += gates.prefix(gateLimit).map {
            "\($0.passed ? "✓" : "✗") " + short("\($0.expression): \($0.reason)")
        }
        if gates.count > gateLimit { lines.append("and \(gates.count - gateLimit) more gates") }
        if verdict.status == .invalid {
            lines += verdict.reasons.dropFirst().prefix(gateLimit).map { "also: " + short($0) }
        }
        return lines + verdict.otherLosses.prefix(gateLimit).map { "lost: " + short($0) }
    }

    private static func short(_ text: String) -> String {
        let visible = DisplayText.visible(text)
        return visible.count > lineLimit ? visible.prefix(lineLimit) + "…" : visible
    }
}
