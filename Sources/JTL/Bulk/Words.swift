// Eight bytes of a field at a time, as one word, and what of such a word belongs to the field.

/// Four words in one vector.
typealias Four = SIMD4<UInt64>

/// Eight bytes as one word, the first byte lowest.
@inline(__always)
func word(at bytes: UnsafePointer<UInt8>) -> UInt64 {
    UInt64(littleEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self))
}

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
