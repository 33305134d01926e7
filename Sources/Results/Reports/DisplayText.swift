// Text from a test's results, made fit for a terminal. Labels come from whoever wrote the plan or
// from the server under test: they may hold control characters, which must never reach a terminal
// raw, and characters that take two columns or none.

/// Text and the columns it takes.
package enum DisplayText {
    /// `text` with everything invisible or commanding shown as an escape.
    package static func visible(_ text: String) -> String {
        guard !isPrintableASCII(text) else { return text }
        var result = ""
        for character in text {
            let isEmoji = character.unicodeScalars.first?.properties.isEmoji ?? false
            for scalar in character.unicodeScalars {
                // The joiner is invisible too, but part of the picture in an emoji of several.
                if isEmoji, scalar == "\u{200D}" {
                    result.unicodeScalars.append(scalar)
                } else {
                    result += escaped(scalar) ?? String(scalar)
                }
            }
        }
        return result
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String? {
        switch scalar {
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        default: break
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse:
            return "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
        default: return nil
        }
    }

    /// The terminal columns that text takes.
    package static func width(_ text: String) -> Int {
        isPrintableASCII(text) ? text.utf8.count : text.reduce(0) { $0 + width($1) }
    }

    /// Whether each byte is a column: so are nearly all labels, and there may be thousands.
    private static func isPrintableASCII(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }

    private static func width(_ character: Character) -> Int {
        let scalars = character.unicodeScalars
        guard let first = scalars.first else { return 0 }
        if first.properties.isEmojiPresentation || scalars.contains("\u{FE0F}") { return 2 }
        switch first.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: return isWide(first.value) ? 2 : 1
        }
    }

    /// The blocks of Unicode's EastAsianWidth.txt that are wide (W) or full-width (F).
    private static func isWide(_ value: UInt32) -> Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F,
            0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }

    /// `text` in at most so many columns, the middle left out where it is longer.
    package static func fit(_ text: String, columns: Int) -> String {
        guard width(text) > columns else { return text }
        guard columns > 1 else { return columns == 1 ? "…" : "" }
        let tailColumns = (columns - 1) / 2
        let head = take(text, columns: columns - 1 - tailColumns)
        let tail = String(take(String(text.reversed()), columns: tailColumns).reversed())
        return head + "…" + tail
    }

    private static func take(_ text: String, columns: Int) -> String {
        var taken = ""
        var left = columns
        for character in text {
            left -= width(character)
            if left < 0 { break }
            taken.append(character)
        }
        return taken
    }

    /// `text` filled with blanks to so many columns.
    package static func pad(_ text: String, columns: Int, toRight: Bool = false) -> String {
        let blanks = String(repeating: " ", count: max(0, columns - width(text)))
        return toRight ? blanks + text : text + blanks
    }
}
