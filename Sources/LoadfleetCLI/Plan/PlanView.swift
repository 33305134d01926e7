// A plan on a fleet as text and as JSON. Workers that do the same share one word, so a thousand of
// them take no more room than three.
import JMeter
import Results
import Runs
import Store

/// What `plan show` shows.
struct PlanView {
    private let prepared: PreparedPlan
    private let overview: PlanOverview
    private let wish: PlanWish
    private let workers: Int

    init(_ prepared: PreparedPlan, _ wish: PlanWish, workers: Int) {
        self.prepared = prepared
        self.wish = wish
        self.workers = workers
        overview = prepared.dealt.overview
    }

    // MARK: - Text

    /// The lines for a terminal.
    var lines: [String] {
        let title =
            "\(wish.path) on \(Self.count(workers, "worker")), "
            + wish.mode.rawValue + (wish.perWorker ? ", the whole plan on each" : "")
        let groups = overview.groups.map(row)
        let sections: [(String, [Row])] = [
            ("Thread groups", groups.count > 1 ? groups + [total] : groups),
            ("Rates and limits", overview.figures.map(row)),
            ("Data files", prepared.files.map(row)),
        ]
        let shown = sections.filter { !$0.1.isEmpty }
        let rows = shown.flatMap(\.1)
        let widths = (0..<2).map { column in
            rows.reduce(0) { max($0, DisplayText.width($1.cells[column])) }
        }
        return [DisplayText.visible(title)]
            + shown.flatMap { name, rows in
                ["", name] + rows.flatMap { $0.lines(widths) }
            }
    }

    /// A line of what it is, what the plan says, and below it who does how much.
    private struct Row {
        let cells: [String]
        let shares: String

        func lines(_ widths: [Int]) -> [String] {
            let head = zip(cells, widths).map { DisplayText.pad($0, columns: $1) }
            let line = "  " + (head + cells.dropFirst(widths.count)).joined(separator: "  ")
            return [line.trimmingBlanks, "    " + shares]
        }
    }

    private func row(_ group: PlanOverview.Group) -> Row {
        let counts = group.threadShares ?? group.arrivalShares
        let texts = group.runs.indices.map { worker -> String? in
            guard group.runs[worker] else { return nil }
            return counts.map { "\($0[worker])" } ?? "its share of the rate"
        }
        let amount =
            group.threads.map { Self.count($0, "thread") }
            ?? group.arrivals.map { Self.count($0, "arrival") }
        let facts = ([amount].compactMap(\.self) + group.facts.map(\.words))
        return Row(
            cells: [group.name, group.className.lastWord, facts.joined(separator: ", ")]
                .map(DisplayText.visible),
            shares: WorkerRanges.text(texts))
    }

    /// The threads of all groups that make load.
    private var total: Row {
        let threads = (0..<workers).map { prepared.dealt.groups(of: $0).statedThreads }
        let hasArrivals = overview.groups.contains { $0.kind == .arrivals }
        return Row(
            cells: [
                "All together", "",
                Self.count(threads.reduce(0, +), "thread")
                    + (hasArrivals ? ", and those of arrivals" : ""),
            ], shares: WorkerRanges.text(threads.map { "\($0)" }))
    }

    private func row(_ figure: PlanOverview.Figure) -> Row {
        let amount = [figure.total, figure.unit].filter { !$0.isEmpty }.joined(separator: " ")
        return Row(
            cells: [figure.element, figure.className.lastWord, "\(figure.property): \(amount)"]
                .map(DisplayText.visible),
            shares: DisplayText.visible(WorkerRanges.text(figure.shares)))
    }

    private func row(_ data: PreparedPlan.Data) -> Row {
        let name = DisplayText.visible(data.file.name)
        let policy = data.file.policy.rawValue
        guard let records = data.records else {
            return Row(cells: [name, policy, "\(data.bytes) bytes"], shares: "the file on each")
        }
        let total = data.file.policy == .copy ? records[0] : records.reduce(0, +)
        let header = data.file.csv?.hasHeader == true ? ", and a header" : ""
        return Row(
            cells: [name, policy, Self.count(total, "record") + header],
            shares: WorkerRanges.text(records.map { $0 > 0 ? "\($0)" : nil }))
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    // MARK: - JSON

    /// The document for scripts.
    var json: JSON {
        [
            "plan": .string(wish.path), "workers": .int(Int64(workers)),
            "mode": .string(wish.mode.rawValue), "per_worker": .bool(wish.perWorker),
            "setup": .string(wish.setup?.rawValue ?? (wish.perWorker ? "all" : "once")),
            "rps": wish.rps.map { .string($0) } ?? .null,
            "threads": .array(
                (0..<workers).map { count(prepared.dealt.groups(of: $0).statedThreads) }),
            "groups": .array(overview.groups.map(json)),
            "figures": .array(overview.figures.map(json)),
            "data_files": .array(prepared.files.map(json)),
            "notes": .array(prepared.notes.map(json)),
        ]
    }

    private func json(_ group: PlanOverview.Group) -> JSON {
        let facts = group.facts.map { fact in
            let number: JSON? =
                Int64(fact.value).map { .int($0) } ?? Double(fact.value).map { .double($0) }
            return JSON.Member(name: fact.key, value: number ?? .string(fact.value))
        }
        return [
            "name": .string(group.name), "class": .string(group.className),
            "kind": .string(word(for: group.kind)), "line": count(group.line),
            "threads": group.threads.map(count) ?? .null,
            "worker_threads": group.threadShares.map { .array($0.map(count)) } ?? .null,
            "arrivals": group.arrivals.map(count) ?? .null,
            "worker_arrivals": group.arrivalShares.map { .array($0.map(count)) } ?? .null,
            "worker_runs": .array(group.runs.map { .bool($0) }), "states": .object(facts),
        ]
    }

    private func json(_ figure: PlanOverview.Figure) -> JSON {
        [
            "element": .string(figure.element), "class": .string(figure.className),
            "line": figure.line.map(count) ?? .null, "property": .string(figure.property),
            "unit": .string(figure.unit), "total": .string(figure.total),
            "worker_values": .array(figure.shares.map { $0.map { .string($0) } ?? .null }),
        ]
    }

    private func json(_ data: PreparedPlan.Data) -> JSON {
        [
            "name": .string(data.file.name), "policy": .string(data.file.policy.rawValue),
            "bytes": .int(data.bytes),
            "worker_records": data.records.map { .array($0.map(count)) } ?? .null,
        ]
    }

    private func json(_ note: PlanNote) -> JSON {
        [
            "level": note.level == .warning ? "warning" : "note",
            "line": note.line.map(count) ?? .null, "text": .string(note.text),
        ]
    }

    private func count(_ number: Int) -> JSON { .int(Int64(number)) }

    private func word(for kind: ThreadGroup.Kind) -> String {
        switch kind {
        case .plain: "plain"
        case .setUp: "setup"
        case .tearDown: "teardown"
        case .arrivals: "arrivals"
        }
    }
}

/// Who does how much, in as few words as it takes.
enum WorkerRanges {
    /// `each 33`, or `worker 1: 34, workers 2-3: 33`; nil is nothing.
    static func text(_ shares: [String?]) -> String {
        var ranges: [(first: Int, last: Int, share: String?)] = []
        for (worker, share) in shares.enumerated() {
            if let last = ranges.last, last.share == share {
                ranges[ranges.count - 1].last = worker
            } else {
                ranges.append((worker, worker, share))
            }
        }
        if ranges.count == 1, shares.count > 1 {
            return ranges[0].share.map { "each: \($0)" } ?? "none"
        }
        let most = 8
        let words = ranges.prefix(most).map { first, last, share in
            let who = first == last ? "worker \(first + 1)" : "workers \(first + 1)-\(last + 1)"
            return "\(who): \(share ?? "nothing")"
        }
        return words.joined(separator: ", ") + (ranges.count > most ? ", … (all with --json)" : "")
    }
}

extension String {
    /// The class without its package.
    fileprivate var lastWord: String { split(separator: ".").last.map(String.init) ?? self }

    fileprivate var trimmingBlanks: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
