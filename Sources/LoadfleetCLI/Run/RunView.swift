// What a running test looks like: on a terminal one line that changes, elsewhere a line every few
// seconds, with `--json` an event for each second.
import Results
import Store
import Synchronization

/// Shows a run's live lines.
final class RunView: Sendable {
    private struct State {
        var line: ProgressLine
        var began: Int64?
        /// The newest second that was shown.
        var latest = Int64.min
        var workers = 0
    }

    private let output: Output
    private let events: EventWriter?
    private let workers: Int
    private let state: Mutex<State>

    init(output: Output, events: EventWriter?, workers: Int) {
        self.output = output
        self.events = events
        self.workers = workers
        state = Mutex(State(line: ProgressLine(output)))
    }

    func show(_ line: LiveLine) {
        switch line {
        case .event(_, let text):
            // A reader of stdout who has gone is noticed when the verdict is printed.
            try? events?.write("event", ["message": .string(text)])
            state.withLock { $0.line.clear() }
            output.note(text)
        case .figures(let figures):
            try? events?.write("interval", json(figures))
            state.withLock { state in
                // Seconds before the first sample say nothing; events say what is waited for.
                // A second that comes again is news for those who add up, and no step back.
                guard figures.totalSamples > 0, figures.second >= state.latest else { return }
                state.latest = figures.second
                let began = state.began ?? figures.second
                state.began = began
                state.line.show(text(figures, began: began))
            }
        case .labels, .nodes, .gates:
            return
        }
    }

    func finish() { state.withLock { $0.line.clear() } }

    private func text(_ figures: LiveFigures, began: Int64) -> String {
        let elapsed = clock(.seconds(figures.second - began + 1))
        let errors =
            figures.totalSamples == 0
            ? 0 : Double(figures.totalErrors) / Double(figures.totalSamples) * 100
        var parts = [
            elapsed, "\(figures.activeThreads) threads", "\(figures.totalSamples) samples",
            "\(figures.samples)/s",
        ]
        if let p50 = figures.p50Ms, let p95 = figures.p95Ms {
            parts.append("p50 \(Int(p50.rounded())) ms")
            parts.append("p95 \(Int(p95.rounded())) ms")
        }
        parts.append("errors \(FixedPoint.text(errors, places: 2)) %")
        return parts.joined(separator: "  ")
    }

    private func json(_ figures: LiveFigures) -> JSON {
        func number(_ value: Double?) -> JSON { value.map { .double($0) } ?? .null }
        return [
            "second": .int(figures.second), "workers": .int(Int64(figures.workers)),
            "samples": .int(Int64(figures.samples)), "errors": .int(Int64(figures.errors)),
            "active_threads": .int(Int64(figures.activeThreads)),
            "mean_ms": number(figures.meanMs), "p50_ms": number(figures.p50Ms),
            "p95_ms": number(figures.p95Ms), "p99_ms": number(figures.p99Ms),
            "received_bytes": .int(figures.receivedBytes),
            "total_samples": .int(Int64(figures.totalSamples)),
            "total_errors": .int(Int64(figures.totalErrors)),
        ]
    }
}
