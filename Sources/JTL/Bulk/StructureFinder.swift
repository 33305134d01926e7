// Stage 1 of the bulk reader: find structure. 64 bytes a step become four bit masks; from them come
// the offsets of all delimiters and line ends outside quotes, and of the line ends alone. No byte
// is interpreted, and nothing depends on which columns the file has.
//
// Quotes: the parity of the quotes before a byte tells whether it lies inside. That is true only
// while every quote stands where JMeter's writer puts quotes, so each is checked, 64 at a time; at
// the first that stands elsewhere the finder stops, and the record goes to `RecordScanner`.

/// What stage 1 found in a batch that begins at a record.
struct Structure {
    /// How many delimiters and line ends there are outside quotes.
    var separators = 0
    /// How many of them are line ends.
    var lineEnds = 0
    /// Whether there are line ends inside quotes as well.
    var hasLineEndsInside = false
    /// Whether the finder stopped at a quote that stands where none may.
    var isCutShort = false
}

/// Finds the structure of one batch after the other, into the same memory.
struct StructureFinder: ~Copyable {
    /// The offsets of all separators; the one before the first is that of a separator before the
    /// batch, so that every field begins behind a separator.
    private(set) var separators: UnsafeMutablePointer<UInt32>
    /// The offsets of the line ends.
    private(set) var lineEnds: UnsafeMutablePointer<UInt32>
    private var capacity: Int
    private let delimiter: UInt8

    /// How many offsets are written at once, needed or not; the next ones overwrite the rest.
    private static let overrun = 80

    init(delimiter: UInt8) {
        self.delimiter = delimiter
        capacity = 0
        separators = .allocate(capacity: 1)
        lineEnds = .allocate(capacity: 1)
        reserve(1 << 14)
    }

    deinit {
        (separators - 1).deallocate()
        lineEnds.deallocate()
    }

    /// Makes room for the structure of so many bytes, each of which may be a separator.
    private mutating func reserve(_ count: Int) {
        guard count > capacity else { return }
        if capacity > 0 { separators -= 1 }
        separators.deallocate()
        lineEnds.deallocate()
        separators = .allocate(capacity: count + Self.overrun + 1)
        // Behind the last offset come zeros, never what was there before.
        separators.initialize(repeating: 0, count: count + Self.overrun + 1)
        separators[0] = UInt32.max
        separators += 1
        lineEnds = .allocate(capacity: count + Self.overrun)
        lineEnds.initialize(repeating: 0, count: count + Self.overrun)
        capacity = count
    }

    /// Finds the structure of `count` bytes, of which the first begins a record.
    ///
    /// 64 bytes behind them must be readable.
    mutating func find(in bytes: UnsafePointer<UInt8>, count: Int) -> Structure {
        reserve(count)
        var found = Structure()
        var quotes = QuoteState()
        let delimiters = SIMD64<UInt8>(repeating: delimiter)
        let feeds = SIMD64<UInt8>(repeating: lineFeed)
        let returns = SIMD64<UInt8>(repeating: carriageReturn)
        let marks = SIMD64<UInt8>(repeating: quote)
        var separator = separators
        var lineEnd = lineEnds
        var offset = 0
        while offset < count {
            let block = UnsafeRawPointer(bytes + offset).loadUnaligned(as: SIMD64<UInt8>.self)
            var ends = mask(block, equals: feeds, or: returns)
            var all = mask(block, equals: delimiters) | ends
            var quoted = mask(block, equals: marks)
            if count &- offset < 64 {
                let valid = ~(UInt64.max &<< UInt64(truncatingIfNeeded: count &- offset))
                (ends, all, quoted) = (ends & valid, all & valid, quoted & valid)
            }
            if quotes.matter(in: quoted) {
                let isBehindSeparator = offset == 0 || isSeparator(bytes[offset &- 1])
                let isLast = count &- offset < 64
                let inside = quotes.advance(
                    over: quoted, separators: all, isBehindSeparator: isBehindSeparator,
                    checking: isLast ? ~(UInt64.max &<< UInt64(count &- offset)) : .max)
                if !quotes.areSound {
                    found.isCutShort = true
                    break
                }
                if ends & inside != 0 { found.hasLineEndsInside = true }
                ends &= ~inside
                all &= ~inside
            }
            let base = UInt32(truncatingIfNeeded: offset)
            separator = write(all, base, to: separator)
            // Most rows are longer than a block: one offset written in any case, others rarely.
            lineEnd[0] = base &+ lowestBit(ends)
            lineEnd += ends != 0 ? 1 : 0
            ends &= ends &- 1
            while ends != 0 {
                lineEnd[0] = base &+ lowestBit(ends)
                lineEnd += 1
                ends &= ends &- 1
            }
            offset &+= 64
        }
        found.separators = separator - separators
        found.lineEnds = lineEnd - lineEnds
        return found
    }

    @inline(__always)
    private func isSeparator(_ byte: UInt8) -> Bool { byte == delimiter || isLineEnd(byte) }

    /// Writes the offsets of the set bits: ten in any case, which spares a branch that could not
    /// be foretold, then the others.
    @inline(__always)
    private func write(
        _ bits: UInt64, _ base: UInt32, to target: UnsafeMutablePointer<UInt32>
    ) -> UnsafeMutablePointer<UInt32> {
        let count = bits.nonzeroBitCount
        var rest = bits
        for index in 0..<10 {
            target[index] = base &+ lowestBit(rest)
            rest &= rest &- 1
        }
        var index = 10
        while rest != 0 {
            target[index] = base &+ lowestBit(rest)
            rest &= rest &- 1
            index &+= 1
        }
        return target + count
    }
}

/// Whether a byte lies inside quotes, and whether all quotes stand where they may.
private struct QuoteState {
    /// All ones while inside quotes.
    private var inside: UInt64 = 0
    /// One if the last byte was a closing quote, or the first of a doubled one.
    private var isBehindClosing: UInt64 = 0
    private(set) var areSound = true

    /// Whether a block with these quotes needs any care.
    @inline(__always)
    func matter(in quotes: UInt64) -> Bool { quotes | inside | isBehindClosing != 0 }

    /// The bytes inside quotes.
    ///
    /// A doubled quote closes and opens again, which for the bytes around it is the same.
    @inline(__always)
    mutating func advance(
        over quotes: UInt64, separators: UInt64, isBehindSeparator: Bool, checking valid: UInt64
    ) -> UInt64 {
        let within = runningParity(quotes) ^ inside
        let opening = quotes & within
        let closing = quotes & ~within
        let outside = separators & ~within
        // An opening quote stands behind a separator, or as the second of a doubled quote.
        let before = (inside == 0 && isBehindSeparator ? 1 : 0) | isBehindClosing
        let misplaced = opening & ~((outside | closing) &<< 1 | before)
        // Behind a closing quote stands a separator, or the second of a doubled quote.
        let trailing = (closing &<< 1 | isBehindClosing) & ~(outside | opening)
        areSound = (misplaced | trailing) & valid == 0
        isBehindClosing = closing &>> 63
        inside = UInt64(bitPattern: Int64(bitPattern: within) &>> 63)
        return within
    }
}
