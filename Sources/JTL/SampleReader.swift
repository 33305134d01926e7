// Reads JMeter's CSV results ("JTL") and adds every row to a `Statistics`.
//
// The reading order of this room, which is also the way of a byte through it:
//   SampleReader   collects chunks, and hands over whole records          (this file)
//   HeaderReader   the first line: which delimiter, which columns         → ColumnPlan
//   RecordScanner  stage 1, find structure: where fields begin and end    → [Field]
//   RowInterpreter stage 2, interpret columns: numbers, truth, text       → Sample
//   Statistics     what samples add up to, per label                      → Aggregate, Histogram
// The same way, many times faster, is that of `Bulk/BulkReader` (begin with `BulkPlan`); seconds are
// kept by `IntervalSeries`. `JTL.docc/JTL.md` says where to add a column.
// The room knows bytes, rows and sums. It must never know files, runs, gates or reports.

/// A push reader over the bytes of one JTL: feed it chunks of any size, then finish it.
///
/// Damaged lines never stop it: they are counted in ``Statistics/unusable`` and skipped. Only a
/// file which is no CSV JTL at all is an error, and that shows at its first line.
public struct SampleReader: ~Copyable {
    private let options: ReaderOptions
    private var input = InputBuffer()
    private var scanner = RecordScanner(delimiter: UInt8(ascii: ","))
    private var interpreter: RowInterpreter?
    private var xml: XMLSampleReader?
    private var position = LinePosition()
    private var skipsLineFeed = false
    /// The record at hand, before its fields are unquoted in place.
    private var copy: [UInt8] = []

    /// Sees each record of a CSV file that holds a sample; costs a copy of it.
    package var onRecord: ((RawRecord) -> Void)?

    /// Whether the file turned out to be XML, which has no records.
    package var isXML: Bool { xml != nil }

    /// A reader at the first byte of a file.
    public init(_ options: ReaderOptions = ReaderOptions()) {
        self.options = options
    }

    /// How many bytes of a CSV file belong to the records read so far, line ends included.
    ///
    /// A reader that begins there, behind the same first line, goes on as this one does.
    package var consumedBytes: Int { position.byteOffset }

    /// Adds the samples of the records completed by `chunk`, and keeps an unfinished rest.
    ///
    /// - Throws: ``JTLError`` when the first line shows that this is no CSV JTL.
    public mutating func consume(
        _ chunk: UnsafeRawBufferPointer, into statistics: inout Statistics
    ) throws(JTLError) {
        try collect(chunk, into: &statistics)
    }

    /// Adds the samples of the records completed by `chunk`, and keeps an unfinished rest.
    ///
    /// - Throws: ``JTLError`` when the first line shows that this is no CSV JTL.
    public mutating func consume(
        _ chunk: [UInt8], into statistics: inout Statistics
    ) throws(JTLError) {
        // The closure of `withUnsafeBytes` does not carry typed errors through on every overload.
        let result = chunk.withUnsafeBytes { bytes -> Result<Void, JTLError> in
            do throws(JTLError) {
                return .success(try consume(bytes, into: &statistics))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// Reads what is left: a last line without its line end, whole or cut.
    ///
    /// - Throws: ``JTLError`` when the only line shows that this is no CSV JTL.
    public mutating func finish(into statistics: inout Statistics) throws(JTLError) {
        try collectRest(into: &statistics)
    }
}

// MARK: - For any collector

extension SampleReader {
    /// `consume` for whoever collects something else than statistics.
    mutating func collect(
        _ chunk: UnsafeRawBufferPointer, into collector: inout some SampleCollector
    ) throws(JTLError) {
        input.append(chunk)
        if xml != nil { return try readXML(into: &collector) }
        if interpreter == nil {
            guard input.bytes.count >= HeaderReader.limit || chunk.contains(where: isLineEnd) else {
                return
            }
            guard try readHeader(atEnd: false, into: &collector) else { return }
        }
        readRecords(into: &collector)
    }

    /// `finish` for whoever collects something else than statistics.
    mutating func collectRest(into collector: inout some SampleCollector) throws(JTLError) {
        if interpreter == nil, xml == nil {
            guard try readHeader(atEnd: true, into: &collector) || xml != nil else { return }
        }
        xml?.finish(into: &collector)
        readRecords(into: &collector)
        let rest = input.bytes
        guard !rest.isEmpty else { return }
        let ending = scanner.endOfInput(in: UnsafeBufferPointer(rest))
        interpret(rest, ending: ending, into: &collector)
        input.discard(rest.count)
        scanner.restart()
    }
}

// MARK: - Header

extension SampleReader {
    /// Makes the interpreter from the first line; false while that line is not complete.
    private mutating func readHeader(
        atEnd: Bool, into collector: inout some SampleCollector
    ) throws(JTLError) -> Bool {
        if position == LinePosition() {
            if XMLSampleReader.recognizes(UnsafeBufferPointer(input.bytes)) {
                xml = XMLSampleReader(options, firstLine: 1)
                try readXML(into: &collector)
                return false
            }
            skipByteOrderMark()
        }
        skipBlankLines(into: &collector)
        let bytes = UnsafeBufferPointer(input.bytes)
        guard !bytes.isEmpty else { return false }
        guard let line = HeaderReader.firstLine(of: bytes, atEnd: atEnd) else { return false }
        let start = try HeaderReader.read(
            UnsafeBufferPointer(rebasing: bytes[0..<line]), options: options)
        scanner = RecordScanner(delimiter: start.delimiter)
        interpreter = RowInterpreter(plan: start.plan, options)
        if start.isHeader, nextRecord() == nil, atEnd {
            input.discard(bytes.count)
            scanner.restart()
        }
        return true
    }

    private mutating func readXML(into collector: inout some SampleCollector) throws(JTLError) {
        try xml?.consume(UnsafeBufferPointer(input.bytes), into: &collector)
        input.discard(input.bytes.count)
        input.compact()
    }

    private mutating func skipByteOrderMark() {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        guard input.bytes.starts(with: mark) else { return }
        input.discard(mark.count)
        position.byteOffset += mark.count
    }

    private mutating func skipBlankLines(into collector: inout some SampleCollector) {
        while let first = input.bytes.first, isLineEnd(first) {
            if !(skipsLineFeed && first == lineFeed) {
                collector.unusable.add(.blankLine, at: position, in: options.source)
                position.line += 1
            }
            skipsLineFeed = first == carriageReturn
            input.discard(1)
            position.byteOffset += 1
        }
    }
}

// MARK: - Records

extension SampleReader {
    private mutating func readRecords(into collector: inout some SampleCollector) {
        repeat {
            while let record = nextRecord() {
                interpret(record.bytes, ending: record.ending, at: record.start, into: &collector)
            }
        } while abandonOverlongRecord(into: &collector)
        input.compact()
    }

    /// The next complete record with its fields in `scanner.fields`, or nil until more bytes come.
    ///
    /// The bytes stay valid until the next append: discarding only moves the read position.
    private mutating func nextRecord() -> FoundRecord? {
        if skipsLineFeed, let first = input.bytes.first {
            skipsLineFeed = false
            if first == lineFeed {
                input.discard(1)
                position.byteOffset += 1
            }
        }
        scanner.prepare()
        let bytes = input.bytes
        guard let length = scanner.advance(over: UnsafeBufferPointer(bytes)) else { return nil }
        let record = FoundRecord(
            bytes: UnsafeMutableBufferPointer(rebasing: bytes[0..<length]),
            start: position, ending: scanner.ending)
        skipsLineFeed = bytes[length] == carriageReturn
        input.discard(length + 1)
        position.byteOffset += length + 1
        position.line += 1 + scanner.lineEndsInside
        return record
    }

    /// Gives up the first line of a record that grows beyond all measure, and goes on behind it.
    ///
    /// Only a quote that nobody closes makes such a record. Without this it would take in the rest
    /// of the file, and the memory for it.
    private mutating func abandonOverlongRecord(into collector: inout some SampleCollector) -> Bool
    {
        let bytes = input.bytes
        guard bytes.count > options.recordLimit else { return false }
        collector.unusable.add(.openQuote, at: position, in: options.source)
        let length = bytes.firstIndex(where: isLineEnd) ?? bytes.count - 1
        skipsLineFeed = bytes[length] == carriageReturn
        input.discard(length + 1)
        position.byteOffset += length + 1
        position.line += 1
        scanner.restart()
        return true
    }

    private mutating func interpret(
        _ record: UnsafeMutableBufferPointer<UInt8>, ending: RecordScanner.Ending,
        at start: LinePosition? = nil, into collector: inout some SampleCollector
    ) {
        let place = start ?? position
        if onRecord != nil {
            copy.removeAll(keepingCapacity: true)
            copy += record
        }
        if let kind = interpreter?.read(record, scanner.fields, ending, into: &collector) {
            collector.unusable.add(kind, at: place, in: options.source)
        } else if let onRecord, let interpreter {
            onRecord(
                RawRecord(
                    columns: interpreter.plan.names, time: interpreter.lastStart,
                    timePlace: interpreter.plan[.timeStamp], bytes: copy, fields: scanner.fields))
        }
    }
}

/// A record which stage 1 found: its bytes, where it began, and how it ended.
private struct FoundRecord {
    let bytes: UnsafeMutableBufferPointer<UInt8>
    let start: LinePosition
    let ending: RecordScanner.Ending
}
