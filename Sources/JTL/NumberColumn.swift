// A column of numbers as an intervals file has them: varints, but the first bytes of all of them
// come first, then the second bytes of those that have one, and so on. What lies together is then
// alike, which a compressor likes: the first bytes of sums are noise, their last ones hardly change.

/// A column that is being written.
struct NumberColumn {
    // Almost all numbers have one to three bytes: arrays of their own are quicker to append to.
    private var first: [UInt8] = []
    private var second: [UInt8] = []
    private var third: [UInt8] = []
    private var further: [[UInt8]] = []

    /// Appends a number.
    @inline(__always)
    mutating func add(_ value: UInt64) {
        guard value > 0x7F else { return first.append(UInt8(truncatingIfNeeded: value)) }
        first.append(UInt8(truncatingIfNeeded: value) | 0x80)
        guard value > 0x3FFF else { return second.append(UInt8(truncatingIfNeeded: value &>> 7)) }
        second.append(UInt8(truncatingIfNeeded: value &>> 7) | 0x80)
        guard value > 0x1F_FFFF else {
            return third.append(UInt8(truncatingIfNeeded: value &>> 14))
        }
        third.append(UInt8(truncatingIfNeeded: value &>> 14) | 0x80)
        addFurther(UInt128(value &>> 21))
    }

    @inline(__always)
    mutating func add(_ value: Int) { add(UInt64(truncatingIfNeeded: value)) }

    /// Appends a number of either sign.
    mutating func add(signed value: Int128) {
        let value = folded(value)
        if value >> 64 == 0 { return add(UInt64(truncatingIfNeeded: value)) }
        first.append(UInt8(truncatingIfNeeded: value) | 0x80)
        second.append(UInt8(truncatingIfNeeded: value >> 7) | 0x80)
        third.append(UInt8(truncatingIfNeeded: value >> 14) | 0x80)
        addFurther(value >> 21)
    }

    private mutating func addFurther(_ value: UInt128) {
        var (rest, plane) = (value, 0)
        while true {
            if plane == further.count { further.append([]) }
            let byte = UInt8(truncatingIfNeeded: rest & 0x7F)
            rest >>= 7
            further[plane].append(rest == 0 ? byte : byte | 0x80)
            if rest == 0 { return }
            plane += 1
        }
    }

    /// How many bytes the column takes.
    var size: Int {
        first.count + second.count + third.count + further.reduce(0) { $0 + $1.count }
    }

    /// Appends all bytes of a column that was made in parts.
    static func write(_ parts: [NumberColumn], to bytes: inout [UInt8]) {
        for part in parts { bytes += part.first }
        for part in parts { bytes += part.second }
        for part in parts { bytes += part.third }
        for plane in 0..<(parts.map(\.further.count).max() ?? 0) {
            for part in parts where plane < part.further.count { bytes += part.further[plane] }
        }
    }
}

/// A column that is being read.
struct NumberColumnReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    /// Where in each plane the next byte is.
    private var cursors: [Int] = []
    /// How many numbers are left.
    private var left: Int

    /// The column of `count` numbers that begins at `offset`, which is moved to its end.
    ///
    /// - Throws: ``IntervalDamage`` where the bytes end before the column.
    init(
        _ bytes: UnsafeBufferPointer<UInt8>, count: Int, at offset: inout Int
    ) throws(IntervalDamage) {
        self.bytes = bytes
        left = count
        var size = count
        while size > 0 {
            guard cursors.count < VarintWriter.longest, size <= bytes.count - offset else {
                throw .cut
            }
            cursors.append(offset)
            let plane = bytes[offset..<offset + size]
            offset += size
            size = plane.reduce(0) { $0 + Int($1 >> 7) }
        }
    }

    /// The next number.
    ///
    /// - Throws: ``IntervalDamage`` behind the last one, and for one of more than 128 bits.
    mutating func long() throws(IntervalDamage) -> UInt128 {
        guard left > 0 else { throw .count }
        left -= 1
        var value: UInt128 = 0
        for plane in cursors.indices {
            let byte = bytes[cursors[plane]]
            cursors[plane] += 1
            guard plane < VarintWriter.longest - 1 || byte < 4 else { throw .number }
            value |= UInt128(byte & 0x7F) << UInt128(7 * plane)
            if byte < 0x80 { return value }
        }
        throw .number
    }

    /// The next number of 64 bits.
    mutating func next() throws(IntervalDamage) -> UInt64 {
        guard let value = UInt64(exactly: try long()) else { throw .number }
        return value
    }

    /// The next number, if it counts no more than `limit`.
    mutating func count(upTo limit: Int) throws(IntervalDamage) -> Int {
        let value = try next()
        guard value <= UInt64(limit) else { throw .count }
        return Int(value)
    }

    /// The next sum; no real one is anywhere near 90 bits.
    mutating func sum() throws(IntervalDamage) -> Int128 {
        let value = unfolded(try long())
        guard value.magnitude < 1 << 90 else { throw .number }
        return value
    }

    /// What all numbers add up to, each of which may be `limit` at most.
    func total(upTo limit: Int) throws(IntervalDamage) -> Int {
        var copy = self
        var total = 0
        for _ in 0..<left {
            total += try copy.count(upTo: limit)
            // More of anything than there are bytes is not in the file.
            guard total <= bytes.count else { throw .count }
        }
        return total
    }
}

/// What is wrong with an intervals file.
enum IntervalDamage: String, Error {
    case cut = "it ends too early"
    case count = "a count is out of all measure"
    case number = "a number is out of all measure"
    case order = "what should be in order is not"
    case text = "a label or name is no UTF-8"
    case times = "the elapsed times of a cell are not what its count says"
    case rest = "there is something behind its end"
    case checksum = "its checksum is wrong"
    case kind = "it names a kind of unusable line that is not known"
}
