// Draws on the terminal's other screen, the one that editors use, so that the lines above stay as
// they were. Whatever happens, the terminal is given back: at the end, when the process is stopped
// (Ctrl-Z), and when a signal ends it.
import Glibc
import Machine
import Synchronization

/// The whole screen of the terminal that stderr is.
final class LiveScreen: Sendable {
    private struct State {
        var isDrawn = false
        var isOver = false
    }

    private let output: Output
    private let state = Mutex(State())

    /// The other screen, cleared, without a cursor and without line wrap.
    private static let enter = "\u{1B}[?1049h\u{1B}[2J\u{1B}[?25l\u{1B}[?7l"
    /// Clears first: a terminal that has no other screen is left clean, too.
    private static let leave: StaticString =
        "\u{1B}[0m\u{1B}[2J\u{1B}[H\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

    init(_ output: Output) { self.output = output }

    /// Columns and rows now.
    var size: (columns: Int, rows: Int) {
        output.terminal.measure() ?? (output.terminal.width, output.terminal.height)
    }

    /// Draws lines that fit into a size, as long as this process has the terminal to itself.
    func draw(_ lines: [ScreenLine], columns: Int, rows: Int) {
        state.withLock { state in
            guard !state.isOver, TerminalGuard.isInForeground(STDERR_FILENO) else { return }
            var text = ""
            if !state.isDrawn {
                state.isDrawn = true
                TerminalGuard.set(Self.leave, on: STDERR_FILENO)
                text = Self.enter
            }
            // All at once for terminals that can (mode 2026), so that nothing flickers.
            text += "\u{1B}[?2026h"
            for (row, line) in lines.enumerated() {
                text += "\u{1B}[\(row + 1);1H\(line.text(color: true))"
                // Behind a full line the cursor is still on its last character.
                if line.columns < columns { text += "\u{1B}[K" }
            }
            if lines.count < rows { text += "\u{1B}[\(lines.count + 1);1H\u{1B}[J" }
            text += "\u{1B}[?2026l"
            output.show(text)
        }
    }

    /// Gives the terminal back, and draws nothing until `body` is over; the next drawing takes it
    /// again.
    func suspend(_ body: () -> Void = {}) {
        state.withLock { state in
            giveBack(&state)
            body()
        }
    }

    /// Gives the terminal back for good.
    func end() {
        state.withLock { state in
            state.isOver = true
            giveBack(&state)
        }
    }

    private func giveBack(_ state: inout State) {
        guard state.isDrawn else { return }
        state.isDrawn = false
        output.show("\(Self.leave)")
        TerminalGuard.release()
    }
}
