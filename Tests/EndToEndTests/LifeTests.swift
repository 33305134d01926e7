// A fleet's life when nothing goes wrong but time.
import Foundation
import Testing

extension EndToEnd {
    @Suite(.serialized) struct Life {
        @Test func `a fleet whose owner has vanished ends when its lease does, its run too`()
            async throws
        {
            let bench = try Bench()
            let plan = try bench.write(
                Plans.sleeping(threads: "2", loops: 1000, milliseconds: 100), to: "endless.jmx")
            let up = try await bench.run("up", "--workers", "1", "--lease", "30s")
            try #require(up.code == 0, "\(up.all)")
            let command = try await bench.start(["run", plan])
            try await wait("samples") { try !bench.sampleEnds(of: "worker-1").isEmpty }
            try await wait("the end of the lease", within: .seconds(80)) {
                bench.processes.isEmpty
            }
            let end = try await command.end(within: .seconds(60))
            #expect(end.code == 5, "\(end.all)")
            #expect(end.output.contains("Verdict: invalid"), "\(end.all)")
            let again = try await bench.run("up", "--workers", "1")
            #expect(again.code == 0, "\(again.all)")
            #expect(try await bench.run("down").code == 0)
            #expect(bench.processes.isEmpty)
        }

        @Test func `a run that outlasts its deadline is stopped, and that is exit 5`() async throws
        {
            let bench = try Bench()
            let plan = try bench.write(
                Plans.sleeping(threads: "2", loops: 1000, milliseconds: 50), to: "long.jmx")
            let up = try await bench.run("up", "--workers", "1")
            try #require(up.code == 0, "\(up.all)")
            let run = try await bench.run("run", plan, "--deadline", "5s")
            #expect(run.code == 5, "\(run.all)")
            #expect(run.output.contains("the run's deadline passed"), "\(run.all)")
            #expect(bench.processes("ApacheJMeter").isEmpty)
            #expect(try await bench.run("down").code == 0)
        }

        @Test func `up twice is one fleet, down twice is no error, another size is one`()
            async throws
        {
            let bench = try Bench()
            #expect(try await bench.run("up", "--workers", "1").code == 0)
            let before = bench.processes
            let again = try await bench.run("up", "--workers", "1")
            #expect(again.code == 0, "\(again.all)")
            #expect(again.output.contains("was up already"), "\(again.all)")
            #expect(Set(bench.processes) == Set(before))
            let other = try await bench.run("up", "--workers", "2")
            #expect(other.code == 2, "\(other.all)")
            #expect(try await bench.run("down").code == 0)
            #expect(bench.processes.isEmpty)
            let twice = try await bench.run("down")
            #expect(twice.code == 0, "\(twice.all)")
            #expect(twice.output.contains("nothing was up"), "\(twice.all)")
            #expect(try await bench.run("status").code == 1)
        }
    }
}
