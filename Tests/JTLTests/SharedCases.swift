// JTLs with JMeter's own answers, which lie outside of this repository. Where they are absent, the
// tests that need them are skipped.

import FoundationEssentials

enum SharedCases {
    /// The folder of cases, if there is one: from LOADFLEET_SHARED, or beside the repository.
    static let folder: String? = {
        let package = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let shared =
            ProcessInfo.processInfo.environment["LOADFLEET_SHARED"] ?? "/\(package)/../shared"
        let folder = shared + "/jtl-cases"
        return FileManager.default.fileExists(atPath: folder) ? folder : nil
    }()

    static var arePresent: Bool { folder != nil }

    /// The names of all cases.
    static let names: [String] = {
        guard let folder else { return [] }
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return entries.filter { !$0.contains(".") }.sorted()
    }()

    /// The bytes of a case's input.
    static func input(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: "\(folder ?? "")/\(name)/input.jtl")))
    }
}
