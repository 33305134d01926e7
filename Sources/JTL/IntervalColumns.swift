// The columns of an intervals file, while it is being written: `IntervalFile.swift` says what is in
// them, in the same order.

/// Columns that take in cells by key and second.
struct IntervalColumns {
    private let keys: [CellMerge.Key]
    /// What there is to know of the last cell's key.
    private var isController = false
    private var meanBytes: Int128 = 0
    private var meanSentBytes: Int128 = 0
    private var second = NumberColumn()
    private var samples = NumberColumn()
    private var emptyControllers = NumberColumn()
    private var errors = NumberColumn()
    private var latency = NumberColumn()
    private var connect = NumberColumn()
    private var bytes = NumberColumn()
    private var sentBytes = NumberColumn()
    private var threads = NumberColumn()
    private var firstStart = NumberColumn()
    private var lastEnd = NumberColumn()
    private var least = NumberColumn()
    private var shape = NumberColumn()
    private var codes = TextColumns()
    private var failures = TextColumns()
    private var gaps = BitColumn()
    /// The values of the cell before.
    private var last = CellBefore()

    init(_ keys: [CellMerge.Key]) { self.keys = keys }

    mutating func add(_ cell: borrowing ReadPiece, _ number: Int, _ second: Int64) {
        if last.key != number { begin(number) }
        let isTimed = second != CellPiece.untimed
        if isTimed {
            self.second.add(folded(second &- last.second))
            last.second = second
        }
        samples.add(folded(Int64(cell.figures.samples &- last.samples)))
        last.samples = cell.figures.samples
        if isController { emptyControllers.add(cell.figures.emptyControllers) }
        guard cell.figures.samples > 0 else { return }
        addSums(cell)
        threads.add(folded(cell.figures.maxThreads &- last.threads))
        last.threads = cell.figures.maxThreads
        if isTimed {
            firstStart.add(UInt64(bitPattern: cell.figures.firstStart &- second &* 1000))
            lastEnd.add(folded(cell.figures.lastEnd &- cell.figures.firstStart &- cell.most))
        }
        least.add(folded(cell.shape.least))
        shape.add(cell.shape.number)
        codes.add(cell.figures.codes, of: cell.figures.samples)
        if cell.figures.errors > 0 { failures.add(cell.figures.failures, of: cell.figures.errors) }
        gaps.add(cell.times, bits: cell.bits)
    }

    private mutating func begin(_ number: Int) {
        last = CellBefore(key: number)
        isController = keys[number].key.isController
        meanBytes = keys[number].meanBytes
        meanSentBytes = keys[number].meanSentBytes
    }

    private mutating func addSums(_ cell: borrowing ReadPiece) {
        let count = Int128(cell.figures.samples)
        errors.add(cell.figures.errors)
        latency.add(signed: cell.figures.elapsed - cell.figures.latency)
        connect.add(signed: cell.figures.connect)
        bytes.add(signed: cell.figures.bytes - count * meanBytes)
        sentBytes.add(signed: cell.figures.sentBytes - count * meanSentBytes)
    }

    /// Appends the columns of further keys.
    mutating func add(_ more: IntervalColumns) {
        second.add(more.second)
        samples.add(more.samples)
        emptyControllers.add(more.emptyControllers)
        errors.add(more.errors)
        latency.add(more.latency)
        connect.add(more.connect)
        bytes.add(more.bytes)
        sentBytes.add(more.sentBytes)
        threads.add(more.threads)
        firstStart.add(more.firstStart)
        lastEnd.add(more.lastEnd)
        least.add(more.least)
        shape.add(more.shape)
        codes.add(more.codes)
        failures.add(more.failures)
        gaps.add(more.gaps)
    }

    func write(to target: inout [UInt8]) {
        let columns =
            [
                second, samples, emptyControllers, errors, latency, connect, bytes, sentBytes,
                threads, firstStart, lastEnd, least, shape,
            ] + codes.columns + failures.columns
        let size = columns.reduce(gaps.size) { $0 + $1.size }
        target.reserveCapacity(target.count + size + IntervalFormat.checksumLength)
        for column in columns { column.write(to: &target) }
        gaps.write(to: &target)
    }
}

/// What a cell's numbers are differences to.
struct CellBefore {
    var key = -1
    var second: Int64 = 0
    /// Whether there was one.
    var hasSecond = false
    var samples = 0
    var threads: Int64 = 0
}

/// Lists of texts by cell.
private struct TextColumns {
    private var count = NumberColumn()
    private var number = NumberColumn()
    private var left = NumberColumn()

    mutating func add(_ list: [TextTimes], of total: Int) {
        count.add(list.count)
        var before = 0
        var rest = total
        for entry in list {
            number.add(entry.number &- before)
            before = entry.number
            rest &-= entry.times
            left.add(rest)
        }
    }

    mutating func add(_ more: TextColumns) {
        count.add(more.count)
        number.add(more.number)
        left.add(more.left)
    }

    var columns: [NumberColumn] { [count, number, left] }
}

/// Bits one behind the other, whatever they were copied from.
private struct BitColumn {
    private var words: [UInt64] = []
    private var pending: UInt64 = 0
    private var pendingBits = 0

    mutating func add(_ source: UnsafeRawPointer, bits: Int) {
        var offset = 0
        while offset < bits {
            let step = min(32, bits &- offset)
            let word = source.loadUnaligned(fromByteOffset: offset &>> 3, as: UInt32.self)
            let kept = UInt64(word.littleEndian) & ((1 &<< UInt64(step)) &- 1)
            pending |= kept &<< UInt64(pendingBits)
            pendingBits &+= step
            offset &+= step
            if pendingBits >= 64 {
                words.append(pending.littleEndian)
                pendingBits &-= 64
                pending = kept >> UInt64(step &- pendingBits)
            }
        }
    }

    mutating func add(_ more: BitColumn) {
        more.words.withUnsafeBytes { words in
            if let base = words.baseAddress { add(base, bits: words.count * 8) }
        }
        withUnsafeBytes(of: more.pending.littleEndian) { word in
            if let base = word.baseAddress { add(base, bits: more.pendingBits) }
        }
    }

    /// How many bytes the bits take.
    var size: Int { words.count * 8 + (pendingBits + 7) / 8 }

    func write(to target: inout [UInt8]) {
        words.withUnsafeBytes { target += $0 }
        withUnsafeBytes(of: pending.littleEndian) { target += $0.prefix((pendingBits + 7) / 8) }
    }
}

extension CellMerge.Key {
    /// The mean of its bytes, rounded towards zero.
    var meanBytes: Int128 { samples == 0 ? 0 : bytes / Int128(samples) }
    /// The mean of its bytes sent, rounded towards zero.
    var meanSentBytes: Int128 { samples == 0 ? 0 : sentBytes / Int128(samples) }
}
