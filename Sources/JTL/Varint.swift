// Numbers as LEB128: seven bits a byte, the lowest first, and the highest bit set in all bytes but
// the last. Signed ones are folded first, so that small ones of either sign are short.

/// A number of either sign as one without: 0, -1, 1, -2, 2 become 0, 1, 2, 3, 4.
@inline(__always)
func folded(_ value: Int128) -> UInt128 {
    UInt128(truncatingIfNeeded: (value << 1) ^ (value >> 127))
}

@inline(__always)
func folded(_ value: Int64) -> UInt64 {
    UInt64(bitPattern: (value &<< 1) ^ (value &>> 63))
}

@inline(__always)
func unfolded(_ value: UInt128) -> Int128 {
    Int128(truncatingIfNeeded: value >> 1) ^ -Int128(truncatingIfNeeded: value & 1)
}

@inline(__always)
func unfolded(_ value: UInt64) -> Int64 {
    Int64(bitPattern: value &>> 1) ^ (0 &- Int64(bitPattern: value & 1))
}

/// Appends varints to memory that is large enough.
struct VarintWriter {
    private(set) var target: UnsafeMutablePointer<UInt8>

    /// No number takes more bytes than this.
    static let longest = 19

    init(at target: UnsafeMutablePointer<UInt8>) { self.target = target }

    @inline(__always)
    mutating func add(_ value: UInt64) {
        var rest = value
        while rest > 0x7F {
            target.pointee = UInt8(truncatingIfNeeded: rest) | 0x80
            target += 1
            rest &>>= 7
        }
        target.pointee = UInt8(truncatingIfNeeded: rest)
        target += 1
    }

    @inline(__always)
    mutating func add(_ value: Int) { add(UInt64(truncatingIfNeeded: value)) }

    @inline(__always)
    mutating func add(signed value: Int128) {
        let value = folded(value)
        if value >> 64 == 0 { return add(UInt64(truncatingIfNeeded: value)) }
        var rest = value
        while rest > 0x7F {
            target.pointee = UInt8(truncatingIfNeeded: rest) | 0x80
            target += 1
            rest >>= 7
        }
        target.pointee = UInt8(truncatingIfNeeded: rest)
        target += 1
    }
}

/// Reads what a ``VarintWriter`` wrote; never used for bytes from outside.
struct VarintReader {
    private(set) var source: UnsafePointer<UInt8>

    init(at source: UnsafePointer<UInt8>) { self.source = source }

    @inline(__always)
    mutating func next() -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = source.pointee
            source += 1
            value |= UInt64(byte & 0x7F) &<< shift
            if byte < 0x80 { return value }
            shift &+= 7
        }
    }

    @inline(__always)
    mutating func count() -> Int { Int(truncatingIfNeeded: next()) }

    @inline(__always)
    mutating func signed() -> Int128 {
        let start = source
        let value = next()
        // Up to nine bytes hold 63 bits.
        guard source - start > 9 else { return Int128(unfolded(value)) }
        source = start
        return long()
    }

    @inline(never)
    private mutating func long() -> Int128 {
        var value: UInt128 = 0
        var shift: UInt128 = 0
        while true {
            let byte = source.pointee
            source += 1
            value |= UInt128(byte & 0x7F) << shift
            if byte < 0x80 { return unfolded(value) }
            shift += 7
        }
    }
}
