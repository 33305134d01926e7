// Changes to a file by byte range: what no edit names stays identical.

/// A set of replacements in one file.
struct ByteEdits {
    private var edits: [(range: Range<Int>, text: [UInt8])] = []

    /// Whether there is nothing to change.
    var isEmpty: Bool { edits.isEmpty }

    /// Puts `text` in the place of `range`; `text` must be ASCII, whatever the file's encoding.
    mutating func replace(_ range: Range<Int>, with text: String) {
        edits.append((range, Array(text.utf8)))
    }

    /// Puts ASCII text between two bytes.
    mutating func insert(_ text: String, at position: Int) {
        replace(position..<position, with: text)
    }

    /// The changed file.
    func applied(to bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var position = 0
        for edit in edits.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            precondition(edit.range.lowerBound >= position, "edits of a plan never overlap")
            result += bytes[position..<edit.range.lowerBound]
            result += edit.text
            position = edit.range.upperBound
        }
        return result + bytes[position...]
    }
}

/// Text as XML character data or attribute value, in ASCII only, so that it fits every encoding.
func xmlEscaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\"": result += "&quot;"
        case " "..."~": result.unicodeScalars.append(scalar)
        default: result += "&#x" + String(scalar.value, radix: 16) + ";"
        }
    }
    return result
}

extension PlanDocument {
    /// Gives a property a new value, as text.
    func set(_ property: Property, to text: String, in edits: inout ByteEdits, of bytes: [UInt8]) {
        let ranges = nodes[property.value].ranges
        guard ranges.isSelfClosing else {
            edits.replace(ranges.content, with: xmlEscaped(text))
            return
        }
        // <stringProp name="x"/>: the slash goes, and an end tag comes.
        let slash = ranges.startTag.upperBound - 2
        let name = nodes[property.value].name
        edits.replace(
            slash..<ranges.startTag.upperBound, with: ">" + xmlEscaped(text) + "</\(name)>")
    }

    /// Makes a property a `stringProp`, which unlike `intProp` may hold an expression.
    func setExpression(
        _ property: Property, named name: String, to text: String, in edits: inout ByteEdits
    ) {
        edits.replace(
            nodes[property.whole].ranges.whole,
            with: "<stringProp name=\"\(xmlEscaped(name))\">\(xmlEscaped(text))</stringProp>")
    }

    /// Switches a test element off.
    func disable(_ element: TestElement, in edits: inout ByteEdits, of bytes: [UInt8]) {
        let tag = nodes[element.node].ranges.startTag
        if let value = attributeValue("enabled", in: tag, of: bytes) {
            edits.replace(value, with: "false")
            return
        }
        let end = tag.upperBound - (bytes[tag.upperBound - 2] == UInt8(ascii: "/") ? 2 : 1)
        edits.replace(end..<end, with: " enabled=\"false\"")
    }

    /// The range of an attribute's value, between its quotes.
    private func attributeValue(_ name: String, in tag: Range<Int>, of bytes: [UInt8]) -> Range<
        Int
    >? {
        var index = tag.lowerBound
        while let quote = bytes[index..<tag.upperBound].firstIndex(where: {
            $0 == 0x22 || $0 == 0x27
        }),
            let end = bytes[(quote + 1)..<tag.upperBound].firstIndex(of: bytes[quote])
        {
            let before = String(decoding: bytes[index..<quote], as: UTF8.self)
            let key = before.split { $0.isWhitespace || $0 == "=" }.last
            if key.map(String.init) == name { return (quote + 1)..<end }
            index = end + 1
        }
        return nil
    }
}
