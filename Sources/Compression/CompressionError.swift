// Why bytes cannot be compressed, decompressed or read.

/// What can go wrong between a file and its plain bytes.
package enum CompressionError: Error, Equatable, Sendable {
    /// The compressed data of `source` ends in the middle of a frame.
    case truncated(source: String)

    /// The compressed data of `source` is damaged; `reason` is the library's.
    case damaged(source: String, reason: String)

    /// The library could not start or go on; `reason` is its own.
    case library(String)

    /// A call on a file failed; `reason` is the system's.
    case file(path: String, operation: String, reason: String)

    /// One line saying what happened and where.
    package var message: String {
        switch self {
        case .truncated(let source): "\(source) ends in the middle of its compressed data"
        case .damaged(let source, let reason): "\(source) is damaged: \(reason)"
        case .library(let reason): "compression failed: \(reason)"
        case .file(let path, let operation, let reason): "cannot \(operation) \(path): \(reason)"
        }
    }

    /// What to do about it.
    package var hint: String? {
        switch self {
        case .truncated: "fetch or copy the file again; the copy is shorter than the original"
        case .damaged: "fetch or copy the file again and compare its size and checksum"
        case .library: nil
        case .file: "check the path and its permissions"
        }
    }
}
