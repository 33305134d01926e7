// Runs that begin without all of their workers, and runs that end with the loss of one.
import Foundation
import Glibc
import Machine
import Testing

extension EndToEnd {
    @Suite(.serialized) struct Musters {
        private func fleet(_ workers: Int) async throws -> Bench {
            let bench = try Bench()
            let up = try await bench.run("up", "--workers", "\(workers)")
            try #require(up.code == 0, "\(up.all)")
            return bench
        }

        private func record(_ bench: Bench) throws -> [String: Any] {
            try bench.json(try #require(try bench.runFolders().last) + "/run.json")
        }

        @Test func `a worker that is gone leaves its share to the others`() async throws {
            let bench = try await fleet(3)
            let plan = try bench.write(
                Plans.sleeping(threads: "9", loops: 10, milliseconds: 20), to: "plan.jmx")
            let worker = try bench.agent("worker-2")
            worker.signal(SIGKILL)
            #expect(await worker.waitUntilGone(within: .seconds(20)))
            let all = try await bench.run("run", plan, "--min-workers", "4")
            #expect(all.code == 2, "\(all.all)")
            let remote = try await bench.run("run", plan, "--min-workers", "2", "--mode", "remote")
            #expect(remote.code == 2, "\(remote.all)")
            let run = try await bench.run(
                "run", plan, "--min-workers", "2", "--gate", "samples == 90")
            #expect(run.code == 0, "\(run.all)")
            #expect(run.all.contains("the run began without worker-2"), "\(run.all)")
            let record = try record(bench)
            #expect(record["absent"] as? [String] == ["worker-2"])
            let nodes = try #require(record["nodes"] as? [[String: Any]])
            let workers = nodes.filter { $0["role"] as? String == "worker" }
            #expect(workers.compactMap { $0["node"] as? String } == ["worker-1", "worker-3"])
            #expect(workers.compactMap { $0["threads"] as? Int } == [5, 4])
            #expect(try #require(record["start_skew_ms"] as? Int) < 2_000)
            #expect(try await bench.run("down").code == 0)
            #expect(bench.processes.isEmpty)
        }

        @Test func `a worker that hangs is waited for until the deadline, and not longer`()
            async throws
        {
            let bench = try await fleet(2)
            let plan = try bench.write(
                Plans.sleeping(threads: "4", loops: 10, milliseconds: 20), to: "plan.jmx")
            // Its agent lives and says so; but the JMeter that it starts does not get ready.
            let stopping = Task {
                while !Task.isCancelled {
                    for java in bench.processes("ApacheJMeter") {
                        let folder = try? FileManager.default.destinationOfSymbolicLink(
                            atPath: "/proc/\(java.pid)/cwd")
                        guard folder?.contains("/worker-2/") ?? false else { continue }
                        return java.signal(SIGSTOP)
                    }
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            defer { stopping.cancel() }
            let run = try await bench.start(
                [
                    "run", plan, "--min-workers", "1", "--gate", "samples == 40",
                ], ["LOADFLEET_READY_TIMEOUT": "25s"]
            ).end(within: .seconds(150))
            #expect(run.code == 0, "\(run.all)")
            #expect(try record(bench)["absent"] as? [String] == ["worker-2"])
            stopping.cancel()
            #expect(try await bench.run("down").code == 0)
            #expect(bench.processes.isEmpty)
        }

        @Test func `with the loss of one worker the others stop, where that is asked for`()
            async throws
        {
            let bench = try await fleet(2)
            let plan = try bench.write(
                Plans.sleeping(threads: "4", loops: 1200, milliseconds: 50), to: "plan.jmx")
            let command = try await bench.start([
                "run", plan, "--on-worker-loss", "stop", "--max-loss", "50%",
            ])
            try await wait("samples of both") {
                try bench.sampleEnds(of: "worker-1").count > 20
                    && bench.sampleEnds(of: "worker-2").count > 20
            }
            let killedAt = Date.now
            try bench.agent("worker-2").signal(SIGKILL)
            let end = try await command.end(within: .seconds(60))
            #expect(end.code == 0, "\(end.all)")
            #expect(end.all.contains("the run is stopped, for it has lost worker-2"), "\(end.all)")
            let record = try record(bench)
            let lost = try #require((record["lost"] as? [[String: Any]])?.first)
            #expect(lost["node"] as? String == "worker-2")
            let at = try #require(lost["at"] as? String)
            let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
            #expect(try Date(at, strategy: format).timeIntervalSince(killedAt) < 15)
            #expect(try await bench.run("down").code == 0)
            #expect(bench.processes.isEmpty)
        }
    }
}
