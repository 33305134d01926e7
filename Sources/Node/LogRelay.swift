// Passes on what JMeter logs while it runs. The whole log comes with the results; this is for
// whoever looks on, so what floods is cut, and a store that is away loses nobody anything.

internal import Store

/// JMeter's log on its way to the node's live log.
struct LogRelay {
    private let tail: Errand<LineTail>
    private let pen: LiveWriter
    private var due = Pace(every: .seconds(1))

    init(_ path: String, of part: RunPart) {
        tail = Errand(LineTail(path: path))
        pen = LiveWriter(
            part.store.liveLog(of: part.request.id, node: part.context.node), note: part.note)
    }

    /// Sends what is new, once a second.
    mutating func look() {
        if due.isDue { send() }
    }

    /// Sends the rest.
    func finish() async {
        _ = await tail.finished()
        send()
        _ = await tail.finished()
    }

    private func send() {
        tail.send { [pen] tail in await pen.write(texts: Self.bounded(tail.newLines())) }
    }

    /// Lines in a second, and characters in a line, that are passed on.
    private static let mostLines = 1_000
    private static let longestLine = 2_000

    /// What of the lines is passed on; the newest are worth the most.
    static func bounded(_ lines: [String]) -> [String] {
        let omitted = lines.count - mostLines
        let told = omitted > 0 ? ["… \(omitted) lines; the whole log comes with the results"] : []
        return told
            + lines.suffix(mostLines).map { line in
                line.count <= longestLine ? line : line.prefix(longestLine) + "…"
            }
    }
}
