// The Python that tests of AWS need, set up on first use, and running our scripts with it.

import Foundation

enum Tools {
    /// The package's folder.
    static let root = URL(filePath: #filePath).appending(path: "../../..").standardized

    /// Where the Python with moto, botocore and the S3 server is; installs it when it is missing.
    static let python = Result<String, any Error>(catching: {
        let result = try run(["/bin/bash", root.appending(path: "utility/aws-test-tools").path()])
        guard result.status == 0 else { throw ToolFailure(output: result.output) }
        return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    })

    /// Runs a script of the package to its end.
    static func run(
        script: String, arguments: [String] = [], input: String = ""
    ) throws -> (status: Int32, output: String) {
        try run([python.get(), root.appending(path: script).path()] + arguments, input: input)
    }

    /// Runs a command to its end; the input goes by way of a file, so that no pipe fills up.
    static func run(
        _ command: [String], input: String = ""
    ) throws -> (status: Int32, output: String) {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "loadfleet-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = folder.appending(path: "in")
        try Data(input.utf8).write(to: source)
        let process = Process()
        process.executableURL = URL(filePath: command[0])
        process.arguments = Array(command.dropFirst())
        process.standardInput = try FileHandle(forReadingFrom: source)
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}

/// A script of ours that serves until the pipe to its standard input ends, and so ends with us.
final class HelperServer<Told: Decodable & Sendable>: Sendable {
    /// What it told of itself in its first line.
    let told: Told
    private let input: Pipe

    init(_ script: String, _ arguments: [String] = []) throws {
        let process = Process()
        process.executableURL = URL(filePath: try Tools.python.get())
        process.arguments = [Tools.root.appending(path: script).path()] + arguments
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line = Data()
        while !line.contains(UInt8(ascii: "\n")) {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw ToolFailure(output: "\(script) did not start") }
            line += more
        }
        told = try JSONDecoder().decode(Told.self, from: line)
        self.input = input
    }
}

/// A tool that could not be set up.
struct ToolFailure: Error {
    let output: String
}
