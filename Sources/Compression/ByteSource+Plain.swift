// A plain file on a disk can be read at several places at once, which a pipe or compressed data
// can't. Reading, not mapping: the memory stays small, and a file that is cut short meanwhile is a
// shorter file and not a crash.

private import Glibc

/// A plain file that may be read at any offset, by several threads.
package struct PlainFile: Sendable {
    /// Bytes at the time of opening.
    package let size: Int
    private let descriptor: Int32
    private let name: String

    fileprivate init(size: Int, descriptor: Int32, name: String) {
        self.size = size
        self.descriptor = descriptor
        self.name = name
    }

    /// Puts bytes from `offset` into a buffer and returns how many; 0 is the end of the file.
    ///
    /// - Throws: ``CompressionError/file(path:operation:reason:)``.
    package func read(
        at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Int {
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
            if count >= 0 { return count }
            guard errno == EINTR else {
                throw .file(
                    path: name, operation: "read", reason: String(cString: strerror(errno)))
            }
        }
    }
}

extension ByteSource {
    /// Hands the source to `body` if it is a plain file; nil if it is a pipe or compressed.
    ///
    /// The file is good for the length of the call.
    /// - Throws: what `body` throws.
    package borrowing func withPlainFile<Value>(
        _ body: (PlainFile) throws -> Value
    ) rethrows -> Value? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return nil
        }
        var magic = [UInt8](repeating: 0, count: CompressionFormat.magicLength)
        let count = pread(descriptor, &magic, magic.count, 0)
        guard count >= 0, CompressionFormat(magic: magic[0..<count]) == .plain,
            lseek(descriptor, 0, SEEK_CUR) == 0
        else { return nil }
        return try body(PlainFile(size: Int(status.st_size), descriptor: descriptor, name: name))
    }
}
