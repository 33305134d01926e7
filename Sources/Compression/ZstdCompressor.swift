// A stream of bytes into one zstd frame. Level 1 shrinks a JTL about tenfold and costs less than
// writing the plain bytes would. Frames may be written one behind the other: readers of zstd
// take them as one stream, so parts of a file can be compressed apart.

private import CZstd

/// Compresses bytes as they come.
package struct ZstdCompressor: ~Copyable {
    private let stream: OpaquePointer
    private var output: [UInt8]

    /// A compressor at the beginning of a frame.
    ///
    /// - Throws: ``CompressionError/library(_:)`` where zstd has no memory.
    package init(level: Int32 = 1) throws(CompressionError) {
        stream = try Self.makeStream(level: level)
        output = Array(repeating: 0, count: ZSTD_CStreamOutSize())
    }

    private static func makeStream(level: Int32) throws(CompressionError) -> OpaquePointer {
        guard let stream = ZSTD_createCCtx() else { throw .library("zstd: out of memory") }
        do throws(CompressionError) {
            try check(ZSTD_CCtx_setParameter(stream, ZSTD_c_compressionLevel, level))
            try check(ZSTD_CCtx_setParameter(stream, ZSTD_c_checksumFlag, 1))
        } catch {
            ZSTD_freeCCtx(stream)
            throw error
        }
        return stream
    }

    deinit {
        ZSTD_freeCCtx(stream)
    }

    /// Takes in bytes and returns what is compressed so far, often nothing.
    ///
    /// - Throws: ``CompressionError/library(_:)``.
    package mutating func compress(
        _ bytes: UnsafeRawBufferPointer
    ) throws(CompressionError) -> [UInt8] {
        try step(bytes, ZSTD_e_continue)
    }

    /// Takes in bytes and returns what is compressed so far, often nothing.
    ///
    /// - Throws: ``CompressionError/library(_:)``.
    package mutating func compress(_ bytes: [UInt8]) throws(CompressionError) -> [UInt8] {
        try lending(bytes) { chunk throws(CompressionError) in try step(chunk, ZSTD_e_continue) }
    }

    /// Ends the frame and returns the rest of it; what follows begins another frame.
    ///
    /// - Throws: ``CompressionError/library(_:)``.
    package mutating func finish() throws(CompressionError) -> [UInt8] {
        try step(UnsafeRawBufferPointer(start: nil, count: 0), ZSTD_e_end)
    }

    private mutating func step(
        _ bytes: UnsafeRawBufferPointer, _ operation: ZSTD_EndDirective
    ) throws(CompressionError) -> [UInt8] {
        var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
        var result: [UInt8] = []
        while true {
            var produced = 0
            let rest = output.withUnsafeMutableBytes { target in
                var out = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
                let rest = ZSTD_compressStream2(stream, &out, &input, operation)
                produced = out.pos
                return rest
            }
            try check(rest)
            result += output[0..<produced]
            let isDone = operation == ZSTD_e_end ? rest == 0 : input.pos == input.size
            if isDone { return result }
        }
    }
}

/// Turns zstd's error codes, which share a type with its sizes, into an error.
private func check(_ code: Int) throws(CompressionError) {
    if ZSTD_isError(code) != 0 {
        throw .library("zstd: " + String(cString: ZSTD_getErrorName(code)))
    }
}

/// Lends the bytes of an array to a body with typed errors.
func lending<Value>(
    _ bytes: [UInt8],
    _ body: (UnsafeRawBufferPointer) throws(CompressionError) -> Value
) throws(CompressionError) -> Value {
    let result = bytes.withUnsafeBytes { chunk -> Result<Value, CompressionError> in
        do throws(CompressionError) {
            return .success(try body(chunk))
        } catch {
            return .failure(error)
        }
    }
    return try result.get()
}
