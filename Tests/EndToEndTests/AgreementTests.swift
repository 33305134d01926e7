// What was seen live is what the run comes to, to the last sample: the seconds of the live log add up
// to the summary, whoever was killed or late in the meantime.
import Foundation
import Glibc
import Machine
import Store
import Testing

extension EndToEnd {
    @Suite(.serialized) struct Agreements {
        private static let isCampaign =
            ProcessInfo.processInfo.environment["LOADFLEET_CAMPAIGN"] == "1"

        /// A fleet on which a plan with two labels is making samples.
        private func runningFleet(loops: Int) async throws -> (Bench, RunningCommand) {
            let bench = try Bench()
            let plan = try bench.write(
                Plans.sleeping(
                    threads: "8", loops: loops, milliseconds: 25, labels: ["First", "Second"]),
                to: "long.jmx")
            let up = try await bench.run("up", "--workers", "2")
            try #require(up.code == 0, "\(up.all)")
            let command = try await bench.start(["run", plan, "--json"])
            try await wait("samples in the live figures") {
                try #require(command.child.end == nil, "\(command.output)\(command.errors)")
                return command.output.split(separator: "\n").contains {
                    $0.contains("\"type\":\"interval\"") && !$0.contains("\"total_samples\":0")
                }
            }
            return (bench, command)
        }

        /// Compares the live log of the last run with its summary; returns the samples.
        @discardableResult
        private func expectAgreement(_ bench: Bench, _ note: String) throws -> Int {
            let folder = try #require(try bench.runFolders().last)
            let text = try String(contentsOfFile: folder + "/live.jsonl", encoding: .utf8)
            let lines = LiveLines.decode(text.split(separator: "\n").map(String.init))
            var seconds: [Int64: LiveFigures] = [:]
            var labels: LiveLabels?
            for line in lines {
                switch line {
                case .figures(let figures): seconds[figures.second] = figures
                case .labels(let news): labels = news
                default: break
                }
            }
            let summary = try bench.json(folder + "/summary.json")
            let total = try #require(summary["total"] as? [String: Any])
            #expect(
                seconds.values.reduce(0) { $0 + $1.samples } == total["samples"] as? Int,
                "\(note)\n\(text)")
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

        @Test(.timeLimit(.minutes(40)))
        func `a worker is killed, another one is late: what was seen is what arrived`()
            async throws
        {
            for number in 0..<(Self.isCampaign ? 20 : 1) {
                let (bench, command) = try await runningFleet(loops: 300)
                // The agent stands still, and with it its heartbeats: not for so long that it is lost.
                let late = try bench.agent("worker-1")
                let pause = Duration.milliseconds(Int.random(in: 2500...4500))
                let kill = Duration.milliseconds(Int.random(in: 0...6000))
                async let standing: Void = {
                    late.signal(SIGSTOP)
                    try? await Task.sleep(for: pause)
                    late.signal(SIGCONT)
                }()
                try await Task.sleep(for: kill)
                try bench.agent("worker-2").signal(SIGKILL)
                await standing
                let end = try await command.end(within: .seconds(120))
                #expect(end.code == 4, "\(end.all)")
                let samples = try expectAgreement(
                    bench, "run \(number), killed after \(kill), late by \(pause)")
                // The whole share of the one that was late, and something of the other one's.
                #expect(samples >= 2400 && samples < 4800)
            }
        }

        @Test func `a controller that is killed and started again concludes its run`()
            async throws
        {
            let (bench, command) = try await runningFleet(loops: 250)
            let controller = try bench.agent("controller")
            let arguments = try #require(ProcessTable.commandLine(of: controller.pid))
            let environment = try Self.environment(of: controller.pid)
            controller.signal(SIGKILL)
            #expect(await controller.waitUntilGone(within: .seconds(10)))
            var request = ProcessRequest(
                arguments[0], Array(arguments.dropFirst()), environment: environment)
            request.standardOutput = .file(bench.folder + "/controller.log")
            request.standardError = .file(bench.folder + "/controller.log")
            request.diesWithParent = true
            let again = try await ChildProcess.start(request)
            defer { again.signal(SIGKILL) }
            let end = try await command.end(within: .seconds(120))
            #expect(end.code == 0, "\(end.all)")
            #expect(end.output.contains("goes on with the run"), "\(end.all)")
            #expect(try expectAgreement(bench, "restarted") == 4000)
            let folder = try #require(try bench.runFolders().last)
            let record = try bench.json(folder + "/run.json")
            #expect((record["lost"] as? [Any])?.isEmpty == true, "\(record)")
        }

        private static func environment(of pid: Int32) throws -> [String: String] {
            let bytes = try Data(contentsOf: URL(filePath: "/proc/\(pid)/environ"))
            let pairs = bytes.split(separator: 0).map { variable in
                let text = String(decoding: variable, as: UTF8.self)
                let name = text.prefix { $0 != "=" }
                return (String(name), String(text.dropFirst(name.count + 1)))
            }
            return Dictionary(pairs, uniquingKeysWith: { $1 })
        }
    }
}
