// The page's visible parts, top down: verdict, key figures, charts, labels, errors, workers, facts.
// Each is there without the script, too; a chart's place is then empty and not shown.

internal import JTL

/// The body of the HTML report.
struct PageSections {
    let summary: Summary
    let timeline: Timeline?
    let facts: ReportFacts

    /// Kinds of errors and labels with rows of their own; 5,000 labels are a megabyte.
    private static let failureLimit = 100
    private static let labelLimit = 2000

    init(_ summary: Summary, _ timeline: Timeline?, _ facts: ReportFacts) {
        self.summary = summary
        self.timeline = timeline
        self.facts = facts
    }

    var text: String {
        let parts: [(id: String, title: String, text: String)] = [
            ("verdict", "Verdict", verdict),
            ("overview", "Overview", timeline == nil ? "" : overview),
            ("labels", "Labels", labels), ("times", "Times", hasTimes ? times : ""),
            ("errors", "Errors and codes", errors), ("workers", "Workers", workers),
            ("facts", "About this run", about),
        ]
        let shown = parts.filter { !$0.text.isEmpty }
        let links = shown.map { "<li><a href=\"#\($0.id)\">\($0.title)</a></li>" }
        let sections = shown.map { part in
            let classes = part.id == "verdict" ? " class=\"verdict \(status)\"" : ""
            let after = part.id == "verdict" ? "\n" + keyFigures : ""
            return "<section id=\"\(part.id)\"\(classes) aria-labelledby=\"\(part.id)-title\">\n"
                + part.text + "\n</section>" + after
        }
        return """
            <a class="skip" href="#main">Skip to the figures</a>
            <header>
            <div>
            <p class="brand">loadfleet</p>
            <h1>\(safe(facts.title))</h1>
            <p class="sub">\(when)</p>
            </div>
            <button type="button" id="theme" hidden>Theme</button>
            </header>
            <nav aria-label="Parts of the report"><ul>\(links.joined())</ul></nav>
            <main id="main">
            \(sections.joined(separator: "\n"))
            </main>
            <footer>\(safe(ReportNote.text(summary)))</footer>
            """
    }

    /// Whether there is anything to draw over time.
    var hasTimeline: Bool { timeline != nil }

    /// Whether there are elapsed times to draw.
    private var hasTimes: Bool { (summary.total.distribution?.count ?? 0) > 0 }

    // MARK: - Verdict

    private var status: String { summary.verdict?.status.rawValue ?? "" }

    private var when: String {
        guard let start = summary.total.firstStartMs, let end = summary.total.lastEndMs else {
            return "without time stamps"
        }
        return "\(UTCTime.text(ms: start)) to \(UTCTime.text(ms: end)) UTC"
    }

    private var verdict: String {
        guard let verdict = summary.verdict else { return "" }
        let unmet = verdict.gates.filter { !$0.passed }.count
        let words =
            switch verdict.status {
            case .invalid: "The run can't be believed"
            case .failed: "\(unmet) of \(verdict.gates.count) gates not met"
            case .passed:
                verdict.gates.isEmpty
                    ? "There are no gates" : "All gates are met: \(verdict.gates.count)"
            }
        var text = """
            <h2 id="verdict-title"><span class="badge">\(verdict.status.rawValue)</span>\
            <span>\(words)</span></h2>
            """
        let invalid = verdict.status == .invalid ? verdict.reasons : []
        let lines = invalid + verdict.otherLosses.map { "lost: \($0)" } + unusable
        if !lines.isEmpty {
            text += "\n<ul>" + lines.map { "<li>\(safe($0))</li>" }.joined() + "</ul>"
        }
        guard !verdict.gates.isEmpty else { return text }
        let rows = verdict.gates.map { gate in
            let mark =
                gate.passed
                ? "<td class=\"text met\">✓ met</td>" : "<td class=\"text unmet\">✗ not met</td>"
            return "<tr><th scope=\"row\"><code>\(safe(gate.expression))</code></th>\(mark)"
                + "<td class=\"text\">\(safe(gate.reason))</td><td>\(gate.samples)</td></tr>"
        }
        return text + table(["Gate", "State", "Figure", "Samples"], rows, text: 3)
    }

    private var unusable: [String] {
        let lines = summary.unusableLines
        guard lines.count > 0 else { return [] }
        let kinds = lines.byKind.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        return ["lines not used: \(lines.count) (\(kinds.joined(separator: ", ")))"]
    }

    private var keyFigures: String {
        let total = summary.total
        var cards: [(String, String, String)] = [("Samples", "\(total.samples)", "")]
        let units = ["Errors": "", "Rate/s": "/s", "KB/s": "KB/s"]
        for column in ReportColumn.all.dropFirst() {
            let unit = units[column.title] ?? "ms"
            cards.append((names[column.title] ?? column.title, column.text(total), unit))
        }
        cards.append(("Active threads", "\(threads)", ""))
        let seconds = summary.total.durationS.map { FixedPoint.text($0, places: 1) }
        cards.append(("Duration", seconds ?? "-", "s"))
        let list = cards.map { name, text, unit in
            let alarm = name == "Errors" && total.errors > 0 ? " class=\"alarm\"" : ""
            let small = unit.isEmpty || text == "-" ? "" : " <small>\(unit)</small>"
            return "<div\(alarm)><dt>\(name)</dt><dd>\(text)\(small)</dd>\(change(name))</div>"
        }
        return "<dl class=\"key\">\n" + list.joined(separator: "\n") + "\n</dl>"
    }

    private var names: [String: String] {
        ["Rate/s": "Rate", "KB/s": "Received", "Max": "Maximum"]
    }

    /// The most threads at a time: over all workers where there is a timeline.
    private var threads: Int64 {
        timeline?.slots.reduce(0) { max($0, $1.threads) } ?? summary.total.maxThreads
    }

    // MARK: - Labels

    private var labels: String {
        let extra = ["p99.9", "APDEX"] + changeTitle
        let titles = ["Label"] + ReportColumn.all.map(\.title) + extra
        let rows = summary.labels.prefix(Self.labelLimit).map(row)
        let foot = "<tfoot>\(row(summary.total))</tfoot>"
        let rest = summary.labels.count - rows.count
        var notes = [
            "Times in ms. APDEX: satisfied up to \(Apdex.satisfied) ms, tolerating up to "
                + "\(Apdex.tolerated) ms, errors frustrated; where only the times of all samples "
                + "are known, it lies between the two figures."
        ]
        if rest > 0 { notes.append("\(rest) more labels are not shown.") }
        notes += changeNote
        if summary.labels.contains(where: { $0.kind == .controller }) {
            notes.append("* transaction controller, not in Total.")
        }
        return "<h2 id=\"labels-title\">Labels</h2>\n"
            + table(titles, Array(rows), id: "labels-table", sorts: true, foot: foot)
            + "\n<p class=\"note\">\(notes.joined(separator: " "))</p>"
    }

    private func row(_ row: SummaryRow) -> String {
        let name = safe(row.label) + (row.kind == .controller ? " *" : "")
        let head = name.isEmpty ? "(empty)" : name
        var cells = ReportColumn.all.map { column in
            let text = column.text(row)
            let alarm = column.title == "Errors" && row.errors > 0 ? " class=\"alarm\"" : ""
            let plain = text.filter { $0.isNumber || $0 == "." || $0 == "-" }
            return cell(text, sortedBy: plain == "-" ? nil : plain, alarm)
        }
        let most = row.distribution?.percentile(99.9, summary.percentileMethod)
        let figure = most.map { FixedPoint.text($0, places: 0) }
        cells.append(cell(figure ?? "-", sortedBy: figure, ""))
        let apdex = Apdex(row)
        cells.append(
            cell(
                apdex?.text ?? "-", sortedBy: apdex.map { FixedPoint.text($0.least, places: 4) }, ""
            ))
        if let text = changeCell(row) { cells.append(text) }
        return "<tr><th scope=\"row\">\(head)</th>\(cells.joined())</tr>"
    }

    func cell(_ text: String, sortedBy value: String?, _ attributes: String) -> String {
        "<td\(value.map { " data-v=\"\($0)\"" } ?? "")\(attributes)>\(text)</td>"
    }

    // MARK: - Errors, facts

    private var errors: String {
        guard summary.hasSamples else { return "" }
        var text = "<h2 id=\"errors-title\">Errors and codes</h2>\n"
        if timeline != nil { text += chart("chart-codes", "Response codes a second") }
        let total = summary.total
        let codes = total.responseCodes.sorted {
            $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key
        }
        let rows = codes.prefix(Self.failureLimit).map { code, times in
            "<tr><th scope=\"row\">\(safe(PageData.name(ofCode: code)))</th><td>\(times)</td>"
                + "<td>\(share(times, total.samples))</td></tr>"
        }
        text += table(["Response code", "Samples", "Share"], Array(rows))
        guard !summary.failures.isEmpty else {
            return text + "\n<p class=\"note\">No sample failed.</p>"
        }
        let kinds = summary.failures.prefix(Self.failureLimit).map { failure in
            let seen = timeline?.failures[failure.kind]
            let kind = failure.kind.isEmpty ? "(no code, no message)" : safe(failure.kind)
            return "<tr><th scope=\"row\">\(kind)</th><td>\(failure.count)</td>"
                + "<td>\(share(failure.count, total.errors))</td>"
                + "<td>\(at(seen?.first))</td><td>\(at(seen?.last))</td></tr>"
        }
        let titles = ["Error", "Samples", "Share of errors", "First seen", "Last seen"]
        text += table(titles, Array(kinds))
        let rest = summary.failures.count - kinds.count
        return rest > 0 ? text + "\n<p class=\"note\">\(rest) more kinds are not shown.</p>" : text
    }

    /// A second of the run, as time since its beginning and as the moment it was.
    func at(_ second: Int64?) -> String {
        guard let second, let timeline else { return "-" }
        let text = Clock.text(seconds: second - timeline.firstSecond)
        return "<span title=\"\(UTCTime.text(ms: second &* 1000)) UTC\">\(text)</span>"
    }

    func share(_ part: Int, _ whole: Int) -> String {
        whole == 0 ? "-" : FixedPoint.text(Double(part) * 100 / Double(whole), places: 2) + "%"
    }

    private var about: String {
        let method = ReportFacts.Fact("Percentiles", PageWords.explanation(summary))
        var all = facts.facts + [method]
        if let timeline {
            all.append(
                ReportFacts.Fact(
                    "Charts", PageWords.explanation(timeline)))
        }
        let list = all.map { "<dt>\(safe($0.name))</dt><dd>\(safe($0.text))</dd>" }
        return "<h2 id=\"facts-title\">About this run</h2>\n<dl class=\"facts\">"
            + list.joined(separator: "\n") + "</dl>"
    }
}
