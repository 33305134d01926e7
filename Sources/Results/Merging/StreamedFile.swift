// A file that is written bit by bit, because it is too large for memory. A regular file appears under
// its name when it is complete; into anything else (a pipe, a device) the bytes are written as they
// come. A name that ends in `.zst` makes zstd of them.

private import Compression
private import Glibc

/// Writes a file as its bytes come.
package final class StreamedFile {
    private let path: String
    private let temporary: String?
    private var descriptor: Int32
    private var compressor: ZstdCompressor?

    /// Why a name can't be written; nil if it seems that it can.
    package static func obstacle(to path: String) -> String? {
        path.hasSuffix(".gz") ? "it would be gzip, which is not written here" : nil
    }

    /// Begins a file; an existing one is replaced at the end.
    ///
    /// - Throws: ``ResultsError/file(_:hint:)``.
    package init(_ path: String) throws {
        self.path = path
        var status = stat()
        let isReplaced = lstat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
        temporary = isReplaced ? "\(path).\(getpid()).part" : nil
        descriptor = open(
            temporary ?? path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure(path) }
        if path.hasSuffix(".zst") { compressor = try ZstdCompressor() }
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        if let temporary { unlink(temporary) }
    }

    /// Writes the next bytes.
    ///
    /// - Throws: ``ResultsError/file(_:hint:)``.
    package func write(_ bytes: [UInt8]) throws {
        try writeAll(try compressor?.compress(bytes) ?? bytes)
    }

    /// Puts the complete file in its place.
    ///
    /// - Throws: ``ResultsError/file(_:hint:)``.
    package func finish() throws {
        if let rest = try compressor?.finish() { try writeAll(rest) }
        let isClosed = close(descriptor) == 0
        descriptor = -1
        guard let temporary else { return }
        guard isClosed, rename(temporary, path) == 0 else {
            let error = Self.failure(path)
            unlink(temporary)
            throw error
        }
    }

    private func writeAll(_ bytes: [UInt8]) throws {
        guard writeWhole(bytes, to: descriptor) else { throw Self.failure(path) }
    }

    private static func failure(_ path: String) -> ResultsError {
        .file(
            "cannot write \(path): \(String(cString: strerror(errno)))",
            hint: "check the folder, its permissions and the room on its disk")
    }
}
