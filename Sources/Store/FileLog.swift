// The live log of a folder's store: a file to which lines are added.

internal import FoundationEssentials
internal import Glibc

/// A log kept as a file; a reader's position is a byte offset.
struct FileLog: LiveLog {
    let store: FolderStore
    let key: StoreKey

    private var path: String { store.path(of: key) }

    func append(_ batch: LogBatch) async throws {
        let lines = batch.lines
        guard !lines.isEmpty else { return }
        guard store.makeFolders(of: key) else { throw failure("write") }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("write") }
        defer { close(descriptor) }
        let text = Array(lines.map { $0 + "\n" }.joined().utf8)
        guard Glibc.write(descriptor, text, text.count) == text.count else {
            throw failure("write")
        }
    }

    func read(after position: LogPosition) async throws -> (
        lines: [String], position: LogPosition
    ) {
        let offset = position == .start ? 0 : Int(position.text)
        guard let offset else { throw StoreError.notAPosition(position, of: path) }
        guard let descriptor = try store.descriptor(of: key) else { return ([], position) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = pread(
            descriptor, &buffer, buffer.count, offset + bytes.count), count > 0
        {
            bytes += buffer[..<count]
        }
        // What follows the last newline is still being written.
        guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else { return ([], position) }
        let lines = bytes[..<end].split(separator: UInt8(ascii: "\n"))
            .map { String(decoding: $0, as: UTF8.self) }
        return (lines, LogPosition(text: String(offset + end + 1)))
    }

    private func failure(_ operation: String) -> StoreError {
        .failed(operation: operation, what: path, reason: String(cString: strerror(errno)))
    }
}
