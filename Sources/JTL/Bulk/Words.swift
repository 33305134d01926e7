// Eight bytes of a field at a time, as one word.

/// Four words in one vector.
typealias Four = SIMD4<UInt64>

/// Eight bytes as one word, the first byte lowest.
@inline(__always)
func word(at bytes: UnsafePointer<UInt8>) -> UInt64 {
    UInt64(littleEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self))
}
