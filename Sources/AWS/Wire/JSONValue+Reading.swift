// A JSON reader, RFC 8259 to the letter, over bytes.
//
// Depth is bounded, so that no answer can exhaust the stack, and text that is not UTF-8 is
// repaired, since a log line may hold anything.

extension JSONValue {
    /// Reads one value that fills the bytes.
    ///
    /// - Throws: ``AnswerFault`` with the offset of the first byte that does not belong.
    static func read(_ bytes: [UInt8]) throws(AnswerFault) -> JSONValue {
        var reader = JSONReader(bytes: bytes)
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.isAtEnd else { throw reader.fault }
        return value
    }
}

private struct JSONReader {
    let bytes: [UInt8]
    private var position = 0

    private static let deepest = 128

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }
    var fault: AnswerFault { AnswerFault("not whole JSON: byte \(position) does not belong") }
    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func value(depth: Int) throws(AnswerFault) -> JSONValue {
        guard depth < Self.deepest else { throw fault }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    mutating func skipSpace() {
        while let byte = next, byte == 0x20 || (0x09...0x0D).contains(byte), byte != 0x0B,
            byte != 0x0C
        {
            position += 1
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func word(
        _ word: StaticString, _ value: JSONValue
    ) throws(AnswerFault) -> JSONValue {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count, bytes[position..<end].elementsEqual("\(word)".utf8) else {
            throw fault
        }
        position = end
        return value
    }

    private mutating func object(depth: Int) throws(AnswerFault) -> JSONValue {
        position += 1
        var members: [JSONValue.Member] = []
        skipSpace()
        if take("}") { return .object([]) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw fault }
            let name = try string()
            skipSpace()
            guard take(":") else { throw fault }
            members.append(.init(name: name, value: try value(depth: depth + 1)))
            skipSpace()
        } while take(",")
        guard take("}") else { throw fault }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(AnswerFault) -> JSONValue {
        position += 1
        var items: [JSONValue] = []
        skipSpace()
        if take("]") { return .array([]) }
        repeat {
            items.append(try value(depth: depth + 1))
            skipSpace()
        } while take(",")
        guard take("]") else { throw fault }
        return .array(items)
    }

    private mutating func digits() throws(AnswerFault) {
        let start = position
        while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
        guard position > start else { throw fault }
    }

    private mutating func number() throws(AnswerFault) -> String {
        let start = position
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func string() throws(AnswerFault) -> String {
        position += 1
        let start = position
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            guard byte >= 0x20 else { throw fault }
            position += 1
        }
        guard next == UInt8(ascii: "\\") else {
            let text = String(decoding: bytes[start..<position], as: UTF8.self)
            guard take("\"") else { throw fault }
            return text
        }
        return try escapedString(start: start)
    }

    /// The slow way, for the few texts with escapes.
    private mutating func escapedString(start: Int) throws(AnswerFault) -> String {
        var units = Array(bytes[start..<position])
        while let byte = next, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw fault }
            position += 1
            if byte == UInt8(ascii: "\\") {
                units.append(contentsOf: Array(String(try escape()).utf8))
            } else {
                units.append(byte)
            }
        }
        guard take("\"") else { throw fault }
        return String(decoding: units, as: UTF8.self)
    }

    private mutating func escape() throws(AnswerFault) -> Unicode.Scalar {
        guard let byte = next else { throw fault }
        position += 1
        switch Unicode.Scalar(byte) {
        case "\"", "\\", "/": return Unicode.Scalar(byte)
        case "b": return "\u{08}"
        case "f": return "\u{0C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "u": return try unicode()
        default: throw fault
        }
    }

    /// A scalar written as one or two units of UTF-16; half a pair becomes U+FFFD.
    private mutating func unicode() throws(AnswerFault) -> Unicode.Scalar {
        let first = try unit()
        guard (0xD800...0xDBFF).contains(first) else {
            return Unicode.Scalar(first) ?? "\u{FFFD}"
        }
        let back = position
        guard take("\\"), take("u") else {
            position = back
            return "\u{FFFD}"
        }
        let second = try unit()
        guard (0xDC00...0xDFFF).contains(second) else {
            position = back
            return "\u{FFFD}"
        }
        return Unicode.Scalar(0x1_0000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
    }

    private mutating func unit() throws(AnswerFault) -> UInt32 {
        guard position + 4 <= bytes.count else { throw fault }
        var unit: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw fault
            }
            unit = unit << 4 | UInt32(digit)
        }
        position += 4
        return unit
    }
}
