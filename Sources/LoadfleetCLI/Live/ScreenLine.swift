// A line of the live view: pieces of text, each with its emphasis, and the columns they take. Color
// comes last, so that lines can be cut, filled and put side by side without counting it.
import Results

/// One line of a screen.
struct ScreenLine: Sendable, Equatable {
    private struct Piece: Sendable, Equatable {
        var text: String
        var emphasis: Emphasis?
    }

    private var pieces: [Piece] = []
    /// The columns that the line takes.
    private(set) var columns = 0

    init() {}

    init(_ text: String, _ emphasis: Emphasis? = nil) { add(text, emphasis) }

    /// Adds text as it may be shown: whatever could command a terminal stands there as an escape.
    mutating func add(_ text: String, _ emphasis: Emphasis? = nil) {
        guard !text.isEmpty else { return }
        let visible = DisplayText.visible(text)
        pieces.append(Piece(text: visible, emphasis: emphasis))
        columns += DisplayText.width(visible)
    }

    /// Adds text in exactly so many columns: filled with blanks, or with its middle left out.
    mutating func add(
        _ text: String, _ emphasis: Emphasis? = nil, columns: Int, toRight: Bool = false
    ) {
        let fitting = DisplayText.fit(DisplayText.visible(text), columns: columns)
        add(DisplayText.pad(fitting, columns: columns, toRight: toRight), emphasis)
    }

    mutating func add(_ line: ScreenLine) {
        pieces += line.pieces
        columns += line.columns
    }

    /// Fills with blanks up to a column.
    mutating func fill(to column: Int) {
        add(String(repeating: " ", count: max(0, column - columns)))
    }

    /// The line in at most so many columns; what does not fit is cut off at the end.
    func cut(to limit: Int) -> ScreenLine {
        guard columns > limit else { return self }
        var line = ScreenLine()
        for piece in pieces {
            let left = limit - line.columns
            guard DisplayText.width(piece.text) > left else {
                line.add(piece.text, piece.emphasis)
                continue
            }
            line.add(Self.head(of: piece.text, columns: left), piece.emphasis)
            break
        }
        return line
    }

    private static func head(of text: String, columns: Int) -> String {
        var left = columns - 1
        var head = ""
        for character in text {
            left -= DisplayText.width(String(character))
            if left < 0 { break }
            head.append(character)
        }
        return columns > 0 ? head + "…" : ""
    }

    /// The text, with color if so wanted and without blanks at its end.
    func text(color: Bool) -> String {
        var text = ""
        for piece in pieces {
            text += piece.emphasis.map { $0(piece.text, on: color) } ?? piece.text
        }
        guard pieces.last?.emphasis == nil || !color else { return text }
        while text.last == " " { text.removeLast() }
        return text
    }
}
