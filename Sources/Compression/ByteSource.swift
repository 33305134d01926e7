// A file or standard input as a stream of plain bytes, whatever it is compressed with. The format
// is told from the first bytes and never from the name.

private import Glibc

/// Reads a file from beginning to end.
package struct ByteSource: ~Copyable {
    /// The name of standard input on command lines.
    package static let standardInput = "-"

    private let path: String
    private let descriptor: Int32
    private let chunkSize: Int

    /// What to call the source in messages.
    package var name: String { path == Self.standardInput ? "standard input" : path }

    /// Opens a file, or standard input for `-`.
    ///
    /// - Throws: ``CompressionError/file(path:operation:reason:)``.
    package init(path: String, chunkSize: Int = 1 << 18) throws(CompressionError) {
        self.path = path
        self.chunkSize = chunkSize
        descriptor = path == Self.standardInput ? STDIN_FILENO : try Self.open(path)
    }

    private static func open(_ path: String) throws(CompressionError) -> Int32 {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, "open") }
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            close(descriptor)
            throw .file(path: path, operation: "read", reason: "it is a folder")
        }
        return descriptor
    }

    deinit {
        if descriptor > STDIN_FILENO { close(descriptor) }
    }

    /// Hands all plain bytes to `sink`, chunk by chunk.
    ///
    /// - Throws: ``CompressionError``, or what `sink` throws.
    package consuming func forEachChunk(_ sink: Decompressor.Sink) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkSize, alignment: 16)
        defer { buffer.deallocate() }
        var filled = 0
        // A pipe may give less than the magic number at once.
        while filled < CompressionFormat.magicLength {
            let count = try read(into: buffer, at: filled)
            if count == 0 { break }
            filled += count
        }
        let format = CompressionFormat(magic: buffer[0..<filled])
        var decompressor = try Decompressor(format, source: name)
        while filled > 0 {
            try decompressor.decompress(UnsafeRawBufferPointer(rebasing: buffer[0..<filled]), sink)
            filled = try read(into: buffer, at: 0)
        }
        try decompressor.finish()
    }

    private func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(CompressionError) -> Int {
        let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[offset...])
        while true {
            let count = Glibc.read(descriptor, rest.baseAddress, rest.count)
            if count >= 0 { return count }
            if errno != EINTR { throw Self.failure(path, "read") }
        }
    }

    private static func failure(_ path: String, _ operation: String) -> CompressionError {
        .file(path: path, operation: operation, reason: String(cString: strerror(errno)))
    }
}
