// Reads a file that ought to be small, without trusting its size beforehand: a pipe, as in
// `-e <(sops -d aws.yaml)`, has none.
import Glibc

/// What came of reading a small file.
enum SmallFile {
    case bytes([UInt8])
    case missing
    case folder
    case tooLarge
    /// The system refused, in its own words.
    case refused(String)

    /// Reads `path` unless it holds more than `limit` bytes.
    static func read(_ path: String, limit: Int) -> SmallFile {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return failure() }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return failure() }
            if count == 0 { return .bytes(bytes) }
            bytes += buffer[..<count]
            guard bytes.count <= limit else { return .tooLarge }
        }
    }

    private static func failure() -> SmallFile {
        switch errno {
        case ENOENT, ENOTDIR: .missing
        case EISDIR: .folder
        default: .refused(String(cString: strerror(errno)))
        }
    }
}
