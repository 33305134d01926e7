// A comparison for people: per label the current figures with their change, then what is better and
// what is worse in words, because a table of forty labels hides the one that matters.

/// A comparison as a table for a terminal, or as Markdown.
package struct ComparisonReport {
    private let comparison: Comparison
    private let width: Int
    private let color: Bool

    /// A report at most `width` columns wide where the figures allow it.
    package init(_ comparison: Comparison, width: Int = 80, color: Bool = false) {
        self.comparison = comparison
        self.width = width
        self.color = color
    }

    private static let titles = ["Samples"] + ComparedFigure.allCases.map(\.title)

    /// The table and the findings; every line ends with a line end.
    package var text: String {
        let table = LabelTable(
            titles: Self.titles, rows: comparison.rows.map { (Self.label($0), Self.cells($0)) },
            width: width)
        var lines = [styled(table.head, "1")]
        for (row, text) in zip(comparison.rows, table.lines) {
            let isWorse = row.changes.contains { $0.judgment == .worse }
            let isBetter = row.changes.contains { $0.judgment == .better }
            lines.append(isWorse ? styled(text, "31") : isBetter ? styled(text, "32") : text)
        }
        lines += [""] + findings + [""] + [conclusion]
        return lines.joined(separator: "\n") + "\n"
    }

    /// The same for a pull request; every line ends with a line end.
    package var markdown: String { markdown(limit: .max) }

    /// The same in at most so many bytes, or as few as make sense: findings and labels that do not
    /// fit are counted.
    func markdown(limit: Int) -> String {
        var lines = ["**\(conclusion)**", ""]
        // What is counted below takes some room, too.
        var room = limit - lines[0].utf8.count - 400
        func fitting(_ all: [String], in room: inout Int) -> ArraySlice<String> {
            all.prefix { line in
                room -= line.utf8.count + 1
                return room >= 0
            }
        }
        var half = room / 2
        let found = fitting(findings.map { "- " + MarkdownReport.escaped($0) }, in: &half)
        lines += found
        if found.count < findings.count {
            lines.append("- and \(findings.count - found.count) more")
        }
        if !findings.isEmpty { lines.append("") }
        room -= found.reduce(0) { $0 + $1.utf8.count + 1 }
        let rows = comparison.rows.map { row in
            let cells = [MarkdownReport.escaped(Self.label(row))] + Self.cells(row)
            return "| " + cells.joined(separator: " | ") + " |"
        }
        let total = rows.suffix(1)
        room -= total.reduce(0) { $0 + $1.utf8.count + 1 }
        let shown = fitting(rows.dropLast(), in: &room)
        lines.append("| Label | " + Self.titles.joined(separator: " | ") + " |")
        lines.append("|---|" + Self.titles.map { _ in "---:|" }.joined())
        lines += shown + total
        let left = rows.count - 1 - shown.count
        if left > 0 { lines += ["", "_\(left) more labels are not shown_"] }
        return lines.joined(separator: "\n") + "\n"
    }

    private func styled(_ text: String, _ code: String) -> String {
        color ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    // MARK: - Table

    private static func label(_ row: Comparison.Row) -> String {
        let mark = row.kind == .controller ? " *" : ""
        let fate =
            row.currentSamples == nil ? " (gone)" : row.baselineSamples == nil ? " (new)" : ""
        return DisplayText.visible(row.label) + mark + fate
    }

    private static func cells(_ row: Comparison.Row) -> [String] {
        [row.currentSamples.map { "\($0)" } ?? "-"] + row.changes.map(cell)
    }

    private static func cell(_ change: Comparison.Change) -> String {
        guard let current = change.current else { return "-" }
        let value = FixedPoint.text(current, places: change.figure.places)
        return text(change).map { "\(value) \($0)" } ?? value
    }

    /// A change in percent with its mark; nil where it is not known.
    static func text(_ change: Comparison.Change) -> String? {
        let mark = change.judgment == .worse ? " ✗" : change.judgment == .better ? " ✓" : ""
        return percent(change.differencePct).map { $0 + mark }
    }

    private static func percent(_ value: Double?) -> String? {
        value.map { ($0 < 0 ? "" : "+") + FixedPoint.text($0, places: 1) + "%" }
    }

    // MARK: - Findings

    private var findings: [String] {
        [Comparison.Judgment.worse, .better].flatMap { judgment in
            comparison.changes(judgment).map { row, change in
                func value(_ number: Double?) -> String {
                    number.map { FixedPoint.text($0, places: change.figure.places) } ?? "-"
                }
                var text =
                    "\(judgment.rawValue): \(Self.label(row)) \(change.figure.title) "
                    + "\(value(change.baseline)) → \(value(change.current))\(change.figure.unit)"
                if let percent = Self.percent(change.differencePct) { text += ", \(percent)" }
                if let noise = change.noisePct {
                    text +=
                        "; runs differ by ±\(FixedPoint.text(noise, places: 1))% anyway"
                }
                return text
            }
        }
    }

    private var conclusion: String {
        let labels = comparison.rows.filter { $0.kind != .total }
        func count(_ judgment: Comparison.Judgment) -> Int {
            labels.count { row in row.changes.contains { $0.judgment == judgment } }
        }
        var text =
            "\(count(.worse)) of \(labels.count) labels worse, \(count(.better)) better, beyond noise"
        text +=
            comparison.earlierRuns > 0
            ? " (between \(comparison.earlierRuns) earlier runs, and within these two)"
            : " (within these two runs; noise between runs is known from three earlier ones on)"
        let unknown = labels.count { row in
            row.changes.allSatisfy { $0.judgment == .unknown } && row.currentSamples != nil
                && row.baselineSamples != nil
        }
        if unknown > 0 { text += "; of \(unknown) labels too little is known" }
        return text
    }
}
