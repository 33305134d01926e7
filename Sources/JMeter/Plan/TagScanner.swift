// Where every tag of an XML file begins and ends, by bytes.
//
// libxml2 has already found the file well-formed, so this only has to walk from tag to tag:
// comments, CDATA and processing instructions are skipped, quotes inside tags are respected.
// It works in any encoding that leaves ASCII alone.

/// The byte ranges of one element.
struct ElementRanges: Equatable {
    /// The start tag, from `<` to `>`.
    var startTag: Range<Int>
    /// What stands between the tags; empty, at the end of the start tag, for `<a/>`.
    var content: Range<Int>
    /// All of it, tags included.
    var whole: Range<Int>
    /// The line of the start tag, from 1.
    var line: Int

    /// Whether it is written `<a/>`.
    var isSelfClosing: Bool { whole == startTag }
}

/// Walks over the tags of well-formed XML.
struct TagScanner {
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var lineCountedTo = 0
    private var open: [Int] = []
    private var elements: [ElementRanges] = []

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The ranges of all elements in the order of their start tags; nil when tags don't pair up.
    static func elements(in bytes: [UInt8]) -> [ElementRanges]? {
        var scanner = TagScanner(bytes)
        return scanner.scan() ? scanner.elements : nil
    }

    private mutating func scan() -> Bool {
        while let start = bytes[position...].firstIndex(of: UInt8(ascii: "<")) {
            position = start
            let isRead =
                if starts(with: "<!--") {
                    skip(past: "-->", from: start + 4)
                } else if starts(with: "<![CDATA[") {
                    skip(past: "]]>", from: start + 9)
                } else if starts(with: "<?") {
                    skip(past: "?>", from: start + 2)
                } else if starts(with: "</") {
                    readEndTag()
                } else {
                    readStartTag()
                }
            guard isRead else { return false }
        }
        return open.isEmpty
    }

    private mutating func readStartTag() -> Bool {
        let start = position
        countLines(to: start)
        guard let end = endOfTag() else { return false }
        let ranges = ElementRanges(
            startTag: start..<end, content: end..<end, whole: start..<end, line: line)
        if bytes[end - 2] != UInt8(ascii: "/") { open.append(elements.count) }
        elements.append(ranges)
        position = end
        return true
    }

    private mutating func readEndTag() -> Bool {
        guard let end = endOfTag(), let element = open.popLast() else { return false }
        let start = elements[element].startTag
        elements[element].content = start.upperBound..<position
        elements[element].whole = start.lowerBound..<end
        position = end
        return true
    }

    /// The position after the `>` that ends the tag at `position`; one in quotes doesn't.
    private func endOfTag() -> Int? {
        var quote: UInt8?
        for index in position..<bytes.count {
            let byte = bytes[index]
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                return index + 1
            }
        }
        return nil
    }

    private mutating func skip(past text: String, from start: Int) -> Bool {
        let wanted = Array(text.utf8)
        var index = start
        while index + wanted.count <= bytes.count {
            if bytes[index..<index + wanted.count].elementsEqual(wanted) {
                position = index + wanted.count
                return true
            }
            index += 1
        }
        return false
    }

    private func starts(with text: String) -> Bool {
        bytes[position...].starts(with: text.utf8)
    }

    private mutating func countLines(to index: Int) {
        line += bytes[lineCountedTo..<index].count { $0 == UInt8(ascii: "\n") }
        lineCountedTo = index
    }
}
