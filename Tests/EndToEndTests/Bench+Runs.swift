// Runs on a bench that are going on, and what must be true of every run that has ended.
import Foundation
import Glibc
import Machine
import Store
import Testing

extension Bench {
    /// A fleet of two workers.
    static func up(_ variables: [String: String] = [:]) async throws -> Bench {
        let bench = try Bench(variables)
        let up = try await bench.run("up", "--workers", "2")
        try #require(up.code == 0, "\(up.all)")
        return bench
    }

    /// A fleet of two workers on which a plan is making samples.
    static func running(_ plan: String) async throws -> (Bench, RunningCommand) {
        let bench = try await Bench.up()
        let command = try await bench.start(plan)
        try await command.waitForSamples()
        return (bench, command)
    }

    /// Starts a run of a plan, whose events come as JSON.
    func start(_ plan: String, _ arguments: [String] = []) async throws -> RunningCommand {
        try await start(["run", try write(plan, to: "plan.jmx"), "--json"] + arguments)
    }

    /// Kills a node's agent and starts it again, with more variables, as a supervisor would.
    func startAgain(
        _ node: String, _ variables: [String: String] = [:]
    ) async throws -> ChildProcess {
        let agent = try agent(node)
        let arguments = try #require(ProcessTable.commandLine(of: agent.pid))
        let bytes = try Data(contentsOf: URL(filePath: "/proc/\(agent.pid)/environ"))
        let pairs = bytes.split(separator: 0).map { variable in
            let text = String(decoding: variable, as: UTF8.self)
            let name = text.prefix { $0 != "=" }
            return (String(name), String(text.dropFirst(name.count + 1)))
        }
        agent.signal(SIGKILL)
        #expect(await agent.waitUntilGone(within: .seconds(10)))
        var request = ProcessRequest(
            arguments[0], Array(arguments.dropFirst()),
            environment: Dictionary(pairs, uniquingKeysWith: { $1 }).merging(variables) { $1 })
        request.standardOutput = .file("\(folder)/\(node).log")
        request.standardError = .file("\(folder)/\(node).log")
        request.diesWithParent = true
        return try await ChildProcess.start(request)
    }

    /// The last run's live log.
    func liveLines() throws -> [LiveLine] {
        let folder = try #require(try runFolders().last)
        let text = try String(contentsOfFile: folder + "/live.jsonl", encoding: .utf8)
        return LiveLines.decode(text.split(separator: "\n").map(String.init))
    }

    /// Compares the live log of the last run with its summary; returns the samples.
    @discardableResult
    func expectAgreement(_ note: String) throws -> Int {
        var seconds: [Int64: LiveFigures] = [:]
        var labels: LiveLabels?
        for line in try liveLines() {
            switch line {
            case .figures(let figures): seconds[figures.second] = figures
            case .labels(let news): labels = news
            default: break
            }
        }
        let folder = try #require(try runFolders().last)
        let summary = try json(folder + "/summary.json")
        let total = try #require(summary["total"] as? [String: Any])
        #expect(
            seconds.values.reduce(0) { $0 + $1.samples } == total["samples"] as? Int,
            "\(note) \(seconds.mapValues(\.samples).sorted { $0.key < $1.key })")
        #expect(
            seconds.values.reduce(0) { $0 + $1.errors } == total["errors"] as? Int, "\(note)")
        let rows = try #require(summary["labels"] as? [[String: Any]])
        for row in rows {
            let live = labels?.labels.first { $0.label == row["label"] as? String }
            #expect(live?.samples == row["samples"] as? Int, "\(note) \(row)")
            #expect(live?.errors == row["errors"] as? Int, "\(note) \(row)")
            // Two texts of one number may differ in its last digit.
            let difference = (live?.p95Ms ?? -1) - (row["p95_ms"] as? Double ?? -2)
            #expect(abs(difference) < 1e-9, "\(note) \(row)")
        }
        #expect(labels?.labels.count == rows.count, "\(note)")
        return try #require(total["samples"] as? Int)
    }
}

extension RunningCommand {
    /// Waits until there are samples in the live figures.
    func waitForSamples() async throws {
        try await wait("samples in the live figures") {
            try #require(child.end == nil, "\(output)\(errors)")
            return output.split(separator: "\n").contains {
                $0.contains("\"type\":\"interval\"") && !$0.contains("\"total_samples\":0")
            }
        }
    }
}
