// The built binary as a test drives it: real processes, a real JMeter, a target of its own.
import Foundation
import Glibc
import Machine
import Testing

/// What is needed to run the product, found beside the test's own build.
enum Product {
    static let root: String = {
        var path = #filePath
        for _ in 0..<3 { path = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) }
        return path
    }()

    /// The binary that was built together with this test.
    static let binary: String = {
        let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folder = (link ?? "").split(separator: "/").dropLast().joined(separator: "/")
        let beside = "/\(folder)/loadfleet"
        return FileManager.default.isExecutableFile(atPath: beside)
            ? beside : root + "/.build/debug/loadfleet"
    }()

    /// JMeter as `downloads/get-jmeter` left it.
    static let jmeterHome: String? = {
        let downloads = root + "/downloads"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: downloads)) ?? []
        return names.sorted().last { $0.hasPrefix("apache-jmeter-5") && !$0.contains(".t") }
            .map { downloads + "/" + $0 }
    }()
}

/// What a command did.
struct CommandEnd {
    let code: Int32
    let output: String
    let errors: String

    /// Both streams, for the message of a failed expectation.
    var all: String { "exit \(code)\n--- stdout\n\(output)\n--- stderr\n\(errors)" }
}

/// A folder, a state and a fleet name of one test's own; gone when the test is.
final class Bench: Sendable {
    let folder: String
    let environment: [String: String]
    /// What its fleets are made of, which must not end before them.
    private let account: Account?

    init(_ extra: [String: String] = [:], in account: Account? = nil) throws {
        self.account = account
        folder = NSTemporaryDirectory() + "loadfleet-e2e-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        var environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
            "HOME": folder, "XDG_STATE_HOME": folder + "/state", "LANG": "C.UTF-8",
            "LOADFLEET_HEARTBEAT_LOST_AFTER": "10s", "LOADFLEET_JMETER_HEAP": "256MiB",
        ]
        environment["LD_LIBRARY_PATH"] = ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"]
        environment["JMETER_HOME"] = Product.jmeterHome
        self.environment = environment.merging(extra) { _, extra in extra }
    }

    deinit {
        for process in processes { process.signal(SIGKILL) }
        try? FileManager.default.removeItem(atPath: folder)
    }

    var stateFolder: String { folder + "/state/loadfleet" }

    /// Every process of this bench's fleets, found as `down` finds them.
    var processes: [ProcessIdentity] {
        ["loadfleet", "other"].flatMap {
            ProcessTable.processes(withEnvironment: "LOADFLEET_FLEET=\($0)@\(stateFolder)")
        }
    }

    /// The processes whose command line holds a text.
    func processes(_ text: String) -> [ProcessIdentity] {
        processes.filter { process in
            ProcessTable.commandLine(of: process.pid)?.contains { $0.contains(text) } ?? false
        }
    }

    /// How many parts of its samples a node has delivered, of all runs together.
    func parts(of node: String) throws -> Int {
        let runs = stateFolder + "/store/runs"
        return try FileManager.default.contentsOfDirectory(atPath: runs).reduce(0) { sum, run in
            let folder = "\(runs)/\(run)/nodes/\(node)/parts"
            // There is no folder before the first part.
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return sum + names.count { $0.hasSuffix(".jtl.zst") }
        }
    }

    /// When the samples ended that JMeter has written on a node, epoch milliseconds; for as long
    /// as the node has its files.
    func sampleEnds(of node: String) throws -> [Int64] {
        let nodes = stateFolder + "/nodes"
        let files = try FileManager.default.subpathsOfDirectory(atPath: nodes).filter {
            $0.contains("/\(node)/") && $0.hasSuffix("/.loadfleet/samples.jtl")
        }
        return try files.flatMap { file in
            // The last line may be half a line.
            try String(contentsOfFile: "\(nodes)/\(file)", encoding: .utf8)
                .split(separator: "\n").dropFirst().compactMap { line in
                    let fields = line.split(separator: ",").prefix(3).compactMap { Int64($0) }
                    return fields.count == 2 ? fields[0] + fields[1] : nil
                }
        }
    }

    /// The agent of a node.
    func agent(_ node: String) throws -> ProcessIdentity {
        try #require(
            processes.first { process in
                let command = ProcessTable.commandLine(of: process.pid) ?? []
                return command.dropFirst().first == "agent" && command.contains(node)
            })
    }

    /// Writes a file below the bench's folder; returns its path.
    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        let path = folder + "/" + name
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    /// Starts a command, with more variables, or after a few lines of shell that end in
    /// `exec "$0" "$@"`.
    func start(
        _ arguments: [String], _ variables: [String: String] = [:], after script: String? = nil
    ) async throws -> RunningCommand {
        let id = UUID().uuidString.prefix(8)
        let environment = environment.merging(variables) { _, extra in extra }
        var request =
            script.map {
                ProcessRequest(
                    "/bin/sh", ["-c", $0, Product.binary] + arguments, environment: environment,
                    directory: folder)
            }
            ?? ProcessRequest(
                Product.binary, arguments, environment: environment, directory: folder)
        request.standardOutput = .file("\(folder)/.out-\(id)")
        request.standardError = .file("\(folder)/.err-\(id)")
        return RunningCommand(
            child: try await ChildProcess.start(request), outputPath: "\(folder)/.out-\(id)",
            errorPath: "\(folder)/.err-\(id)")
    }

    /// Runs a command to its end; the limit is for a product that hangs.
    func run(_ arguments: String..., within limit: Duration = .seconds(180)) async throws
        -> CommandEnd
    {
        try await run(arguments, within: limit)
    }

    func run(
        _ arguments: [String], after script: String? = nil,
        within limit: Duration = .seconds(180)
    ) async throws -> CommandEnd {
        try await start(arguments, after: script).end(within: limit)
    }
}

/// A command that is running.
struct RunningCommand {
    let child: ChildProcess
    let outputPath: String
    let errorPath: String

    var output: String { text(outputPath) }
    var errors: String { text(errorPath) }

    /// Waits for the command to end; one that outlasts the limit is killed, and that shows.
    func end(within limit: Duration) async throws -> CommandEnd {
        let killer = Task {
            try await Task.sleep(for: limit)
            child.signal(SIGKILL)
        }
        let end = await child.waitForEnd()
        killer.cancel()
        return CommandEnd(code: end.code, output: output, errors: errors)
    }

    private func text(_ path: String) -> String {
        (try? Data(contentsOf: URL(filePath: path))).map { String(decoding: $0, as: UTF8.self) }
            ?? ""
    }
}

/// Waits until a condition holds; fails the test when it does not in time.
func wait(
    _ what: String, within limit: Duration = .seconds(180),
    until condition: () throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try !condition() {
        try #require(ContinuousClock.now < deadline, "gave up waiting for \(what)")
        try await Task.sleep(for: .milliseconds(50))
    }
}
