// `run --up --down`, as a pipeline uses it: no terminal, one command, and whatever happens to it,
// the right exit status, the right files, and nothing left.
import Foundation
import Glibc
import LoadfleetTesting
import Machine
import Testing

extension EndToEnd {
    @Suite(.serialized) struct OneCommand {
        private func bench(loops: Int = 5, milliseconds: Int = 20) throws -> (Bench, plan: String) {
            let bench = try Bench()
            let plan = try bench.write(
                Plans.sleeping(threads: "4", loops: loops, milliseconds: milliseconds),
                to: "plan.jmx")
            return (bench, plan)
        }

        private func start(_ bench: Bench, _ plan: String, _ more: String...) async throws
            -> RunningCommand
        {
            try await bench.start(
                ["run", plan, "--up", "--down", "--workers", "2", "--yes"] + more)
        }

        private func expectNothingLeft(_ bench: Bench, _ end: CommandEnd) async throws {
            #expect(end.errors.contains("is down, nothing is left"), "\(end.all)")
            #expect(bench.processes.isEmpty)
            #expect(try await bench.run("status").code == 1)
        }

        @Test func `a run has a fleet of its own, and its results stay`() async throws {
            let (bench, plan) = try bench()
            let end = try await start(bench, plan).end(within: .seconds(120))
            #expect(end.code == 0, "\(end.all)")
            #expect(end.output.contains("Verdict: passed"), "\(end.all)")
            try await expectNothingLeft(bench, end)
            let folder = try #require(try bench.runFolders().last)
            let summary = try bench.json(folder + "/summary.json")
            #expect((summary["total"] as? [String: Any])?["samples"] as? Int == 20)
        }

        @Test func `a gate that is not met decides the status, not the fleet`() async throws {
            let (bench, plan) = try bench()
            let listener = try LoopbackServer { _ in answer("200 OK") }
            let closed = try ClosedPort()
            defer { withExtendedLifetime(closed) {} }
            let nobody = "http://127.0.0.1:\(closed.number)/s3cr3t"
            let end = try await start(
                bench, plan, "--gate", "p95 < 1ms", "--notify", "webhook=\(listener.url)",
                "--notify", "slack=\(nobody)"
            ).end(within: .seconds(120))
            #expect(end.code == 3, "\(end.all)")
            try await expectNothingLeft(bench, end)
            #expect(try bench.runFolders().count == 1)
            // Those who want to know are told; that one of them can't be changes nothing.
            let notice = String(decoding: listener.requests.last?.body ?? [], as: UTF8.self)
            #expect(notice.contains(#""text":"loadfleet failed: 1 of 1 gates not met, plan.jmx"#))
            #expect(end.errors.contains("warning: cannot tell slack at 127.0.0.1"), "\(end.all)")
            #expect(!end.all.contains("s3cr3t"))
        }

        @Test func `a fleet that can't be made is given back`() async throws {
            let (bench, plan) = try bench()
            // A Java that answers the command line, and hangs on nodes.
            let java = try bench.write(
                """
                #!/bin/sh
                [ -z "$LOADFLEET_FLEET" ] || exec sleep 600
                exec java "$@"

                """, to: "slow/bin/java")
            #expect(chmod(java, 0o755) == 0)
            let end = try await start(
                bench, plan, "--java-home", bench.folder + "/slow", "--ready-timeout", "3s"
            ).end(within: .seconds(120))
            #expect(end.code == 9, "\(end.all)")
            try await expectNothingLeft(bench, end)
        }

        @Test func `the page tells which run it was, what happened, and how workers fared`()
            async throws
        {
            let (bench, plan) = try bench(loops: 100, milliseconds: 50)
            let end = try await start(
                bench, plan, "--gate", "p50 < 1ms over 2s abort", "-o", "html=report.html", "-o",
                "junit=junit.xml"
            ).end(within: .seconds(120))
            #expect(end.code == 3, "\(end.all)")
            try await expectNothingLeft(bench, end)
            let folder = try #require(try bench.runFolders().last)
            let record = try bench.json(folder + "/run.json")
            let page = try String(contentsOfFile: bench.folder + "/report.html", encoding: .utf8)
            func fact(_ name: String) -> String? {
                let start = page.range(of: "<dt>\(name)</dt><dd>")
                return start.map { String(page[$0.upperBound...].prefix { $0 != "<" }) }
            }
            let digest = try #require(record["plan_sha256"] as? String)
            let hash = try await CapturedRun.of(
                ProcessRequest("/usr/bin/sha256sum", [plan], environment: [:]), limit: .seconds(20))
            #expect(hash.output.hasPrefix(digest))
            #expect(fact("Plan, SHA-256") == digest)
            #expect(fact("Environment") == "local, on this machine")
            #expect(fact("Workers") == "2")
            for name in ["Run", "Fleet", "Mode", "JMeter", "Java", "loadfleet", "Percentiles"] {
                #expect(fact(name)?.isEmpty == false, "\(name)")
            }
            // What ended the run is in the table of what happened, and in the data of the charts.
            #expect(page.contains(">gate broken: p50 &lt; 1ms over 2s abort: "))
            #expect(page.contains("\"kind\":\"gate\""))
            let nodes = try #require(record["nodes"] as? [[String: Any]])
            for node in nodes where node["role"] as? String == "worker" {
                let name = try #require(node["node"] as? String)
                let health = try #require(node["health"] as? [String: Any], "\(node)")
                let cpu = try #require(health["cpu_percent"] as? Double)
                let row = page.split(separator: "\n").first { $0.contains(">\(name)</th>") } ?? ""
                #expect(row.contains(String(format: ">%.1f%%<", cpu)), "\(cpu) in \(row)")
                #expect(row.contains(" ms</td>"), "no start skew in \(row)")
            }
            let suite = try String(contentsOfFile: bench.folder + "/junit.xml", encoding: .utf8)
            #expect(suite.contains("<failure"))
        }

        @Test func `a run that can't be believed says so, and the fleet goes all the same`()
            async throws
        {
            let bench = try Bench(["LOADFLEET_HEARTBEAT_LOST_AFTER": "5s"])
            let plan = try bench.write(
                Plans.sleeping(threads: "4", loops: 300, milliseconds: 50), to: "plan.jmx")
            let command = try await start(bench, plan, "-o", "junit=junit.xml")
            try await wait("samples", within: .seconds(120)) {
                try #require(command.child.end == nil, "\(command.errors)")
                return try bench.hasDelivered("worker-1") && bench.hasDelivered("worker-2")
            }
            try bench.agent("worker-2").signal(SIGKILL)
            let end = try await command.end(within: .seconds(120))
            #expect(end.code == 4, "\(end.all)")
            try await expectNothingLeft(bench, end)
            let folder = try #require(try bench.runFolders().last)
            let verdict = try bench.json(folder + "/summary.json")["verdict"] as? [String: Any]
            #expect(verdict?["status"] as? String == "invalid")
            let report = try String(contentsOfFile: bench.folder + "/junit.xml", encoding: .utf8)
            #expect(report.contains("worker-2 was lost"), "\(report)")
        }

        @Test func `what is wrong with the plan is said before there is a fleet`() async throws {
            let (bench, plan) = try bench()
            try Data("<jmeterTestPlan>".utf8).write(to: URL(filePath: plan))
            let end = try await start(bench, plan).end(within: .seconds(60))
            #expect(end.code == 2, "\(end.all)")
            #expect(bench.processes.isEmpty)
            #expect(!end.errors.contains("giving fleet"), "\(end.all)")
        }

        @Test(arguments: [("--workers", "3"), ("--max-cost", "1usd")])
        func `what a fleet is to be needs --up`(option: String, value: String) async throws {
            let (bench, plan) = try bench()
            let end = try await bench.run("run", plan, option, value)
            #expect(end.code == 2, "\(end.all)")
            #expect(end.errors.contains("\(option) says what a fleet is to be"), "\(end.all)")
        }

        enum Phase: String, CaseIterable, Sendable { case up, run, down }

        @Test(arguments: Phase.allCases)
        func `SIGTERM ends it in good order`(phase: Phase) async throws {
            let (bench, plan) = try bench(loops: phase == .run ? 500 : 5, milliseconds: 50)
            let command = try await start(bench, plan)
            try await wait("the phase \(phase)", within: .seconds(120)) {
                try #require(command.child.end == nil, "\(command.errors)")
                return switch phase {
                case .up: bench.processes.count > 0
                case .run: try bench.hasDelivered("worker-1")
                case .down: command.errors.contains("giving fleet")
                }
            }
            command.child.signal(SIGTERM)
            let end = try await command.end(within: .seconds(120))
            // A run that was judged before the signal came keeps its verdict beside the status.
            #expect(end.code == 143, "\(end.all)")
            try await expectNothingLeft(bench, end)
            let folders = try bench.runFolders()
            #expect(folders.count == (phase == .up ? 0 : 1), "\(end.all)")
        }

        @Test func `a fleet that somebody else's run has stays`() async throws {
            let (bench, plan) = try bench(loops: 1000, milliseconds: 50)
            #expect(try await bench.run("up", "--workers", "2").code == 0)
            #expect(try await bench.run("run", plan, "--detach").code == 0)
            let end = try await start(bench, plan).end(within: .seconds(60))
            #expect(end.code == 8, "\(end.all)")
            #expect(end.errors.contains("the fleet stays"), "\(end.all)")
            #expect(try await bench.run("status").code == 0)
            let down = try await bench.run("down", "--yes")
            #expect(down.code == 0, "\(down.all)")
            #expect(bench.processes.isEmpty)
        }
    }
}

extension Bench {
    /// Whether a node has delivered samples; there is no folder of runs before the first.
    fileprivate func hasDelivered(_ node: String) throws -> Bool {
        guard FileManager.default.fileExists(atPath: stateFolder + "/store/runs") else {
            return false
        }
        return try parts(of: node) > 0
    }
}
