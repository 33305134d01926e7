// Where a report goes: a regular file is replaced when the new one is complete, through a link the
// file that it names; into anything else (a pipe, a terminal) the bytes are written as they are.

package import FoundationEssentials
private import Glibc

/// Writes whole files.
package enum OutputFile {
    /// What tells regular files apart, whatever they are called.
    package struct Identity: Hashable, Sendable {
        private let device: UInt
        private let inode: UInt

        fileprivate init(_ status: stat) {
            (device, inode) = (UInt(status.st_dev), UInt(status.st_ino))
        }
    }

    /// The identity of a regular file; nil where there is none.
    package static func identity(of path: String) -> Identity? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Identity(status)
    }

    /// Why a file can't be written, as far as that can be known without writing; nil if it seems
    /// that it can.
    package static func obstacle(to path: String) -> String? {
        var status = stat()
        if stat(path, &status) == 0 {
            if status.st_mode & S_IFMT == S_IFDIR { return "it is a folder" }
            // A pipe or a device takes the bytes as they are; all else is replaced in its folder.
            if status.st_mode & S_IFMT != S_IFREG {
                return access(path, W_OK) == 0 ? nil : String(cString: strerror(errno))
            }
        }
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        return access(folder, W_OK | X_OK) == 0
            ? nil : "its folder: \(String(cString: strerror(errno)))"
    }

    /// Writes a file, or replaces it.
    ///
    /// - Throws: Foundation's error where that is impossible.
    package static func write(_ data: Data, to path: String) throws {
        var status = stat()
        let isThere = lstat(path, &status) == 0
        let isReplaced = !isThere || status.st_mode & S_IFMT == S_IFREG
        try data.write(to: URL(filePath: path), options: isReplaced ? .atomic : [])
    }
}
