// A file or standard input as a stream of plain bytes, whatever it is compressed with. The format
// is told from the first bytes and never from the name.

private import Glibc

/// Reads a file from beginning to end.
package struct ByteSource: ~Copyable {
    /// The name of standard input on command lines.
    package static let standardInput = "-"

    let descriptor: Int32
    private let chunkSize: Int

    /// What to call the source in messages.
    package let name: String

    /// Opens a file, or standard input for `-`; a relative path starts at `directory`, or at the
    /// process's own.
    ///
    /// - Throws: ``CompressionError/file(path:operation:reason:)``.
    package init(
        path: String, in directory: String? = nil, chunkSize: Int = 1 << 18
    ) throws(CompressionError) {
        self.chunkSize = chunkSize
        if path == Self.standardInput {
            name = "standard input"
            descriptor = STDIN_FILENO
        } else {
            name = path
            descriptor = try Self.open(path, in: directory)
        }
    }

    private static func open(
        _ path: String, in directory: String?
    ) throws(CompressionError) -> Int32 {
        let whole = path.hasPrefix("/") ? path : (directory.map { $0 + "/" } ?? "") + path
        let descriptor = Glibc.open(whole, O_RDONLY | O_CLOEXEC)
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

    /// Hands all plain bytes to `sink`, chunk by chunk; `progress` hears how many bytes, as they
    /// come from the file, were read.
    ///
    /// - Throws: ``CompressionError``, or what `sink` throws.
    package consuming func forEachChunk(
        read progress: (Int) -> Void = { _ in }, _ sink: Decompressor.Sink
    ) throws {
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
            progress(filled)
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
            if errno != EINTR { throw Self.failure(name, "read") }
        }
    }

    private static func failure(_ path: String, _ operation: String) -> CompressionError {
        .file(path: path, operation: operation, reason: String(cString: strerror(errno)))
    }
}
