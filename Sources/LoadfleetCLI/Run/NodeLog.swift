// A node's log on its way from the store to the reader. JMeter's logs may be larger than memory, so
// they come through a file that only this user can read and that is gone afterwards.
import FoundationEssentials
import Glibc
import Store

/// A log file of a node, fetched.
struct NodeLog: ~Copyable {
    private let descriptor: Int32
    private let size: Int

    /// Bytes read at a time.
    private static let pieceSize = 1 << 20

    /// Fetches a log and lets `body` read it; `false` if there is none.
    ///
    /// - Throws: Errors of the store, ``CommandFailure`` when this machine has no room for it, or
    ///   what `body` throws.
    static func fetch(
        _ key: StoreKey, from store: any ObjectStore, _ body: (borrowing NodeLog) throws -> Void
    ) async throws -> Bool {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "loadfleet-\(UUID().uuidString)").path
        guard mkdir(folder, 0o700) == 0 else { throw failure("write", folder) }
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/log"
        guard try await store.download(key, to: path) else { return false }
        try body(NodeLog(path))
        return true
    }

    private init(_ path: String) throws {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
            throw Self.failure("read", path)
        }
        size = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// Gives the log to `print` in pieces of whole lines, each without its last line end.
    func lines(_ print: (String) throws -> Void) throws {
        var waiting: [UInt8] = []
        var offset = 0
        while offset < size {
            let piece = try read(at: offset, atMost: Self.pieceSize)
            guard !piece.isEmpty else { break }
            offset += piece.count
            waiting += piece
            guard let end = waiting.lastIndex(of: UInt8(ascii: "\n")) else { continue }
            try print(String(decoding: waiting[..<end], as: UTF8.self))
            waiting.removeSubrange(...end)
        }
        if !waiting.isEmpty { try print(String(decoding: waiting, as: UTF8.self)) }
    }

    /// The last lines that fit into so many bytes, and how many bytes stand before them.
    func end(of limit: Int) throws -> (text: String, omitted: Int) {
        var start = max(0, size - limit)
        var bytes: [UInt8] = []
        while start + bytes.count < size {
            let piece = try read(at: start + bytes.count, atMost: Self.pieceSize)
            guard !piece.isEmpty else { break }
            bytes += piece
        }
        if start > 0, let first = bytes.firstIndex(of: UInt8(ascii: "\n")) {
            start += first + 1
            bytes.removeSubrange(...first)
        }
        return (String(decoding: bytes, as: UTF8.self), start)
    }

    private func read(at offset: Int, atMost limit: Int) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = pread(descriptor, &buffer, limit, offset)
        guard count >= 0 else { throw Self.failure("read", "the fetched log") }
        return Array(buffer[..<count])
    }

    private static func failure(_ operation: String, _ what: String) -> CommandFailure {
        CommandFailure(
            message: "cannot \(operation) \(what): \(String(cString: strerror(errno)))",
            hint: "set TMPDIR to a folder with room for the log")
    }
}
