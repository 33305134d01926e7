// Four numbers at a time: each is the last eight bytes of its field, masked to the field's length.
// Digits are checked and weighed in all lanes at once: pairs, then fours, then eights.

/// Four words in one vector.
typealias Four = SIMD4<UInt64>

/// The digits of four numbers, right-aligned, and what of them belongs to the number.
struct FourNumbers {
    var digits: Four
    var masks: Four
}

#if hasFeature(BuiltinModule)
    import Builtin

    @inline(__always)
    private func and(_ left: Four, _ right: Four) -> Four {
        unsafeBitCast(
            Builtin.and_Vec4xInt64(left._storage._value, right._storage._value), to: Four.self)
    }

    @inline(__always)
    private func or(_ left: Four, _ right: Four) -> Four {
        unsafeBitCast(
            Builtin.or_Vec4xInt64(left._storage._value, right._storage._value), to: Four.self)
    }

    @inline(__always)
    private func xor(_ left: Four, _ right: Four) -> Four {
        unsafeBitCast(
            Builtin.xor_Vec4xInt64(left._storage._value, right._storage._value), to: Four.self)
    }

    extension FourNumbers {
        /// The four values; `faults` gets a bit wherever a byte is no digit.
        @inline(__always)
        func values(_ faults: inout UInt64) -> Four {
            let nibbles = and(xor(digits, Four(repeating: 0x3030_3030_3030_3030)), masks)
            // A byte above 9 either has a high bit itself or gets one by adding 6.
            let bytes = unsafeBitCast(nibbles, to: SIMD32<UInt8>.self)
            let raised: SIMD32<UInt8> = bytes &+ SIMD32<UInt8>(repeating: 6)
            let odd = and(
                or(unsafeBitCast(raised, to: Four.self), nibbles),
                Four(repeating: 0xF0F0_F0F0_F0F0_F0F0))
            faults |= odd[0] | odd[1] | odd[2] | odd[3]
            let eights = weighed(nibbles)
            return eights
        }

        @inline(__always)
        private func weighed(_ nibbles: Four) -> Four {
            let words = unsafeBitCast(nibbles, to: SIMD16<UInt16>.self)
            let second: SIMD16<UInt16> = unsafeBitCast(
                Builtin.lshr_Vec16xInt16(
                    words._storage._value, SIMD16<UInt16>(repeating: 8)._storage._value),
                to: SIMD16<UInt16>.self)
            let first = unsafeBitCast(
                and(nibbles, Four(repeating: 0x00FF_00FF_00FF_00FF)), to: SIMD16<UInt16>.self)
            let pairs: SIMD16<UInt16> = (first &* SIMD16<UInt16>(repeating: 10)) &+ second
            // The lower half of each double word times 100, the upper times 1.
            let hundreds = unsafeBitCast(
                SIMD8<UInt32>(repeating: 0x0001_0064), to: SIMD16<UInt16>.self)
            let weighedPairs: SIMD16<UInt16> = pairs &* hundreds
            let halves = unsafeBitCast(weighedPairs, to: SIMD8<UInt32>.self)
            let upper: SIMD8<UInt32> = unsafeBitCast(
                Builtin.lshr_Vec8xInt32(
                    halves._storage._value, SIMD8<UInt32>(repeating: 16)._storage._value),
                to: SIMD8<UInt32>.self)
            let sums: SIMD8<UInt32> = halves &+ upper
            let fours = and(
                unsafeBitCast(sums, to: Four.self), Four(repeating: 0x0000_FFFF_0000_FFFF))
            let high = and(fours, Four(repeating: 0xFFFF_FFFF))
            let low: Four = unsafeBitCast(
                Builtin.lshr_Vec4xInt64(
                    fours._storage._value, Four(repeating: 32)._storage._value), to: Four.self)
            let tenThousands: Four = unsafeBitCast(
                Builtin.mul_Vec4xInt64(
                    high._storage._value, Four(repeating: 10_000)._storage._value), to: Four.self)
            return unsafeBitCast(
                Builtin.add_Vec4xInt64(tenThousands._storage._value, low._storage._value),
                to: Four.self)
        }
    }
#else
    extension FourNumbers {
        /// The four values; `faults` gets a bit wherever a byte is no digit.
        @inline(__always)
        func values(_ faults: inout UInt64) -> Four {
            var values = Four(repeating: 0)
            for lane in 0..<4 {
                let nibbles = (digits[lane] ^ 0x3030_3030_3030_3030) & masks[lane]
                faults |= ((nibbles &+ 0x0606_0606_0606_0606) | nibbles) & 0xF0F0_F0F0_F0F0_F0F0
                let pairs = ((nibbles &* 2561) &>> 8) & 0x00FF_00FF_00FF_00FF
                let fours = ((pairs &* 6_553_601) &>> 16) & 0x0000_FFFF_0000_FFFF
                values[lane] = (fours &* 42_949_672_960_001) &>> 32
            }
            return values
        }
    }
#endif

/// What of a word of eight bytes belongs to a number of so many digits, right-aligned.
///
/// Numbers of no digits or more than eight must be told apart by their length.
struct DigitMasks: ~Copyable {
    private let table: UnsafeMutablePointer<UInt64>

    init() {
        table = .allocate(capacity: 16)
        for length in 0..<16 {
            table[length] =
                (1...7).contains(length) ? UInt64.max << UInt64(64 - 8 * length) : UInt64.max
        }
    }

    deinit { table.deallocate() }

    /// The mask for a length, of which only the four lowest bits count.
    @inline(__always)
    subscript(_ length: UInt32) -> UInt64 { table[Int(length & 15)] }
}
