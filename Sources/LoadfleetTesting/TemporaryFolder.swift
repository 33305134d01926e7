// What tests of several rooms need. No product imports this room.
import FoundationEssentials

/// A fresh folder, removed with all that is in it when its test ends.
package final class TemporaryFolder: Sendable {
    /// Absolute.
    package let path: String

    /// Makes the folder.
    ///
    /// - Throws: an error of the file system.
    package init() throws {
        path =
            FileManager.default.temporaryDirectory.appending(path: "loadfleet-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file, with the folders on the way.
    package func write(_ name: String, _ text: String) throws {
        try write(name, bytes: Array(text.utf8))
    }

    /// Writes a file of any bytes, with the folders on the way.
    package func write(_ name: String, bytes: [UInt8]) throws {
        let file = URL(filePath: "\(path)/\(name)")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }
}
