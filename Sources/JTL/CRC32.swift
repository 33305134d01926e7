// The checksum of gzip, PNG and many others (CRC-32, ISO 3309), which every language has at hand.

/// CRC-32 of bytes, eight at a step.
struct CRC32: ~Copyable {
    private let tables: UnsafeMutablePointer<UInt32>

    init() {
        tables = .allocate(capacity: 8 * 256)
        for byte in 0..<256 {
            var value = UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 0 ? value >> 1 : value >> 1 ^ 0xEDB8_8320 }
            tables[byte] = value
        }
        for place in 256..<8 * 256 {
            let before = tables[place - 256]
            tables[place] = before >> 8 ^ tables[Int(before & 0xFF)]
        }
    }

    deinit { tables.deallocate() }

    /// The checksum of all bytes.
    func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var value: UInt32 = 0xFFFF_FFFF
        var offset = 0
        while offset + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
            let mixed = word ^ UInt64(value)
            value = 0
            for byte in 0..<8 {
                let index = Int(truncatingIfNeeded: mixed &>> UInt64(8 * byte) & 0xFF)
                value ^= tables[(7 - byte) * 256 + index]
            }
            offset += 8
        }
        while offset < bytes.count {
            value = value >> 8 ^ tables[Int((value ^ UInt32(bytes[offset])) & 0xFF)]
            offset += 1
        }
        return value ^ 0xFFFF_FFFF
    }
}
