// Public test vectors of AWS's SDKs, read where they lie: they are others' files, so they are not
// in this repository. Without them their tests are skipped, loudly.

import Foundation

@testable import AWS

enum Vectors {
    /// The folder of the vectors: `$LOADFLEET_SHARED/vectors`, or beside the package.
    static let folder: String = {
        let shared =
            ProcessInfo.processInfo.environment["LOADFLEET_SHARED"]
            ?? URL(filePath: #filePath).appending(path: "../../../../shared").standardized.path()
        return shared + (shared.hasSuffix("/") ? "" : "/") + "vectors"
    }()

    static let present = FileManager.default.fileExists(atPath: folder)

    /// A vector file's JSON.
    static func json(_ path: String) throws -> JSON {
        JSON(
            try JSONSerialization.jsonObject(
                with: Data(contentsOf: URL(filePath: folder + "/" + path)),
                options: .fragmentsAllowed))
    }

    /// The names in a folder, sorted.
    static func names(in path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder + "/" + path)) ?? []).sorted()
    }
}

/// JSON of any shape, for reading test vectors.
struct JSON {
    let value: Any?

    init(_ value: Any?) { self.value = value }

    subscript(key: String) -> JSON { JSON((value as? [String: Any])?[key]) }
    var string: String? { value as? String }
    var int: Int? { value as? Int }
    var bool: Bool? { value as? Bool }
    var list: [JSON] { ((value as? [Any]) ?? []).map(JSON.init) }
    var keys: [String] { ((value as? [String: Any]) ?? [:]).keys.sorted() }
    var strings: [String: String] { (value as? [String: String]) ?? [:] }
    var exists: Bool { value != nil }
}

extension Surroundings {
    /// Surroundings without files and programs but those given.
    static func test(
        _ variables: [String: String] = [:], files: [String: String] = [:],
        now: @escaping @Sendable () -> Date = { Date(timeIntervalSince1970: 0) },
        runCommand:
            @escaping @Sendable (String, Duration) async throws -> CommandResult = {
                _, _ in CommandResult(succeeded: false, end: "was not to be run", output: [])
            }
    ) -> Surroundings {
        Surroundings(
            variables: variables, readFile: { files[$0].map { Array($0.utf8) } },
            runCommand: runCommand, now: now, sleep: { _ in })
    }
}
