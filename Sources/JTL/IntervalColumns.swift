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

    /// All columns but the gaps, in the file's order.
    private var numbers: [NumberColumn] {
        [
            second, samples, emptyControllers, errors, latency, connect, bytes, sentBytes,
            threads, firstStart, lastEnd, least, shape,
        ] + codes.columns + failures.columns
    }

    /// Appends the columns of all keys, of which each part has some, in their order.
    static func write(_ parts: [IntervalColumns], to target: inout [UInt8]) {
        let numbers = parts.map(\.numbers)
        let size =
            numbers.joined().reduce(0) { $0 + $1.size }
            + parts.reduce(0) { $0 + $1.gaps.bits / 8 + 1 }
        target.reserveCapacity(target.count + size + IntervalFormat.checksumLength)
        for column in numbers.first?.indices ?? 0..<0 {
            NumberColumn.write(numbers.map { $0[column] }, to: &target)
        }
        BitColumn.write(parts.map(\.gaps), to: &target)
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

    var columns: [NumberColumn] { [count, number, left] }
}

/// Makes words of bits, one behind the other.
private struct BitJoiner {
    private(set) var pending: UInt64 = 0
    private(set) var pendingBits = 0

    /// Takes in up to 64 bits, with zeros above them; returns a word if one is full now.
    @inline(__always)
    mutating func add(_ more: UInt64, bits: Int) -> UInt64? {
        let word = pending | more &<< UInt64(pendingBits)
        pendingBits &+= bits
        guard pendingBits >= 64 else {
            pending = word
            return nil
        }
        pendingBits &-= 64
        // Of bits that just fill the word nothing is left: shifted by 64 they are 0.
        pending = more >> UInt64(bits &- pendingBits)
        return word
    }
}

/// Bits that were copied from all over.
private struct BitColumn {
    private var words: [UInt64] = []
    private var rest = BitJoiner()

    /// Appends bits; 8 bytes from the last of them on must be readable.
    mutating func add(_ source: UnsafeRawPointer, bits: Int) {
        for offset in stride(from: 0, to: bits, by: 64) {
            let word = source.loadUnaligned(fromByteOffset: offset &>> 3, as: UInt64.self)
            let count = min(64, bits &- offset)
            let kept = word.littleEndian & UInt64.max &>> UInt64(64 &- count)
            if let word = rest.add(kept, bits: count) { words.append(word) }
        }
    }

    /// How many bits there are.
    var bits: Int { words.count * 64 + rest.pendingBits }

    /// Appends the bits of several columns without anything between them.
    static func write(_ parts: [BitColumn], to target: inout [UInt8]) {
        var place = target.count
        target += repeatElement(0, count: (parts.reduce(0) { $0 + $1.bits } + 7) / 8)
        target.withUnsafeMutableBytes { target in
            var joiner = BitJoiner()
            let store = { (word: UInt64) in
                target.storeBytes(of: word.littleEndian, toByteOffset: place, as: UInt64.self)
                place += 8
            }
            for part in parts {
                for word in part.words {
                    if let word = joiner.add(word, bits: 64) { store(word) }
                }
                let rest = part.rest
                if let word = joiner.add(rest.pending, bits: rest.pendingBits) { store(word) }
            }
            withUnsafeBytes(of: joiner.pending.littleEndian) { bytes in
                for index in place..<target.count { target[index] = bytes[index - place] }
            }
        }
    }
}

extension CellMerge.Key {
    /// The mean of its bytes, rounded towards zero.
    var meanBytes: Int128 { samples == 0 ? 0 : bytes / Int128(samples) }
    /// The mean of its bytes sent, rounded towards zero.
    var meanSentBytes: Int128 { samples == 0 ? 0 : sentBytes / Int128(samples) }
}
