// JTLs with JMeter's own answers, which lie outside of this repository. Where they are absent, the
// tests that need them are skipped.

import FoundationEssentials

enum SharedCases {
    /// The folder of this package.
    static let package = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

    /// The folder of cases, if there is one: from LOADFLEET_SHARED, or beside the repository.
    static let folder: String? = {
        let shared =
            ProcessInfo.processInfo.environment["LOADFLEET_SHARED"] ?? package + "/../shared"
        let folder = shared + "/jtl-cases"
        return FileManager.default.fileExists(atPath: folder) ? folder : nil
    }()

    static var arePresent: Bool { folder != nil }

    /// The cases for which JMeter made statistics.
    static let answered: [String] = {
        guard let folder else { return [] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted().filter {
            FileManager.default.fileExists(atPath: "\(folder)/\($0)/statistics.json")
        }
    }()

    static func path(_ name: String, _ file: String = "input.jtl") -> String {
        "\(folder ?? "")/\(name)/\(file)"
    }

    static func text(_ name: String, _ file: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: path(name, file))), as: UTF8.self)
    }
}

/// A folder for the length of a test.
struct TemporaryFolder: ~Copyable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path() + "/loadfleet-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
        try Data(Array(bytes)).write(to: URL(filePath: "\(path)/\(name)"))
        return "\(path)/\(name)"
    }
}
