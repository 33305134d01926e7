// Nodes and commands that are killed while a run is going on. Whatever dies: the command ends, says
// what was lost, keeps what arrived, and `down` leaves nothing.
import Foundation
import Glibc
import Machine
import Testing

extension EndToEnd {
    @Suite(.serialized) struct Losses {
        /// A fleet on which a plan of about twenty seconds is making samples.
        private func runningFleet(mode: String, loops: Int = 200) async throws -> (
            bench: Bench, command: RunningCommand
        ) {
            let bench = try Bench()
            let plan = try bench.write(
                Plans.sleeping(threads: "8", loops: loops, milliseconds: 100), to: "long.jmx")
            let up = try await bench.run("up", "--workers", "2")
            try #require(up.code == 0, "\(up.all)")
            let command = try await bench.start(["run", plan, "--mode", mode, "--json"])
            try await wait("samples in the live figures") {
                try #require(command.child.end == nil, "\(command.output)\(command.errors)")
                return command.output.split(separator: "\n").contains {
                    $0.contains("\"type\":\"interval\"") && !$0.contains("\"total_samples\":0")
                }
            }
            // Workers begin together, but nobody knows how soon each has a sample.
            try await wait("samples on each worker") {
                try mode == "remote"
                    || ["worker-1", "worker-2"].allSatisfy {
                        try !bench.sampleEnds(of: $0).isEmpty
                    }
            }
            return (bench, command)
        }

        private func summary(_ end: CommandEnd) throws -> (verdict: [String: Any], samples: Int) {
            let line = try #require(end.output.split(separator: "\n").last, "\(end.all)")
            let event = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            try #require(event["type"] as? String == "summary", "\(end.all)")
            let summary = try #require(event["summary"] as? [String: Any])
            let total = try #require(summary["total"] as? [String: Any])
            return (
                try #require(summary["verdict"] as? [String: Any]),
                try #require(total["samples"] as? Int)
            )
        }

        private func expectNothingLeft(_ bench: Bench) async throws {
            let down = try await bench.run("down", "--yes")
            #expect(down.code == 0, "\(down.all)")
            #expect(bench.processes.isEmpty)
        }

        /// What did not arrive of a killed worker is of its last ten seconds, and is told.
        private func expectSmallLoss(of node: String, _ bench: Bench) throws {
            let folder = try #require(try bench.runFolders().last)
            let file = try bench.json(folder + "/run.json")
            let loss = try #require((file["losses"] as? [[String: Any]])?.first, "\(file)")
            #expect(loss["node"] as? String == node)
            let arrived = try #require(loss["samples_arrived"] as? Int)
            let missing = try #require(loss["samples_missing"] as? Int)
            #expect(try #require(loss["seconds_missing"] as? Double) > 0)
            // The oracle is JMeter's own file, on the disk that the worker lost.
            let made = try bench.sampleEnds(of: node)
            #expect(made.count >= arrived + missing, "\(loss)")
            let last = try #require(made.max())
            let young = made.count { $0 > last - 10_000 }
            #expect(made.count - arrived <= young, "\(made.count) made, \(loss)")
        }

        @Test(arguments: ["standalone", "remote"])
        func `a worker is killed`(mode: String) async throws {
            let (bench, command) = try await runningFleet(mode: mode)
            let javaBefore = bench.processes("ApacheJMeter")
            try bench.agent("worker-2").signal(SIGKILL)
            let end = try await command.end(within: .seconds(180))
            #expect(end.code == 4, "\(end.all)")
            let (verdict, samples) = try summary(end)
            #expect(verdict["status"] as? String == "invalid")
            let reasons = "\(verdict["reasons"] ?? "")"
            #expect(reasons.contains("worker-2 was lost"), "\(reasons)")
            #expect(samples > 0)
            if mode == "standalone" {
                // The other worker's share was not touched: 4 threads, 200 loops each.
                #expect(samples >= 800)
                #expect(samples < 1600)
                try expectSmallLoss(of: "worker-2", bench)
            }
            for process in javaBefore {
                #expect(await process.waitUntilGone(within: .seconds(20)))
            }
            let again = try await bench.run("run", bench.folder + "/long.jmx")
            #expect(again.code == 1)
            #expect(again.errors.contains("worker-2"), "\(again.all)")
            let up = try await bench.run("up", "--workers", "2")
            #expect(up.code == 0, "\(up.all)")
            #expect(up.output.contains("whole again"), "\(up.all)")
            try await expectNothingLeft(bench)
        }

        @Test func `the controller is killed in standalone mode: nothing of the load is lost`()
            async throws
        {
            let (bench, command) = try await runningFleet(mode: "standalone")
            try bench.agent("controller").signal(SIGKILL)
            let end = try await command.end(within: .seconds(180))
            #expect(end.code == 0, "\(end.all)")
            let (verdict, samples) = try summary(end)
            #expect(verdict["status"] as? String == "passed")
            #expect(samples == 1600)
            #expect(end.output.contains("controller is lost"), "\(end.all)")
            try await expectNothingLeft(bench)
        }

        @Test func `the controller is killed in remote mode: the load ends`() async throws {
            let (bench, command) = try await runningFleet(mode: "remote")
            let servers = bench.processes("ApacheJMeter")
            #expect(servers.count >= 3)
            // Live figures run ahead of the samples, which are delivered every two seconds, and the
            // first part may hold no more than a header.
            try await wait("delivered samples") { try bench.parts(of: "controller") >= 2 }
            try bench.agent("controller").signal(SIGKILL)
            for server in servers {
                #expect(await server.waitUntilGone(within: .seconds(40)))
            }
            let end = try await command.end(within: .seconds(180))
            #expect(end.code == 4, "\(end.all)")
            let (verdict, samples) = try summary(end)
            #expect(verdict["status"] as? String == "invalid")
            #expect("\(verdict["reasons"] ?? "")".contains("controller was lost"))
            #expect(samples > 0)
            try await expectNothingLeft(bench)
        }

        @Test(arguments: ["standalone", "remote"])
        func `the command is killed, and attach picks the run up`(mode: String) async throws {
            let (bench, command) = try await runningFleet(mode: mode, loops: 160)
            command.child.signal(SIGKILL)
            #expect(await command.child.waitForEnd() == .signaled(SIGKILL))
            let locked = try await bench.run("run", bench.folder + "/long.jmx")
            #expect(locked.code == 8, "\(locked.all)")
            let attach = try await bench.run(["attach", "--json"], within: .seconds(180))
            #expect(attach.code == 0, "\(attach.all)")
            #expect(try summary(attach).samples == 1280)
            let results = try await bench.run("results", "--gate", "samples == 1280")
            #expect(results.code == 0, "\(results.all)")
            let failed = try await bench.run("results", "--gate", "samples > 1280")
            #expect(failed.code == 3, "\(failed.all)")
            try await expectNothingLeft(bench)
        }

        @Test(arguments: ["standalone", "remote"])
        func `Ctrl-C once: an orderly stop that keeps what there is`(mode: String) async throws {
            let (bench, command) = try await runningFleet(mode: mode)
            command.child.signal(SIGINT)
            let end = try await command.end(within: .seconds(180))
            #expect(end.code == 130, "\(end.all)")
            let (verdict, samples) = try summary(end)
            #expect(verdict["status"] as? String == "invalid")
            #expect("\(verdict["reasons"] ?? "")".contains("stopped by"))
            #expect(samples > 0)
            #expect(samples < 1600)
            #expect(bench.processes("ApacheJMeter").isEmpty)
            try await expectNothingLeft(bench)
        }

        @Test func `Ctrl-C twice: the command goes at once and says what remains`() async throws {
            let (bench, command) = try await runningFleet(mode: "standalone")
            // They would have stopped in order before the second signal came.
            for java in bench.processes("ApacheJMeter") { java.signal(SIGSTOP) }
            command.child.signal(SIGINT)
            try await wait("the first answer") { command.errors.contains("Ctrl-C again") }
            command.child.signal(SIGINT)
            let end = try await command.end(within: .seconds(20))
            #expect(end.code == 130, "\(end.all)")
            #expect(end.errors.contains("loadfleet attach"), "\(end.all)")
            for java in bench.processes("ApacheJMeter") { java.signal(SIGCONT) }
            try await expectNothingLeft(bench)
        }
    }
}
