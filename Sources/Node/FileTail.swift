// Follows files that another process is writing.

internal import Glibc

/// Follows the bytes of a growing file.
struct FileTail {
    let path: String
    /// Bytes read so far.
    private(set) var position: Int64 = 0
    private var buffer = [UInt8](repeating: 0, count: 256 * 1024)

    init(path: String) { self.path = path }

    /// Hands over what has been added, in chunks; a file that is not there yet is empty.
    mutating func readNew(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        while true {
            let count = pread(descriptor, &buffer, buffer.count, Int(position))
            guard count > 0 else { return }
            try buffer.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            position += Int64(count)
        }
    }
}

/// Follows the lines of a growing text file.
struct LineTail {
    private var tail: FileTail
    private var unfinished: [UInt8] = []

    init(path: String) { tail = FileTail(path: path) }

    /// Bytes read so far.
    var position: Int64 { tail.position }

    /// The lines completed since the last call, invalid UTF-8 replaced.
    mutating func newLines() -> [String] {
        var bytes = unfinished
        tail.readNew { bytes += $0 }
        guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else {
            unfinished = bytes
            return []
        }
        unfinished = Array(bytes[(end + 1)...])
        return bytes[..<end].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }
}
