// The summary in Markdown, for comments on pull requests and for the summary of a CI step. Such
// places cut long texts, or drop them as a whole, so the report keeps to a limit: gates and verdict
// are always there, and of the labels as many as there is room for.

/// The summary as a Markdown table with the verdict below.
package enum MarkdownReport {
    /// The longest comment on a pull request that GitHub takes, in bytes.
    package static let commentLimit = 65_536

    /// How long a line about a gate or a loss may be, in bytes before escaping.
    private static let lineLimit = 200

    /// The whole text in at most so many bytes.
    package static func text(_ summary: Summary, limit: Int = commentLimit) -> String {
        guard let comparison = summary.comparison else { return figures(summary, limit: limit) }
        let title = "\n### Against \(short(comparison.baseline))\n\n"
        let changes = title + ComparisonReport(comparison).markdown(limit: limit / 3)
        return figures(summary, limit: limit - changes.utf8.count) + changes
    }

    private static func figures(_ summary: Summary, limit: Int) -> String {
        let columns = ReportColumn.all
        let head = [
            "| Label | " + columns.map(\.title).joined(separator: " | ") + " |",
            "|---|" + columns.map { _ in "---:|" }.joined(),
        ]
        let total = row(summary.total)
        let foot = footer(summary, within: limit / 2)
        // The longest note there can be, with its line ends.
        let notes = 60
        var room =
            limit - notes - (head + [total] + foot).reduce(0) { $0 + $1.utf8.count + 1 }
        var rows: [String] = []
        for label in summary.labels {
            let line = row(label)
            room -= line.utf8.count + 1
            if room < 0 { break }
            rows.append(line)
        }
        var lines = head + rows + [total]
        let left = summary.labels.count - rows.count
        if left > 0 { lines += ["", "_\(left) more labels are not shown_"] }
        return (lines + foot).joined(separator: "\n") + "\n"
    }

    private static func row(_ row: SummaryRow) -> String {
        let mark = row.kind == .controller ? " \\*" : ""
        let cells = ReportColumn.all.map { $0.text(row) }.joined(separator: " | ")
        return "| \(escaped(row.label))\(mark) | \(cells) |"
    }

    /// What stands below the table; lists are cut until it is no longer than `limit` bytes, or as
    /// short as makes sense.
    private static func footer(_ summary: Summary, within limit: Int) -> [String] {
        var lines: [String] = []
        for count in [500, 100, 15] {
            lines = footer(summary, listing: count)
            if lines.reduce(0, { $0 + $1.utf8.count + 1 }) <= limit { break }
        }
        return lines
    }

    private static func footer(_ summary: Summary, listing count: Int) -> [String] {
        var lines = ["", "_" + escaped(ReportNote.text(summary)) + "_"]
        if summary.unusableLines.count > 0 {
            lines += ["", "Lines not used: \(summary.unusableLines.count)"]
        }
        if let verdict = summary.verdict { lines += paragraphs(of: verdict, listing: count) }
        return lines
    }

    private static func paragraphs(of verdict: Verdict, listing count: Int) -> [String] {
        // Of many gates those that are not met matter most.
        let gates =
            verdict.gates.count <= count
            ? verdict.gates : verdict.gates.filter { !$0.passed } + verdict.gates.filter(\.passed)
        var lines = gates.isEmpty ? [] : [""]
        lines += list(gates, count) { "\($0.passed ? "✓" : "✗") \($0.expression): \($0.reason)" }
        let reasons = verdict.reasons.prefix(count).map(short).joined(separator: "; ")
        let rest = verdict.reasons.count > count ? "; and more" : ""
        lines += ["", "**Verdict: \(verdict.status.rawValue)**"]
        if !reasons.isEmpty { lines[lines.count - 1] += ": " + reasons + rest }
        guard !verdict.otherLosses.isEmpty else { return lines }
        return lines + [""] + list(verdict.otherLosses, count) { "lost: \($0)" }
    }

    private static func list<Item>(
        _ items: [Item], _ count: Int, _ text: (Item) -> String
    ) -> [String] {
        let rest = items.count - count
        return items.prefix(count).map { "- " + short(text($0)) }
            + (rest > 0 ? ["- and \(rest) more"] : [])
    }

    /// Text of a bounded length; a character may have any number of marks upon it.
    private static func short(_ text: String) -> String {
        let visible = DisplayText.visible(text)
        guard visible.utf8.count > lineLimit else { return escaped(visible) }
        var kept = String.UnicodeScalarView()
        var room = lineLimit
        for scalar in visible.unicodeScalars {
            room -= scalar.utf8.count
            if room < 0 { break }
            kept.append(scalar)
        }
        return escaped(String(kept)) + "…"
    }

    /// Text that Markdown shows as it is, and that stays within its table cell.
    static func escaped(_ text: String) -> String {
        DisplayText.visible(text).replacing(scalars: marks)
    }

    private static let marks: [Unicode.Scalar: String] = [
        "&": "&amp;", "<": "&lt;", "\\": "\\\\", "`": "\\`", "*": "\\*", "_": "\\_", "[": "\\[",
        "]": "\\]", "|": "\\|",
    ]
}
