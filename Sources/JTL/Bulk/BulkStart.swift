// The beginning of a file, for the bulk reader: what its first line says, and where its records
// begin. The same steps as in `SampleReader`, on bytes that are all there.

/// Where and how to begin reading records.
struct BulkStart {
    var delimiter: UInt8
    var plan: ColumnPlan
    /// The offset of the first record.
    var offset: Int
    /// Whether a line feed at that offset belongs to the line before.
    var skipsLineFeed = false
    /// How many lines there are before it.
    var lines = 0
    /// Blank lines before the header.
    var unusable = UnusableLines()
    /// Whether the file has nothing but blank lines.
    var isBlank: Bool { plan.count == 0 }

    /// The start of a file that begins with these bytes; nil if they are too few, or, at the end
    /// of the file, if there is nothing to read.
    ///
    /// - Throws: ``JTLError`` when the first line shows that this is no CSV JTL.
    init?(
        _ bytes: UnsafeBufferPointer<UInt8>, atEnd: Bool, _ options: ReaderOptions
    ) throws(JTLError) {
        offset = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        delimiter = UInt8(ascii: ",")
        plan = ColumnPlan(header: [])
        skipBlankLines(bytes, options.source)
        let rest = UnsafeBufferPointer(rebasing: bytes[offset...])
        if rest.isEmpty, atEnd, unusable.count > 0 { return }
        guard !rest.isEmpty, let line = HeaderReader.firstLine(of: rest, atEnd: atEnd) else {
            return nil
        }
        let start = try HeaderReader.read(
            UnsafeBufferPointer(rebasing: rest[0..<line]), options: options)
        delimiter = start.delimiter
        plan = start.plan
        if start.isHeader, !skipHeader(rest), !atEnd { return nil }
    }

    private mutating func skipBlankLines(_ bytes: UnsafeBufferPointer<UInt8>, _ source: String) {
        while offset < bytes.count, isLineEnd(bytes[offset]) {
            if !(skipsLineFeed && bytes[offset] == lineFeed) {
                let place = LinePosition(line: lines + 1, byteOffset: offset)
                unusable.add(.blankLine, at: place, in: source)
                lines += 1
            }
            skipsLineFeed = bytes[offset] == carriageReturn
            offset += 1
        }
    }

    /// Goes behind the header; false if its end is not among the bytes.
    private mutating func skipHeader(_ rest: UnsafeBufferPointer<UInt8>) -> Bool {
        var scanner = RecordScanner(delimiter: delimiter)
        guard let length = scanner.advance(over: rest) else {
            offset += rest.count
            return false
        }
        offset += length + 1
        lines += 1 + scanner.lineEndsInside
        skipsLineFeed = rest[length] == carriageReturn
        return true
    }
}
