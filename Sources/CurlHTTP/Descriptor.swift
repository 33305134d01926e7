// An open file with one owner.

internal import Glibc
internal import HTTP

/// A file descriptor, closed with its owner.
struct Descriptor: ~Copyable {
    let raw: Int32
    private let path: String

    init(reading path: String) throws(HTTPError) {
        try self.init(path, O_RDONLY, "read")
    }

    init(writing path: String, emptied: Bool) throws(HTTPError) {
        try self.init(path, O_WRONLY | O_CREAT | (emptied ? O_TRUNC : 0), "write")
    }

    private init(_ path: String, _ flags: Int32, _ operation: String) throws(HTTPError) {
        let raw = unsafe open(path, flags | O_CLOEXEC, 0o600)
        guard raw >= 0 else { throw Self.failure(operation, path) }
        self.raw = raw
        self.path = path
    }

    deinit { close(raw) }

    /// Reads up to `count` bytes; 0 is the end of the file.
    func read(
        into target: UnsafeMutableRawPointer, count: Int, at offset: Int64
    ) throws(HTTPError) -> Int {
        while true {
            let got = unsafe pread(raw, target, count, off_t(offset))
            if got >= 0 { return got }
            if errno != EINTR { throw Self.failure("read", path) }
        }
    }

    /// Writes all the bytes.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(HTTPError) {
        var done = 0
        while done < bytes.count {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
            let put = unsafe pwrite(raw, rest.baseAddress, rest.count, off_t(offset) + done)
            if put < 0, errno == EINTR { continue }
            guard put > 0 else { throw Self.failure("write", path) }
            done += put
        }
    }

    private static func failure(_ operation: String, _ path: String) -> HTTPError {
        unsafe .file(path: path, operation: operation, reason: String(cString: strerror(errno)))
    }
}
