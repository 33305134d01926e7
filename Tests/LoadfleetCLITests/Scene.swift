// A stage for commands: a folder, variables, a terminal if wanted, and everything that was said.
import FoundationEssentials

@testable import LoadfleetCLI

/// Swift Testing has an `ExitStatus` of its own.
typealias Status = LoadfleetCLI.ExitStatus

/// One place where commands are run and watched.
final class Scene: Sendable {
    let folder: String

    /// A stage in a new folder, whose name ends as said.
    init(ending: String = "") throws {
        folder =
            FileManager.default.temporaryDirectory
            .appending(path: UUID().uuidString + ending).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    struct Outcome {
        let status: Status
        let output: String
        let errors: String

        var lines: [Substring] { output.split(separator: "\n") }
    }

    func write(_ name: String, _ text: String) throws {
        let file = URL(filePath: "\(folder)/\(name)")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: "\(folder)/\(name)")), as: UTF8.self)
    }

    var files: [String] {
        (try? FileManager.default.subpathsOfDirectory(atPath: folder).sorted()) ?? []
    }

    func run(
        _ arguments: String..., variables: [String: String] = [:],
        terminal: Terminal = Terminal(), answers: String? = nil
    ) async -> Outcome {
        await run(arguments, variables: variables, terminal: terminal, answers: answers)
    }

    /// The same with the arguments as a list; `errors` can be watched while the command runs.
    func run(
        _ arguments: [String], variables: [String: String] = [:],
        terminal: Terminal = Terminal(), answers: String? = nil,
        errors: MemorySink = MemorySink()
    ) async -> Outcome {
        let output = MemorySink()
        let context = Context(
            variables: variables.merging(["HOME": folder]) { own, _ in own }, directory: folder,
            terminal: terminal, standardOutput: output, standardError: errors,
            readLine: { answers }, now: { Date(timeIntervalSince1970: 1_800_000_000) })
        let status = await Loadfleet.run(arguments, in: context)
        return Outcome(status: status, output: output.text, errors: errors.text)
    }
}
