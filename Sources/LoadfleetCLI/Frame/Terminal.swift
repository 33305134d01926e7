// What stdout, stderr and stdin are connected to, and with it whether color, animation and
// questions make sense. Judged apart: `loadfleet run > log` still has a terminal on stderr.
import Glibc

/// The terminal, or its absence.
package struct Terminal: Sendable {
    /// Whether stdout goes to a terminal.
    package var isOutputTerminal: Bool
    /// Whether stderr goes to a terminal.
    package var isErrorTerminal: Bool
    /// Whether somebody can be asked.
    package var isInputTerminal: Bool
    /// Whether the terminal understands color and cursor control at all, and its user wants it.
    package var allowsColor: Bool
    /// Columns of the terminal; 80 where there is none.
    package var width: Int
    /// Lines of the terminal; 24 where there is none.
    package var height: Int
    /// Asks the terminal for its size, which changes with its window.
    package var measure: @Sendable () -> (columns: Int, rows: Int)?

    /// Describes a terminal; without arguments, none, as in a pipeline.
    package init(
        isOutputTerminal: Bool = false, isErrorTerminal: Bool = false,
        isInputTerminal: Bool = false, allowsColor: Bool = false, width: Int = 80,
        height: Int = 24
    ) {
        self.isOutputTerminal = isOutputTerminal
        self.isErrorTerminal = isErrorTerminal
        self.isInputTerminal = isInputTerminal
        self.allowsColor = allowsColor
        self.width = width
        self.height = height
        measure = { (width, height) }
    }

    /// Color on stdout.
    package var colorsOutput: Bool { isOutputTerminal && allowsColor }
    /// Color on stderr.
    package var colorsError: Bool { isErrorTerminal && allowsColor }
    /// Whether a line on stderr may be rewritten in place.
    package var animates: Bool { isErrorTerminal && allowsColor }
    /// Whether the whole screen may be drawn on by way of stderr, and is large enough for it.
    package var hasScreen: Bool {
        guard animates, let size = measure() else { return false }
        return size.columns >= 40 && size.rows >= 16
    }

    /// The terminal of this process.
    ///
    /// `NO_COLOR` (https://no-color.org), when not empty, and `TERM=dumb` turn color off, as does
    /// a `TERM` that is not set; `COLUMNS` overrides the width of what is printed.
    static func current(variables: [String: String]) -> Terminal {
        let kind = variables["TERM", default: ""]
        let wantsColor = variables["NO_COLOR", default: ""].isEmpty
        let size = size(of: [STDOUT_FILENO, STDERR_FILENO])
        var terminal = Terminal(
            isOutputTerminal: isatty(STDOUT_FILENO) == 1,
            isErrorTerminal: isatty(STDERR_FILENO) == 1,
            isInputTerminal: isatty(STDIN_FILENO) == 1,
            allowsColor: wantsColor && !kind.isEmpty && kind != "dumb",
            width: variables["COLUMNS"].flatMap { Int($0) } ?? size?.columns ?? 80,
            height: size?.rows ?? 24)
        terminal.measure = { Self.size(of: [STDERR_FILENO]) }
        return terminal
    }

    private static func size(of descriptors: [Int32]) -> (columns: Int, rows: Int)? {
        var size = winsize()
        for descriptor in descriptors
        where ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 && size.ws_row > 0
        {
            return (Int(size.ws_col), Int(size.ws_row))
        }
        return nil
    }
}

/// The few ways in which text stands out (SGR sequences of ECMA-48).
package enum Emphasis: String, Sendable {
    case bold = "1"
    case faint = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"

    /// `text` in this emphasis when `on`, otherwise unchanged.
    package func callAsFunction(_ text: String, on: Bool) -> String {
        on ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }
}
