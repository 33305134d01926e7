// Vector operations which the standard library lacks: the 64 comparisons of a block as the bits of
// one word ("movemask"), and the lowest set bit without a test for zero. The compiler's Builtin
// module makes two to four instructions of each on x86-64 and arm64; without that experimental
// module the same results come from plain words, several times slower.

#if hasFeature(BuiltinModule)
    import Builtin

    /// One bit for each byte of `block` that equals `byte`; the first byte is the lowest bit.
    @inline(__always)
    func mask(_ block: SIMD64<UInt8>, equals byte: SIMD64<UInt8>) -> UInt64 {
        UInt64(
            Builtin.bitcast_Vec64xInt1_Int64(
                Builtin.cmp_eq_Vec64xInt8(block._storage._value, byte._storage._value)))
    }

    /// One bit for each byte of `block` that equals one of two; the union costs less before the
    /// bits are gathered than after.
    @inline(__always)
    func mask(
        _ block: SIMD64<UInt8>, equals first: SIMD64<UInt8>, or second: SIMD64<UInt8>
    ) -> UInt64 {
        UInt64(
            Builtin.bitcast_Vec64xInt1_Int64(
                Builtin.or_Vec64xInt1(
                    Builtin.cmp_eq_Vec64xInt8(block._storage._value, first._storage._value),
                    Builtin.cmp_eq_Vec64xInt8(block._storage._value, second._storage._value))))
    }

    /// The place of the lowest set bit; any number where there is none.
    @inline(__always)
    func lowestBit(_ word: UInt64) -> UInt32 {
        UInt32(
            truncatingIfNeeded: UInt64(Builtin.int_cttz_Int64(word._value, true._value)))
    }
#else
    /// One bit for each byte of `block` that equals `byte`; the first byte is the lowest bit.
    func mask(_ block: SIMD64<UInt8>, equals byte: SIMD64<UInt8>) -> UInt64 {
        let words = unsafeBitCast(block, to: SIMD8<UInt64>.self)
        let wanted = unsafeBitCast(byte, to: SIMD8<UInt64>.self)
        var bits: UInt64 = 0
        for index in 0..<8 {
            let difference = words[index] ^ wanted[index]
            // The high bit of each byte that differs nowhere; no carry crosses a byte.
            let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
            let equal = ~(((difference & low) &+ low) | difference | low)
            // The multiplication gathers the eight high bits in the top byte.
            let gathered = ((equal &>> 7) &* 0x0102_0408_1020_4080) &>> 56
            bits |= gathered &<< UInt64(truncatingIfNeeded: index &* 8)
        }
        return bits
    }

    /// One bit for each byte of `block` that equals one of two.
    func mask(
        _ block: SIMD64<UInt8>, equals first: SIMD64<UInt8>, or second: SIMD64<UInt8>
    ) -> UInt64 {
        mask(block, equals: first) | mask(block, equals: second)
    }

    /// The place of the lowest set bit; any number where there is none.
    @inline(__always)
    func lowestBit(_ word: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: word.trailingZeroBitCount)
    }
#endif

/// For each bit whether an odd number of bits are set up to and including it.
@inline(__always)
func runningParity(_ word: UInt64) -> UInt64 {
    var word = word
    word ^= word &<< 1
    word ^= word &<< 2
    word ^= word &<< 4
    word ^= word &<< 8
    word ^= word &<< 16
    word ^= word &<< 32
    return word
}

/// Eight bytes as one word, the first byte lowest.
@inline(__always)
func word(at bytes: UnsafePointer<UInt8>) -> UInt64 {
    UInt64(littleEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self))
}
