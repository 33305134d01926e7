// Whole files into and out of zstd. The target appears under its name only when it is complete.

private import Glibc

/// Compresses and decompresses files.
package enum ZstdFile {
    /// Compresses a file; an existing target is replaced at the end.
    ///
    /// - Throws: ``CompressionError``; then the target is as it was.
    package static func compress(
        from source: String, to target: String, level: Int32 = 1
    ) throws {
        try write(target) { put in
            var compressor = try ZstdCompressor(level: level)
            try ByteSource(path: source).forEachChunk { chunk in
                try put(try compressor.compress(chunk))
            }
            try put(try compressor.finish())
        }
    }

    /// Decompresses a plain, gzip or zstd file; an existing target is replaced at the end.
    ///
    /// - Throws: ``CompressionError``; then the target is as it was.
    package static func decompress(from source: String, to target: String) throws {
        try write(target) { put in
            try ByteSource(path: source).forEachChunk { try put(Array($0)) }
        }
    }

    private static func write(
        _ target: String, _ body: (_ put: ([UInt8]) throws -> Void) throws -> Void
    ) throws {
        let temporary = "\(target).\(getpid()).part"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(target, "write") }
        do {
            do {
                defer { close(descriptor) }
                try body {
                    guard writeWhole($0, to: descriptor) else { throw failure(target, "write") }
                }
                guard fsync(descriptor) == 0 else { throw failure(target, "write") }
            }
            guard rename(temporary, target) == 0 else { throw failure(target, "write") }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    private static func failure(_ path: String, _ operation: String) -> CompressionError {
        .file(path: path, operation: operation, reason: String(cString: strerror(errno)))
    }
}
