// zstd frames into plain bytes.

private import CZstd

/// A zstd decompression context.
struct ZstdStream: ~Copyable {
    private let stream: OpaquePointer
    private var output: [UInt8]
    private let source: String
    /// Whether a frame has begun and not ended.
    private(set) var isInsideFrame = false

    init(source: String) throws(CompressionError) {
        guard let stream = ZSTD_createDCtx() else { throw .library("zstd: out of memory") }
        self.stream = stream
        self.source = source
        output = Array(repeating: 0, count: ZSTD_DStreamOutSize())
    }

    deinit {
        ZSTD_freeDCtx(stream)
    }

    mutating func decompress(_ bytes: UnsafeRawBufferPointer, _ sink: Decompressor.Sink) throws {
        var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
        var hasMore = false
        while input.pos < input.size || hasMore {
            var produced = 0
            let rest = output.withUnsafeMutableBytes { target in
                var out = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
                let rest = ZSTD_decompressStream(stream, &out, &input)
                produced = out.pos
                return rest
            }
            if ZSTD_isError(rest) != 0 {
                throw CompressionError.damaged(
                    source: source, reason: "zstd: " + String(cString: ZSTD_getErrorName(rest)))
            }
            isInsideFrame = rest != 0
            // A full output may hide more; inside a frame the next call shows it.
            hasMore = produced == output.count && isInsideFrame
            if produced > 0 {
                try output.withUnsafeBytes {
                    try sink(UnsafeRawBufferPointer(rebasing: $0[0..<produced]))
                }
            }
        }
    }
}
