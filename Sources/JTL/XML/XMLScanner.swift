// Finds tags and texts in bytes that are nearly XML. JMeter writes control characters as references
// which XML 1.0 forbids ("&#x1;"), and files end where JMeter was killed; a parser that holds to the
// standard gives up there. So this one knows no more than where tags begin and end.

/// What a scanner finds, in the order of the file.
protocol XMLHandler {
    /// Takes a tag, without its angle brackets.
    mutating func tag(_ tag: XMLTag, at place: LinePosition) throws(JTLError)
    /// Takes a piece of text, references and all.
    mutating func text(_ bytes: UnsafeBufferPointer<UInt8>)
    /// Hears of a tag that another one cut short, or that grew beyond all measure.
    mutating func brokenTag(at place: LinePosition)
}

/// A push scanner: feed it chunks of any size.
struct XMLScanner {
    private let limit: Int
    private var isInTag = false
    /// The quote that an attribute's value is in.
    private var openQuote: UInt8?
    /// What came of an unfinished tag in earlier chunks.
    private var unfinished: [UInt8] = []
    /// The byte before the tag at hand.
    private var before: UInt8 = lineFeed
    /// The last byte that was read outside of tags.
    private var last: UInt8 = lineFeed
    private var position: LinePosition
    private var tagStart = LinePosition()

    /// A scanner at the start of a file, whose tags have no more bytes than `limit`.
    init(firstLine: Int, limit: Int) {
        self.limit = limit
        position = LinePosition(line: firstLine, byteOffset: 0)
    }

    /// Where a tag began that has not ended; nil outside of tags.
    var unfinishedTag: LinePosition? { isInTag ? tagStart : nil }

    /// Finds the tags that end in `chunk` and the texts in it.
    ///
    /// - Throws: What the handler throws.
    mutating func scan(
        _ chunk: UnsafeBufferPointer<UInt8>, into handler: inout some XMLHandler
    ) throws(JTLError) {
        var index = 0
        while index < chunk.count {
            let rest = UnsafeBufferPointer(rebasing: chunk[index...])
            let count = isInTag ? try tagBytes(rest, &handler) : textBytes(rest, &handler)
            for byte in rest[..<count] where byte == lineFeed { position.line += 1 }
            position.byteOffset += count
            index += count
        }
    }

    /// Hands over text up to the next tag; returns how many bytes were read.
    private mutating func textBytes(
        _ bytes: UnsafeBufferPointer<UInt8>, _ handler: inout some XMLHandler
    ) -> Int {
        let end = bytes.firstIndex(of: lessThan) ?? bytes.count
        if end > 0 {
            handler.text(UnsafeBufferPointer(rebasing: bytes[..<end]))
            last = bytes[end - 1]
        }
        guard end < bytes.count else { return end }
        begin(after: end, bytes)
        return end + 1
    }

    private mutating func begin(after count: Int, _ bytes: UnsafeBufferPointer<UInt8>) {
        isInTag = true
        openQuote = nil
        unfinished.removeAll(keepingCapacity: true)
        before = last
        tagStart = position
        tagStart.byteOffset += count
        for byte in bytes[..<count] where byte == lineFeed { tagStart.line += 1 }
    }

    /// Reads on in a tag; returns how many bytes were read.
    private mutating func tagBytes(
        _ bytes: UnsafeBufferPointer<UInt8>, _ handler: inout some XMLHandler
    ) throws(JTLError) -> Int {
        for (index, byte) in bytes.enumerated() {
            // In comments and the like, brackets and quotes mean nothing.
            let isMarkup = (unfinished.first ?? bytes[0]) == UInt8(ascii: "!")
            if byte == lessThan, !isMarkup {
                // XML allows this byte in no value either: here the tag was cut and another begins.
                handler.brokenTag(at: tagStart)
                last = lineFeed
                begin(after: index, bytes)
                return index + 1
            }
            if byte == greaterThan, openQuote == nil || isMarkup {
                let piece = UnsafeBufferPointer(rebasing: bytes[..<index])
                if try end(with: piece, isMarkup, &handler) { return index + 1 }
            } else if byte == openQuote {
                openQuote = nil
            } else if openQuote == nil, byte == quote || byte == UInt8(ascii: "'") {
                openQuote = byte
            }
        }
        unfinished += bytes
        if unfinished.count > limit { abandon(&handler) }
        return bytes.count
    }

    /// Ends the tag, unless it is a comment or the like that goes on.
    private mutating func end(
        with piece: UnsafeBufferPointer<UInt8>, _ isMarkup: Bool, _ handler: inout some XMLHandler
    ) throws(JTLError) -> Bool {
        if isMarkup, !isComplete(piece) { return false }
        guard unfinished.count + piece.count <= limit else {
            abandon(&handler)
            return true
        }
        isInTag = false
        last = greaterThan
        if unfinished.isEmpty {
            try handler.tag(XMLTag(piece, behind: before), at: tagStart)
            return true
        }
        unfinished += piece
        let (whole, before, place) = (unfinished, before, tagStart)
        // The closure of `withUnsafeBufferPointer` carries the error as a value.
        let result = whole.withUnsafeBufferPointer { bytes -> Result<Void, JTLError> in
            do throws(JTLError) {
                return .success(try handler.tag(XMLTag(bytes, behind: before), at: place))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
        return true
    }

    private mutating func abandon(_ handler: inout some XMLHandler) {
        isInTag = false
        unfinished = []
        last = greaterThan
        handler.brokenTag(at: tagStart)
    }

    /// Whether a comment or a CDATA section ends with these bytes; other declarations always do.
    private func isComplete(_ piece: UnsafeBufferPointer<UInt8>) -> Bool {
        let whole = unfinished + piece
        if whole.starts(with: "!--".utf8) { return whole.count >= 5 && whole.ends(with: "--") }
        return !whole.starts(with: "![CDATA[".utf8) || whole.ends(with: "]]")
    }
}

extension [UInt8] {
    fileprivate func ends(with text: StaticString) -> Bool {
        suffix(text.utf8CodeUnitCount).elementsEqual(
            UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}

private let lessThan = UInt8(ascii: "<")
private let greaterThan = UInt8(ascii: ">")
