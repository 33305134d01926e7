// The bulk reader: the same results as `SampleReader`, from many rows at a time. Its reading order:
//   BulkReader       cuts a buffer into batches that begin at a record, and hands odd records
//                    to the slow reader                                       (this file)
//   StructureFinder  stage 1, find structure: offsets of separators and line ends
//   NumberStage      stage 2, numbers: which rows are plain, and what they hold → PlainRow
//   TextStage        stage 2, texts: label, kind, code, and the sums            → Lane, LaneTimes
//   Tally            the lanes, and with LaneSum the way from there into `Statistics`
//   SegmentedReader  several threads over the parts of one file; StreamReader: chunks
// Every batch begins at a record, so no state is carried from one to the next: what is left of a
// last, unfinished record is found once more, which costs one percent of stage 1 and no thought.
// The loops that gain from wide vectors are in C (`CVectors`), once for each instruction set;
// `VectorLoops` chooses among them at run time.
// `SampleReader` is the oracle: the tests hold every result of this reader against it.

import CVectors

/// Reads records from buffers into a tally.
struct BulkReader: ~Copyable {
    let tally: Tally
    private let options: ReaderOptions
    private let batch: Int
    private let loops: lf_loops
    private var finder: StructureFinder
    private var numbers: NumberStage
    private var scanner: RecordScanner
    private var interpreter: RowInterpreter
    private var plan: BulkPlan
    /// The lines that could not be used; their numbers count from where this reader began.
    private(set) var unusable = UnusableLines()
    private var skipsLineFeed = false
    /// Where the buffer begins: the offset in the file, and the lines since this reader began.
    private var position = LinePosition(line: 0, byteOffset: 0)

    /// The columns that the next record will be read by: another header may have changed them.
    var columns: ColumnPlan { interpreter.plan }
    /// Whether a line feed that comes next belongs to the line before.
    var isBehindReturn: Bool { skipsLineFeed }
    /// How many line ends were read.
    var lines: Int { position.line }
    /// The offset in the file behind the last record.
    var offset: Int { position.byteOffset }

    /// A reader of what begins at `start`, with the loops of at most the given level.
    init(
        _ start: BulkStart, _ options: ReaderOptions, into tally: Tally, batch: Int = 1 << 14,
        vectors level: Int = .max
    ) {
        self.tally = tally
        self.options = options
        self.batch = batch
        loops = VectorLoops.best(upTo: level)
        finder = StructureFinder(delimiter: start.delimiter, loops: loops)
        numbers = NumberStage(options, times: tally.options.selection.times, loops: loops)
        scanner = RecordScanner(delimiter: start.delimiter)
        interpreter = RowInterpreter(plan: start.plan, options)
        plan = BulkPlan(start.plan)
        position.byteOffset = start.offset
        skipsLineFeed = start.skipsLineFeed
    }

    /// Reads the records that begin before `limit`.
    ///
    /// `bytes` begins at a record; 8 bytes before it and 64 behind its end must be readable.
    /// - Returns: How many bytes were read; the rest needs more bytes behind it.
    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>, limit: Int, atEnd: Bool) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        let start = position.byteOffset
        var done = 0
        while true {
            if skipsLineFeed, done < bytes.count {
                skipsLineFeed = false
                if base[done] == lineFeed { done += 1 }
            }
            position.byteOffset = start + done
            guard done < min(limit, bytes.count) else { return done }
            let rest = UnsafeBufferPointer(start: base + done, count: bytes.count - done)
            let read = readBatch(rest, limit: limit - done, atEnd: atEnd)
            if read == 0 { return done }
            done += read
        }
    }

    /// Reads one batch, or one record if it is a difficult one; 0 if more bytes are needed.
    private mutating func readBatch(
        _ bytes: UnsafeBufferPointer<UInt8>, limit: Int, atEnd: Bool
    ) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        var size = min(batch, bytes.count)
        while true {
            let found = finder.find(in: base, count: size)
            if found.lineEnds > 0 {
                return readRows(base, found, limit: limit)
            }
            if found.isCutShort { return readRecord(bytes, atEnd: atEnd) }
            if size > options.recordLimit { return abandonRecord(bytes) }
            if size == bytes.count {
                return atEnd ? readRecord(bytes, atEnd: true) : 0
            }
            size = min(size * 4, bytes.count, options.recordLimit + 1)
        }
    }
}

// MARK: - Batches

extension BulkReader {
    private mutating func readRows(
        _ base: UnsafePointer<UInt8>, _ found: Structure, limit: Int
    ) -> Int {
        let rows = numbers.read(base, finder, found, limit: limit, plan: plan)
        let stage = TextStage(
            bytes: base, separators: finder.separators, plan: plan, tally: tally, loops: loops)
        var added = 0
        for odd in numbers.odd {
            stage.add(plainRows(added..<odd.position))
            added = odd.position
            let columns = interpreter.plan
            readOdd(base, odd)
            if interpreter.plan != columns {
                // All that follows is to be read by another header.
                follow(interpreter.plan)
                advance(over: base, count: odd.end + 1, rows: odd.row + 1)
                return odd.end + 1
            }
        }
        stage.add(plainRows(added..<rows.plain))
        advance(over: base, count: rows.end, rows: rows.rows)
        return rows.end
    }

    private func plainRows(_ range: Range<Int>) -> UnsafeMutableBufferPointer<PlainRow> {
        UnsafeMutableBufferPointer(start: numbers.plain + range.lowerBound, count: range.count)
    }

    private mutating func follow(_ columns: ColumnPlan) {
        plan = BulkPlan(columns)
    }

    /// Counts the lines of what was read, and notes whether a line feed may follow.
    private mutating func advance(over base: UnsafePointer<UInt8>, count: Int, rows: Int) {
        position.line += rows + lineEndsInside(before: count)
        skipsLineFeed = base[count - 1] == carriageReturn
    }

    /// How many lines end inside quotes in the first bytes of a batch.
    private func lineEndsInside(before offset: Int) -> Int {
        finder.lineEndsInside.prefix { $0 < offset }.count
    }

    private mutating func readOdd(_ base: UnsafePointer<UInt8>, _ odd: OddRow) {
        var place = position
        place.byteOffset += odd.start
        if unusable.examples.count < UnusableLines.exampleLimit {
            place.line += odd.row + lineEndsInside(before: odd.start)
        }
        // With its line end, so that the scanner knows that it is complete.
        interpret(
            UnsafeBufferPointer(start: base + odd.start, count: odd.end + 1 - odd.start), at: place)
    }
}

// MARK: - Single records

extension BulkReader {
    /// Reads one record as the slow reader does; 0 if it is not complete.
    private mutating func readRecord(_ bytes: UnsafeBufferPointer<UInt8>, atEnd: Bool) -> Int {
        scanner.restart()
        let visible = UnsafeBufferPointer(rebasing: bytes.prefix(options.recordLimit + 1))
        guard let length = scanner.advance(over: visible) else {
            if visible.count > options.recordLimit { return abandonRecord(bytes) }
            guard atEnd else { return 0 }
            interpret(bytes, at: position)
            position.line += 1
            return bytes.count
        }
        let record = UnsafeBufferPointer(rebasing: bytes[0...length])
        let columns = interpreter.plan
        interpret(record, at: position)
        if interpreter.plan != columns { follow(interpreter.plan) }
        position.line += lineCount(record)
        skipsLineFeed = bytes[length] == carriageReturn
        return length + 1
    }

    /// Hands a record to the slow reader, in a copy, because that takes out quotes in place.
    private mutating func interpret(_ record: UnsafeBufferPointer<UInt8>, at place: LinePosition) {
        var copy = Array(record)
        var target = tally
        let kind = copy.withUnsafeMutableBufferPointer { copy in
            scanner.restart()
            let whole = UnsafeBufferPointer(copy)
            guard let length = scanner.advance(over: whole) else {
                let ending = scanner.endOfInput(in: whole)
                return interpreter.read(copy, scanner.fields, ending, into: &target)
            }
            return interpreter.read(
                UnsafeMutableBufferPointer(rebasing: copy[0..<length]), scanner.fields,
                scanner.ending, into: &target)
        }
        if let kind { unusable.add(kind, at: place, in: options.source) }
    }

    /// Gives up the first line of a record that grows beyond all measure.
    private mutating func abandonRecord(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        unusable.add(.openQuote, at: position, in: options.source)
        let length = bytes.firstIndex(where: isLineEnd) ?? bytes.count - 1
        position.line += 1
        skipsLineFeed = bytes[length] == carriageReturn
        return length + 1
    }
}

/// How many lines end in these bytes; CR, LF and CRLF each end one.
private func lineCount(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var count = 0
    var before: UInt8 = 0
    for byte in bytes {
        if isLineEnd(byte), !(byte == lineFeed && before == carriageReturn) { count += 1 }
        before = byte
    }
    return count
}
