// gzip members into plain bytes.

private import CZlib

/// A zlib inflater for gzip.
struct GzipStream: ~Copyable {
    // zlib checks that its state points back at the stream it was made with, so the stream must
    // stay at one address: it lives on the heap, not in the struct.
    private let stream: UnsafeMutablePointer<z_stream>
    private var output = [UInt8](repeating: 0, count: 1 << 17)
    private let source: String
    /// Whether a member has begun and not ended.
    private(set) var isInsideMember = false
    /// Whether the last byte that was taken in ended a member, or was a zero behind one.
    private var isBehindMember = false

    init(source: String) throws(CompressionError) {
        self.source = source
        stream = try Self.makeStream()
    }

    private static func makeStream() throws(CompressionError) -> UnsafeMutablePointer<z_stream> {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 is the largest window, and 16 more asks for the gzip format.
        let size = Int32(MemoryLayout<z_stream>.size)
        guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, size) == Z_OK else {
            stream.deallocate()
            throw .library("zlib: cannot start")
        }
        return stream
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    mutating func decompress(_ bytes: UnsafeRawBufferPointer, _ sink: Decompressor.Sink) throws {
        // zlib reads through this pointer only, although its type says that it could write.
        let start = UnsafeMutablePointer(
            mutating: bytes.assumingMemoryBound(to: UInt8.self).baseAddress)
        stream.pointee.next_in = start
        stream.pointee.avail_in = UInt32(bytes.count)
        skipPadding()
        var hasMore = false
        while stream.pointee.avail_in > 0 || hasMore {
            let (produced, status) = inflateOnce()
            switch status {
            case Z_STREAM_END:
                isInsideMember = false
                isBehindMember = true
                inflateReset(stream)
                skipPadding()
            case Z_OK: (isInsideMember, isBehindMember) = (true, false)
            case Z_BUF_ERROR: break
            default:
                let reason = stream.pointee.msg.map { String(cString: $0) } ?? "status \(status)"
                throw CompressionError.damaged(source: source, reason: "gzip: " + reason)
            }
            hasMore = produced == output.count && isInsideMember
            if produced > 0 {
                try output.withUnsafeBytes {
                    try sink(UnsafeRawBufferPointer(rebasing: $0[0..<produced]))
                }
            }
        }
    }

    /// Skips zeros behind a member, with which tapes and block devices are filled up.
    private func skipPadding() {
        while isBehindMember, stream.pointee.avail_in > 0, stream.pointee.next_in.pointee == 0 {
            stream.pointee.next_in += 1
            stream.pointee.avail_in -= 1
        }
    }

    private mutating func inflateOnce() -> (produced: Int, status: Int32) {
        output.withUnsafeMutableBufferPointer { target in
            stream.pointee.next_out = target.baseAddress
            stream.pointee.avail_out = UInt32(target.count)
            let status = inflate(stream, Z_NO_FLUSH)
            return (target.count - Int(stream.pointee.avail_out), status)
        }
    }
}
