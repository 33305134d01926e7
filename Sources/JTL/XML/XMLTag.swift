// One tag, as a view of its bytes, and the characters behind references such as "&lt;" and "&#x1;".

/// The name and the attributes between two angle brackets.
struct XMLTag {
    /// The element's name.
    let name: String
    /// Whether this is an element's end.
    let isClosing: Bool
    /// Whether the element ends with this very tag.
    let isEmpty: Bool
    /// Whether a blank stands before the tag, as it does in JMeter's files within a sample.
    let isIndented: Bool
    /// Whether a line begins with the tag.
    let isAtLineStart: Bool
    private let attributes: UnsafeBufferPointer<UInt8>

    /// A view of the bytes between the brackets, which stand behind the byte `before`.
    init(_ content: UnsafeBufferPointer<UInt8>, behind before: UInt8) {
        isIndented = before == UInt8(ascii: " ") || before == UInt8(ascii: "\t")
        isAtLineStart = isLineEnd(before)
        isClosing = content.first == slash
        isEmpty = !isClosing && content.last == slash
        let rest = content.dropFirst(isClosing ? 1 : 0).dropLast(isEmpty ? 1 : 0)
        let end = rest.firstIndex { $0 <= 0x20 } ?? rest.endIndex
        name = String(decoding: rest[..<end], as: UTF8.self)
        attributes = UnsafeBufferPointer(rebasing: rest[end...])
    }

    /// Calls `body` with each attribute's name and its value as written.
    func forEachAttribute(_ body: (String, UnsafeBufferPointer<UInt8>) -> Void) {
        var rest = attributes[...]
        while true {
            rest = rest.drop { $0 <= 0x20 }
            guard let equals = rest.firstIndex(of: UInt8(ascii: "=")) else { return }
            let name = String(decoding: rest[..<equals].prefix { $0 > 0x20 }, as: UTF8.self)
            let value = rest[(equals + 1)...].drop { $0 <= 0x20 }
            guard let mark = value.first, mark == quote || mark == UInt8(ascii: "'"),
                let end = value.dropFirst().firstIndex(of: mark)
            else { return }
            body(name, UnsafeBufferPointer(rebasing: value[(value.startIndex + 1)..<end]))
            rest = value[(end + 1)...]
        }
    }
}

/// Text with its references replaced by what they stand for, in UTF-8.
///
/// Numbers may name any character, those too that XML forbids; what names none stays as it is.
func resolved(_ text: some Collection<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var rest = text[...]
    while let start = rest.firstIndex(of: ampersand) {
        result += rest[..<start]
        let name = rest[start...].dropFirst().prefix(9).prefix { $0 != UInt8(ascii: ";") }
        guard name.endIndex < rest.endIndex, rest[name.endIndex] == UInt8(ascii: ";"),
            let character = character(named: String(decoding: name, as: UTF8.self))
        else {
            result.append(ampersand)
            rest = rest[start...].dropFirst()
            continue
        }
        result += String(Character(character)).utf8
        rest = rest[name.endIndex...].dropFirst()
    }
    return result + rest
}

private func character(named name: String) -> Unicode.Scalar? {
    switch name {
    case "lt": "<"
    case "gt": ">"
    case "amp": "&"
    case "quot": "\""
    case "apos": "'"
    default:
        if name.hasPrefix("#x") {
            UInt32(name.dropFirst(2), radix: 16).flatMap(Unicode.Scalar.init)
        } else if name.hasPrefix("#") {
            UInt32(name.dropFirst()).flatMap(Unicode.Scalar.init)
        } else {
            nil
        }
    }
}

private let slash = UInt8(ascii: "/")
private let ampersand = UInt8(ascii: "&")
