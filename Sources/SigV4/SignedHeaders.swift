// Which headers a signature covers, and how it reads them. They are noted in the text that is being
// written, names in lower case and values tidied up, and copied from there in their order.

internal import HTTP

/// The headers that a signature covers, in its order.
struct SignedHeaders {
    /// Where a header is noted.
    private struct Line {
        let name: Range<Int>
        let value: Range<Int>
    }

    private var lines: [Line] = []

    /// What the transport or a proxy on the way may change is left out; these are by their length.
    private static let unsigned: [[[UInt8]]] = {
        let names = [
            "authorization", "connection", "expect", "keep-alive", "proxy-authenticate",
            "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding",
            "upgrade", "user-agent", "x-amzn-trace-id",
        ]
        return (0...19).map { count in
            names.filter { $0.utf8.count == count }.map { Array($0.utf8) }
        }
    }()

    init(_ headers: HTTPHeaders, of url: HTTPURL, notedIn text: inout ByteText) {
        lines.reserveCapacity(headers.fields.count + 1)
        for field in headers.fields { note(field.name, field.value, in: &text) }
        let host = Array("host".utf8)
        if !lines.contains(where: { text.isEqual($0.name, host) }) {
            note("host", url.authority, in: &text)
        }
    }

    private mutating func note(_ name: String, _ value: String, in text: inout ByteText) {
        let start = text.count
        text.append(name)
        let name = start..<text.count
        for index in name where 0x41...0x5a ~= text[index] { text[index] |= 0x20 }
        if name.count < Self.unsigned.count,
            Self.unsigned[name.count].contains(where: { text.isEqual(name, $0) })
        {
            text.removeLast(name.count)
            return
        }
        Self.appendCollapsed(value, to: &text)
        // Behind those whose names are not greater: several of one name stay in their order.
        var place = lines.count
        while place > 0, text.precedes(name, lines[place - 1].name) { place -= 1 }
        lines.insert(Line(name: name, value: name.upperBound..<text.count), at: place)
    }

    /// Writes a value without space around it and with single spaces inside.
    private static func appendCollapsed(_ value: String, to text: inout ByteText) {
        let start = text.count
        text.append(value)
        guard text.hasSpace(start..<text.count) else { return }
        var end = start
        var isAfterSpace = false
        for index in start..<text.count {
            let byte = text[index]
            guard byte != UInt8(ascii: " "), !(0x09...0x0d ~= byte) else {
                isAfterSpace = true
                continue
            }
            if isAfterSpace, end > start {
                text[end] = UInt8(ascii: " ")
                end += 1
            }
            isAfterSpace = false
            text[end] = byte
            end += 1
        }
        text.removeLast(text.count - end)
    }

    /// Writes the names joined by `;`.
    func appendNames(to text: inout ByteText) {
        for index in lines.indices where !isRepeated(index, in: text) {
            if index > 0 { text.append(UInt8(ascii: ";")) }
            text.append(lines[index].name)
        }
    }

    /// Writes a line for each name, several values of one joined by commas.
    func append(to text: inout ByteText) {
        for index in lines.indices {
            if isRepeated(index, in: text) {
                text.append(UInt8(ascii: ","))
            } else {
                if index > 0 { text.append(UInt8(ascii: "\n")) }
                text.append(lines[index].name)
                text.append(UInt8(ascii: ":"))
            }
            text.append(lines[index].value)
        }
        text.append(UInt8(ascii: "\n"))
    }

    private func isRepeated(_ index: Int, in text: borrowing ByteText) -> Bool {
        index > 0 && text.areEqual(lines[index].name, lines[index - 1].name)
    }
}
