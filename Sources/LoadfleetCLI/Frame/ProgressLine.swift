// Progress on stderr: one line rewritten in place on a terminal; elsewhere a line now and then, so
// that a CI log stays short.

import Synchronization

/// Shows how something long is going.
struct ProgressLine {
    private let output: Output
    private var shown = false
    private var last = ""
    private var nextPlain = ContinuousClock.now

    /// Where nothing can be rewritten, a changed line is printed at most this often.
    private static let plainInterval: Duration = .seconds(10)

    init(_ output: Output) { self.output = output }

    /// Shows the state; the same text twice is shown once.
    mutating func show(_ text: String) {
        guard !output.isQuiet, text != last else { return }
        if output.terminal.animates {
            last = text
            shown = true
            // Cut to the width: a wrapped line cannot be taken back.
            output.show("\r\u{1B}[2K" + String(text.prefix(max(20, output.terminal.width - 1))))
        } else if ContinuousClock.now >= nextPlain {
            last = text
            nextPlain = .now + Self.plainInterval
            output.note(text)
        }
    }

    /// Leaves the last state as a line that stays.
    mutating func end(_ text: String?) {
        let isSaid = !shown && text == last
        clear()
        if let text, !isSaid { output.note(text) }
    }

    /// Takes the line away, so that something can be printed that stays.
    mutating func clear() {
        if shown { output.show("\r\u{1B}[2K") }
        shown = false
        last = ""
    }
}

/// `00:12`, or `1:02:03`.
func clock(_ duration: Duration) -> String {
    let seconds = Int(duration.components.seconds)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let minutes = "\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    return seconds < 3600 ? minutes : "\(seconds / 3600):\(minutes)"
}

/// A progress line that several tasks may write to.
final class SharedLine: Sendable {
    private let line: Mutex<ProgressLine>

    init(_ line: ProgressLine) { self.line = Mutex(line) }

    func show(_ text: String) { line.withLock { $0.show(text) } }
    func clear() { line.withLock { $0.clear() } }
}
