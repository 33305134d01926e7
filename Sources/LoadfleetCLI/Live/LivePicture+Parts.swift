// The lower parts of the live view: gates, workers, events. What needs to be looked at comes first,
// because it is what stays when there is little room.
import FoundationEssentials
import Results
import Store

extension LivePicture {
    /// Lines cut to so many rows, the last of them saying how many are left out.
    private static func cut(_ lines: [ScreenLine], _ rows: Int) -> [ScreenLine] {
        guard lines.count > rows, rows > 1 else { return Array(lines.prefix(rows)) }
        return lines.prefix(rows - 1)
            + [ScreenLine("  … \(lines.count - rows + 1) more", .faint)]
    }

    // MARK: - Gates

    var gatePart: Part {
        let gates = (board.gates?.gates ?? []).enumerated().sorted {
            (Self.urgency($0.element.state), $0.offset)
                < (Self.urgency($1.element.state), $1.offset)
        }.map(\.element)
        return Part(wish: gates.count) { _, rows in Self.cut(gates.map(Self.line), rows) }
    }

    private static func urgency(_ state: LiveGate.State) -> Int {
        switch state {
        case .broken: 0
        case .turning: 1
        case .open: 2
        case .met: 3
        }
    }

    private static func line(_ gate: LiveGate) -> ScreenLine {
        let (mark, emphasis): (String, Emphasis) =
            switch gate.state {
            case .broken: ("✗ broken ", .red)
            case .turning: ("! turning", .yellow)
            case .open: ("· open   ", .faint)
            case .met: ("✓ met    ", .green)
            }
        var line = ScreenLine(mark, emphasis)
        line.add("  \(gate.expression)")
        if !gate.reason.isEmpty { line.add(": \(gate.reason)", .faint) }
        return line
    }

    // MARK: - Workers

    var nodePart: Part {
        let nodes = (board.nodes?.nodes ?? []).enumerated().sorted {
            (Self.urgency($0.element), $0.offset) < (Self.urgency($1.element), $1.offset)
        }.map(\.element)
        let troubled = nodes.count { Self.urgency($0) < 3 }
        return Part(wish: 1 + nodes.count) { columns, rows in
            let shown = nodes.prefix(max(0, rows - 1))
            return [counts(unseen: troubled - min(troubled, shown.count))]
                + shown.map { Self.line($0, columns) }
        }
    }

    private static func urgency(_ node: LiveNode) -> Int {
        switch node.state {
        case .lost: 0
        case .silent: 1
        case _ where node.warning != nil: 2
        default: 3
        }
    }

    /// How many nodes are in each state, and how many of those below need a look but don't fit.
    private func counts(unseen: Int) -> ScreenLine {
        var line = ScreenLine()
        line.add("nodes  ", .bold)
        guard let counts = board.nodes?.counts, !counts.isEmpty else {
            line.add("\(board.heading.workers) workers")
            return line
        }
        let order = ["running", "waiting", "ended", "silent", "lost"]
        let states = counts.filter { $0.value > 0 }.sorted {
            (order.firstIndex(of: $0.key) ?? order.count, $0.key)
                < (order.firstIndex(of: $1.key) ?? order.count, $1.key)
        }
        for (index, state) in states.enumerated() {
            if index > 0 { line.add(", ") }
            let isBad = state.key == "silent" || state.key == "lost"
            line.add("\(state.value) \(state.key)", isBad ? .red : nil)
        }
        if unseen > 0 { line.add("; \(unseen) more to look at", .yellow) }
        return line
    }

    private static func line(_ node: LiveNode, _ columns: Int) -> ScreenLine {
        let emphasis: Emphasis? =
            switch urgency(node) {
            case 0, 1: .red
            case 2: .yellow
            default: nil
            }
        var line = ScreenLine("  ")
        line.add(node.node, emphasis, columns: min(20, max(12, columns / 6)))
        line.add("  ")
        line.add(node.state.rawValue, emphasis, columns: 7)
        if let warning = node.warning { line.add("  \(warning)", emphasis) }
        if node.state == .running {
            line.add("  \(node.samples)/s  \(node.activeThreads) threads")
        }
        if let health = node.health { line.add(text(health), .faint) }
        return line
    }

    private static func text(_ health: NodeHealth) -> String {
        let parts: [(String, Double?)] = [
            ("CPU", health.cpuPercent), ("heap", health.heapPercent), ("GC", health.gcPercent),
            ("ports", health.portsPercent), ("files", health.filesPercent),
        ]
        return parts.compactMap { name, percent in
            percent.map { "  \(name) \(FixedPoint.text($0, places: 0)) %" }
        }.joined()
    }

    // MARK: - Events

    var eventPart: Part {
        let events = board.events
        return Part(wish: events.count) { _, rows in
            events.suffix(rows).map { event in
                var line = ScreenLine(Self.time(event.at), .faint)
                line.add("  \(event.text)")
                return line
            }
        }
    }

    /// `13:05:59Z`, in UTC as all times of loadfleet's.
    private static func time(_ date: Date) -> String {
        String(date.formatted(RecordCoding.milliseconds).dropFirst(11).prefix(8)) + "Z"
    }
}
