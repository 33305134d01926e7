// Bytes that are in memory already, as one zstd frame.

/// Compresses whole arrays.
package enum ZstdFrame {
    /// One complete frame that holds `bytes`.
    ///
    /// - Throws: ``CompressionError/library(_:)``.
    package static func compressed(
        _ bytes: [UInt8], level: Int32 = 1
    ) throws(CompressionError) -> [UInt8] {
        var compressor = try ZstdCompressor(level: level)
        let frame = try compressor.compress(bytes)
        return frame + (try compressor.finish())
    }
}
