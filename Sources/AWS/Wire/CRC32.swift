// A checksum that S3 asks for where it trusts the transport less than the signature.

internal import FoundationEssentials

/// The checksum of zip files and Ethernet (ITU-T V.42), which every S3 server knows.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { (index: UInt32) -> UInt32 in
        var value = index
        for _ in 0..<8 {
            let half = value >> 1
            value = value & 1 == 1 ? half ^ 0xEDB8_8320 : half
        }
        return value
    }

    /// The checksum of bytes.
    static func of(_ bytes: [UInt8]) -> UInt32 {
        var sum = ~UInt32(0)
        for byte in bytes {
            sum = table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ (sum >> 8)
        }
        return ~sum
    }

    /// The checksum as headers have it: big-endian, in base64.
    static func base64(of bytes: [UInt8]) -> String {
        let sum = of(bytes)
        let parts = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> UInt32($0)) }
        return Data(parts).base64EncodedString()
    }
}
