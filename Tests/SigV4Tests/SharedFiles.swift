// Where test vectors that are not part of the tree lie, when they are there.

import FoundationEssentials

/// The folder of shared files: `LOADFLEET_SHARED`, or `../shared` beside the tree.
enum SharedFiles {
    static let folder: URL = {
        if let given = ProcessInfo.processInfo.environment["LOADFLEET_SHARED"] {
            return URL(filePath: given)
        }
        return URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared")
    }()

    static let vectors = folder.appending(path: "vectors")

    static var haveVectors: Bool {
        FileManager.default.fileExists(atPath: vectors.path)
    }

    static func text(_ url: URL) throws -> String {
        // The vectors end without a newline, but for some of them.
        var text = String(decoding: try Data(contentsOf: url), as: UTF8.self)
        while text.hasSuffix("\n") { text.removeLast() }
        return text
    }
}
