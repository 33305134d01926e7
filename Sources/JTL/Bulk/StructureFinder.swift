// Stage 1 of the bulk reader: find structure. A batch becomes bit masks, 64 bytes a word; those
// inside quotes are taken out; what is left becomes the offsets of all delimiters and line ends,
// and of the line ends alone. No byte is interpreted, and nothing depends on which columns the file
// has.
//
// Quotes: the parity of the quotes before a byte tells whether it lies inside. That is true only
// while every quote stands where JMeter's writer puts quotes, so each is checked, 64 at a time; at
// the first that stands elsewhere the finder stops, and the record goes to `RecordScanner`.

import CVectors

/// What stage 1 found in a batch that begins at a record.
struct Structure {
    /// How many delimiters and line ends there are outside quotes.
    var separators = 0
    /// How many of them are line ends.
    var lineEnds = 0
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
    /// Where a line ends inside quotes, a CRLF at its CR.
    private(set) var lineEndsInside: [Int] = []
    private var masks: lf_masks
    private var capacity: Int
    private let delimiter: UInt8
    private let loops: lf_loops

    /// How far the loops write beyond what they found; the next offsets overwrite it.
    private static let overrun = 80

    init(delimiter: UInt8, loops: lf_loops) {
        self.delimiter = delimiter
        self.loops = loops
        capacity = 0
        separators = .allocate(capacity: 1)
        lineEnds = .allocate(capacity: 1)
        masks = lf_masks(
            delimiters: .allocate(capacity: 1), line_ends: .allocate(capacity: 1),
            quotes: .allocate(capacity: 1), quoted: .allocate(capacity: 1))
        reserve(1 << 14)
    }

    deinit {
        (separators - 1).deallocate()
        lineEnds.deallocate()
        masks.delimiters.deallocate()
        masks.line_ends.deallocate()
        masks.quotes.deallocate()
        masks.quoted.deallocate()
    }

    /// Makes room for the structure of so many bytes, each of which may be a separator.
    private mutating func reserve(_ count: Int) {
        guard count > capacity else { return }
        if capacity > 0 { separators -= 1 }
        Self.replace(&separators, count + Self.overrun + 1)
        separators[0] = UInt32.max
        separators += 1
        Self.replace(&lineEnds, count + Self.overrun)
        Self.replace(&masks.delimiters, (count + 63) / 64)
        Self.replace(&masks.line_ends, (count + 63) / 64)
        Self.replace(&masks.quotes, (count + 63) / 64)
        Self.replace(&masks.quoted, (count + 4095) / 4096)
        capacity = count
    }

    /// Gives up an array for a larger one of zeros.
    private static func replace<Number: BinaryInteger>(
        _ array: inout UnsafeMutablePointer<Number>, _ count: Int
    ) {
        array.deallocate()
        array = .allocate(capacity: count)
        array.initialize(repeating: 0, count: count)
    }

    /// Finds the structure of `count` bytes, of which the first begins a record.
    ///
    /// 64 bytes behind them must be readable.
    mutating func find(in bytes: UnsafePointer<UInt8>, count: Int) -> Structure {
        reserve(count)
        lineEndsInside.removeAll(keepingCapacity: true)
        var blocks = (count + 63) / 64
        loops.find(bytes, blocks, delimiter, masks)
        if count & 63 != 0 {
            let valid = ~(UInt64.max << UInt64(count & 63))
            masks.delimiters[blocks - 1] &= valid
            masks.line_ends[blocks - 1] &= valid
            masks.quotes[blocks - 1] &= valid
        }
        var found = Structure()
        let sound = takeOutQuoted(bytes, count, blocks)
        found.isCutShort = sound < blocks
        blocks = sound
        let listed = loops.list(masks, blocks, separators, lineEnds)
        found.separators = listed.separators
        found.lineEnds = listed.line_ends
        return found
    }

    /// Clears the bits of bytes inside quotes; returns how many blocks have all quotes in place.
    private mutating func takeOutQuoted(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, _ blocks: Int
    ) -> Int {
        var quotes = QuoteState()
        let masks = masks
        var next = 0
        while true {
            let block = quotes.areOpen ? next : nextQuoted(from: next, blocks)
            guard block < blocks else { return blocks }
            next = block &+ 1
            let offset = block &* 64
            let ends = masks.line_ends[block]
            let all = masks.delimiters[block] | ends
            let isBehindSeparator = offset == 0 || isSeparator(bytes[offset &- 1])
            let isLast = count &- offset < 64
            let inside = quotes.advance(
                over: masks.quotes[block], separators: all, isBehindSeparator: isBehindSeparator,
                checking: isLast ? ~(UInt64.max &<< UInt64(count &- offset)) : .max)
            guard quotes.areSound else { return block }
            if ends & inside != 0 { noteLineEnds(ends & inside, bytes, offset) }
            masks.delimiters[block] &= ~inside
            masks.line_ends[block] &= ~inside
        }
    }

    /// The first block from `block` on in which there are quotes.
    @inline(__always)
    private func nextQuoted(from block: Int, _ blocks: Int) -> Int {
        var place = block &>> 6
        var mask = UInt64.max &<< UInt64(truncatingIfNeeded: block & 63)
        while place &* 64 < blocks {
            let bits = masks.quoted[place] & mask
            if bits != 0 { return place &* 64 &+ bits.trailingZeroBitCount }
            (place, mask) = (place &+ 1, .max)
        }
        return blocks
    }

    @inline(__always)
    private func isSeparator(_ byte: UInt8) -> Bool { byte == delimiter || isLineEnd(byte) }

    @inline(never)
    private mutating func noteLineEnds(
        _ ends: UInt64, _ bytes: UnsafePointer<UInt8>, _ offset: Int
    ) {
        var rest = ends
        while rest != 0 {
            let place = offset + rest.trailingZeroBitCount
            rest &= rest - 1
            // A line end inside quotes is never the first byte of a batch.
            if bytes[place] == lineFeed, bytes[place - 1] == carriageReturn { continue }
            lineEndsInside.append(place)
        }
    }
}

/// Whether a byte lies inside quotes, and whether all quotes stand where they may.
private struct QuoteState {
    /// All ones while inside quotes.
    private var inside: UInt64 = 0
    /// One if the last byte was a closing quote, or the first of a doubled one.
    private var isBehindClosing: UInt64 = 0
    private(set) var areSound = true

    /// Whether the next block needs care even if there are no quotes in it.
    @inline(__always)
    var areOpen: Bool { inside | isBehindClosing != 0 }

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

/// For each bit whether an odd number of bits are set up to and including it.
@inline(__always)
private func runningParity(_ word: UInt64) -> UInt64 {
    var word = word
    word ^= word &<< 1
    word ^= word &<< 2
    word ^= word &<< 4
    word ^= word &<< 8
    word ^= word &<< 16
    word ^= word &<< 32
    return word
}
