// The format of java.util.Properties, read and written.
//
// https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/Properties.html#load(java.io.Reader)
// Files are ISO 8859-1 with \uXXXX for the rest; what we write is plain ASCII.

/// Reading and writing `.properties` files.
package enum PropertiesText {
    /// The properties in a file; of two with one name the later holds.
    package static func parse(_ bytes: [UInt8]) -> [String: String] {
        var result: [String: String] = [:]
        for line in logicalLines(bytes) {
            let (name, value) = split(line)
            result[unescaped(name)] = unescaped(value)
        }
        return result
    }

    /// A file with these properties, in their order.
    package static func write(_ properties: [(name: String, value: String)]) -> String {
        properties.map {
            escaped($0.name, isName: true) + "=" + escaped($0.value, isName: false) + "\n"
        }
        .joined()
    }

    /// Lines as UTF-16 units, joined where a backslash ends one; no blank lines, no comments.
    private static func logicalLines(_ bytes: [UInt8]) -> [[UInt16]] {
        var lines: [[UInt16]] = []
        var continues = false
        for natural in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            let text = natural.drop(while: isBlank).map { UInt16($0) }
            guard let first = text.first else {
                continues = false
                continue
            }
            if !continues
                && (first == UInt16(UInt8(ascii: "#")) || first == UInt16(UInt8(ascii: "!")))
            {
                continue
            }
            let backslashes = text.reversed().prefix { $0 == backslash }.count
            let isOpen = backslashes % 2 == 1
            let body = Array(isOpen ? text.dropLast() : text[...])
            if continues { lines[lines.count - 1] += body } else { lines.append(body) }
            continues = isOpen
        }
        return lines
    }

    private static func split(_ line: [UInt16]) -> (
        name: ArraySlice<UInt16>, value: ArraySlice<UInt16>
    ) {
        var index = 0
        while index < line.count, !isBlank(line[index]), !isSeparator(line[index]) {
            index += line[index] == backslash ? 2 : 1
        }
        index = min(index, line.count)
        var value = line[index...].drop(while: isBlank)
        if let first = value.first, isSeparator(first) {
            value = value.dropFirst().drop(while: isBlank)
        }
        return (line[..<index], value)
    }

    private static func unescaped(_ units: ArraySlice<UInt16>) -> String {
        var result: [UInt16] = []
        var rest = units
        while let unit = rest.popFirst() {
            guard unit == backslash, let next = rest.popFirst() else {
                result.append(unit)
                continue
            }
            switch UInt8(truncatingIfNeeded: next) {
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "u"):
                let digits = String(decoding: rest.prefix(4), as: UTF16.self)
                guard rest.count >= 4, let value = UInt16(digits, radix: 16) else { continue }
                result.append(value)
                rest = rest.dropFirst(4)
            default: result.append(next)
            }
        }
        return String(decoding: result, as: UTF16.self)
    }

    private static func escaped(_ text: String, isName: Bool) -> String {
        var result = ""
        for (index, unit) in text.utf16.enumerated() {
            switch unit {
            case 0x0A: result += "\\n"
            case 0x09: result += "\\t"
            case 0x0D: result += "\\r"
            case 0x0C: result += "\\f"
            case 0x20: result += isName || index == 0 ? "\\ " : " "
            case 0x21...0x7E:
                let character = Character(Unicode.Scalar(UInt8(unit)))
                if "\\=:#!".contains(character) { result += "\\" }
                result.append(character)
            default:
                let digits = String(unit, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return result
    }

    private static let backslash = UInt16(UInt8(ascii: "\\"))

    private static func isBlank(_ unit: some BinaryInteger) -> Bool {
        unit == 0x20 || unit == 0x09 || unit == 0x0C
    }

    private static func isSeparator(_ unit: UInt16) -> Bool {
        unit == UInt16(UInt8(ascii: "=")) || unit == UInt16(UInt8(ascii: ":"))
    }
}
