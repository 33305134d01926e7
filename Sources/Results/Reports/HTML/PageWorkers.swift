// The page's tables of the run itself: what its workers contributed and how they fared, and what
// happened when.

internal import JTL

extension PageSections {
    /// Rows of a table; a fleet of a thousand workers is best looked at in `run.json`.
    private static let rowLimit = 200

    /// A worker as its samples and its own word show it.
    fileprivate struct Row {
        var name: String
        var source: Timeline.Source?
        var known: ReportFacts.Worker?
    }

    /// A column; one in which nothing is known is left out.
    fileprivate struct Column {
        let title: String
        var isText = false
        let cell: (Row) -> String?

        init(_ title: String, isText: Bool = false, _ cell: @escaping (Row) -> String?) {
            self.title = title
            self.isText = isText
            self.cell = cell
        }
    }

    var workers: String {
        let all = workerRows
        guard !facts.workers.isEmpty || all.count > 1 else { return "" }
        // Of more than fit, those that did not come to their end are wanted first.
        let isOdd = { (row: Row) in row.known?.ending != "completed" }
        let rows = all.count > Self.rowLimit ? all.filter(isOdd) + all.filter { !isOdd($0) } : all
        let shown = Array(rows.prefix(Self.rowLimit))
        let columns = workerColumns.filter { column in shown.contains { column.cell($0) != nil } }
        let lines = shown.map { row in
            let cells = columns.map { column in
                "<td\(column.isText ? " class=\"text whole\"" : "")>\(column.cell(row) ?? "-")</td>"
            }
            return "<tr><th scope=\"row\">\(safe(Self.shortName(row.name)))</th>"
                + cells.joined() + "</tr>"
        }
        var text =
            "<h2 id=\"workers-title\">Workers</h2>\n"
            + table(
                ["Worker"] + columns.map(\.title), lines,
                text: 1 + columns.prefix(while: \.isText).count)
        var notes: [String] = []
        if all.count > shown.count {
            notes.append("\(all.count - shown.count) more workers are not shown.")
        }
        if columns.contains(where: { $0.title == "CPU" }) {
            notes.append(
                "CPU: of what the worker may use. GC: time in which garbage collection held all "
                    + "threads. Both from the first sample on, as mean and as highest second.")
        }
        if !notes.isEmpty { text += "\n<p class=\"note\">\(notes.joined(separator: " "))</p>" }
        return text
    }

    /// Who is known by samples or by name.
    private var workerRows: [Row] {
        let sources = timeline?.sources ?? []
        let known = facts.workers.map { worker in
            Row(
                name: worker.name, source: sources.first { $0.name == worker.name }, known: worker)
        }
        // In remote mode the samples of all are the controller's.
        guard known.isEmpty else { return known }
        let rows = sources.map { Row(name: $0.name, source: $0, known: nil) }
        return rows.count(where: { ($0.source?.samples ?? 0) > 0 }) > 1 ? rows : []
    }

    private var workerColumns: [Column] {
        let samples = summary.total.samples
        let seconds = summary.total.durationS ?? 0
        return [
            Column("End", isText: true) { row in row.known?.ending.map(safe) },
            Column("Share", isText: true) { row in
                row.source.map { shareBar($0.samples, samples) }
            },
            Column("Threads") { ($0.known?.threads ?? $0.source.map { Int($0.maxThreads) })?.text },
            Column("Samples") { $0.source?.samples.text },
            Column("Rate/s") { row in
                guard let source = row.source, seconds > 0 else { return nil }
                return FixedPoint.text(Double(source.samples) / seconds, places: 1)
            },
            Column("Errors") { row in row.source.map { share($0.errors, $0.samples) } },
            Column("CPU") { percent($0.known?.cpu?.mean) },
            Column("CPU peak") { percent($0.known?.cpu?.peak) },
            Column("GC") { percent($0.known?.collection?.mean) },
            Column("GC peak") { percent($0.known?.collection?.peak) },
            Column("Start skew") { row in row.known?.skewMs.map { "+\($0) ms" } },
            Column("First sample") { row in
                row.known?.skewMs == nil ? row.seen.map { at($0.first) } : nil
            },
            Column("Last sample") { row in row.seen.map { at($0.last) } },
        ]
    }

    private func percent(_ value: Double?) -> String? {
        value.map { FixedPoint.text($0, places: 1) + "%" }
    }

    private func shareBar(_ part: Int, _ whole: Int) -> String {
        let width = whole == 0 ? 0 : part * 100 / whole
        return "<span class=\"share\" style=\"width:\(width)px\"></span>\(share(part, whole))"
    }

    /// The file's name without its folder.
    private static func shortName(_ name: String) -> String {
        name.split(separator: "/").last.map(String.init) ?? name
    }

    // MARK: - What happened

    /// The moments that are marked in the charts over time, in words; their numbers are the charts'.
    var events: String {
        guard let timeline, !facts.marks.isEmpty else { return "" }
        let rows = facts.marks.prefix(PageData.markLimit).enumerated().map { index, mark in
            let second = Clock.text(seconds: max(0, mark.atMs / 1000 - timeline.firstSecond))
            return "<tr><th scope=\"row\">\(index + 1)</th>"
                + "<td class=\"text whole\">\(second)</td>"
                + "<td class=\"text whole\">\(UTCTime.text(ms: mark.atMs)) UTC</td><td class=\"text\">\(safe(mark.text))</td></tr>"
        }
        let rest = facts.marks.count - rows.count
        return table(["Mark", "At", "Time", "What happened"], rows, id: "events", text: 4)
            + (rest > 0 ? "\n<p class=\"note\">\(rest) more are not shown.</p>" : "")
    }
}

extension PageSections.Row {
    /// What it sent, where it sent anything.
    fileprivate var seen: Timeline.Source? {
        source.flatMap { $0.first <= $0.last ? $0 : nil }
    }
}

extension Int {
    fileprivate var text: String { "\(self)" }
}
