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

    /// Describes a terminal; without arguments, none, as in a pipeline.
    package init(
        isOutputTerminal: Bool = false, isErrorTerminal: Bool = false,
        isInputTerminal: Bool = false, allowsColor: Bool = false, width: Int = 80
    ) {
        self.isOutputTerminal = isOutputTerminal
        self.isErrorTerminal = isErrorTerminal
        self.isInputTerminal = isInputTerminal
        self.allowsColor = allowsColor
        self.width = width
    }

    /// Color on stdout.
    package var colorsOutput: Bool { isOutputTerminal && allowsColor }
    /// Color on stderr.
    package var colorsError: Bool { isErrorTerminal && allowsColor }
    /// Whether a line on stderr may be rewritten in place.
    package var animates: Bool { isErrorTerminal && allowsColor }

    /// The terminal of this process.
    ///
    /// `NO_COLOR` (https://no-color.org), when not empty, and `TERM=dumb` turn color off;
    /// `COLUMNS` overrides the width.
    static func current(variables: [String: String]) -> Terminal {
        let wantsColor = variables["NO_COLOR", default: ""].isEmpty && variables["TERM"] != "dumb"
        return Terminal(
            isOutputTerminal: isatty(STDOUT_FILENO) == 1,
            isErrorTerminal: isatty(STDERR_FILENO) == 1,
            isInputTerminal: isatty(STDIN_FILENO) == 1,
            allowsColor: wantsColor,
            width: variables["COLUMNS"].flatMap { Int($0) } ?? measuredWidth() ?? 80)
    }

    private static func measuredWidth() -> Int? {
        var size = winsize()
        for descriptor in [STDOUT_FILENO, STDERR_FILENO]
        where ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 {
            return Int(size.ws_col)
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

    /// `text` in this emphasis when `on`, otherwise unchanged.
    package func callAsFunction(_ text: String, on: Bool) -> String {
        on ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }
}
