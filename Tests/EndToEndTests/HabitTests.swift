// What people and scripts do to a command line tool without thinking about it.
import Foundation
import Glibc
import Machine
import Testing

extension EndToEnd {
    @Suite(.serialized) struct Habits {
        private func shell(_ script: String, in bench: Bench) async throws -> CommandEnd {
            let request = ProcessRequest(
                "/bin/bash", ["-c", script.replacing("loadfleet ", with: "\(Product.binary) ")],
                environment: bench.environment, directory: bench.folder)
            let run = try await CapturedRun.of(request, limit: .seconds(120))
            return CommandEnd(code: run.end.code, output: run.output, errors: "")
        }

        @Test func `a closed pipe hides no verdict, and lists end well in it`() async throws {
            let bench = try Bench()
            try bench.write(
                Plans.sleeping(threads: "2", loops: 3, milliseconds: 20), to: "short.jmx")
            #expect(try await bench.run("up", "--workers", "1").code == 0)
            let run = try await shell(
                "loadfleet run short.jmx --json --gate 'p95 < 1ms' | head -1 >/dev/null; "
                    + "echo status ${PIPESTATUS[0]}", in: bench)
            #expect(run.output.contains("status 3"), "\(run.all)")
            let list = try await shell(
                "loadfleet runs | head -c0; echo status ${PIPESTATUS[0]}", in: bench)
            #expect(list.output.contains("status 0"), "\(list.all)")
            #expect(try await bench.run("down").code == 0)
        }

        @Test func `a second run is refused, gives up waiting, or waits for its turn, as asked`()
            async throws
        {
            let bench = try Bench()
            try bench.write(
                Plans.sleeping(threads: "2", loops: 200, milliseconds: 50), to: "long.jmx")
            #expect(try await bench.run("up", "--workers", "1").code == 0)
            let first = try await bench.start(["run", "long.jmx", "--gate", "samples == 400"])
            try await wait("JMeter") { !bench.processes("ApacheJMeter").isEmpty }
            let refused = try await bench.run("run", "long.jmx")
            #expect(refused.code == 8, "\(refused.all)")
            #expect(refused.errors.contains("--queue waits for its end"), "\(refused.all)")
            let late = try await bench.run("run", "long.jmx", "--queue", "--timeout", "1s")
            #expect(late.code == 5, "\(late.all)")
            #expect(late.errors.contains("hint: follow it with: loadfleet attach "))
            let second = try await bench.run(
                "run", "long.jmx", "--queue", "--gate", "samples == 400")
            #expect(second.code == 0, "\(second.all)")
            #expect(second.errors.contains("waiting for the end of run "), "\(second.all)")
            #expect(try await first.end(within: .seconds(60)).code == 0)
            #expect(try await bench.run("down").code == 0)
        }

        @Test func `two ups at once make one fleet, and a link to its state leads to it`()
            async throws
        {
            let bench = try Bench()
            let both = try await shell(
                "loadfleet up --workers 2 & loadfleet up --workers 2 & wait", in: bench)
            #expect(bench.processes.count == 3, "\(both.all)")
            let linked = try await shell(
                "ln -s state linked; XDG_STATE_HOME=$PWD/linked loadfleet down", in: bench)
            #expect(linked.output.contains("3 processes ended"), "\(linked.all)")
            #expect(bench.processes.isEmpty)
        }

        @Test func `a fleet whose records are lost or damaged is still taken down`() async throws {
            let bench = try Bench()
            #expect(try await bench.run("up", "--workers", "1").code == 0)
            let store = bench.stateFolder + "/store"
            // At once: a node may write its heartbeat there at any time.
            try #require(rename(store + "/fleets", bench.folder + "/lost") == 0)
            let again = try await bench.run("up", "--workers", "1")
            #expect(again.code == 0, "\(again.all)")
            #expect(bench.processes.count == 2)
            try bench.write("", to: "state/loadfleet/store/fleets/loadfleet/run.json")
            try bench.write("", to: "state/loadfleet/store/runs/x/request.json")
            let down = try await bench.run("down")
            #expect(down.code == 0, "\(down.all)")
            #expect(bench.processes.isEmpty)
        }

        @Test func `a data file may have any name, those of our own files too`() async throws {
            let bench = try Bench()
            #expect(try await bench.run("up", "--workers", "1").code == 0)
            for name in ["run.properties", "console.log", "samples.jtl"] {
                try bench.write("u\nfirst\nsecond\n", to: name)
                let plan = try bench.write(
                    Plans.sleeping(
                        threads: "1", loops: 2, milliseconds: 1, labels: ["is ${u}"], data: name),
                    to: "plan.jmx")
                let run = try await bench.run(
                    "run", plan, "--gate", "samples(\"is first\") == 1", "--gate",
                    "samples(\"is second\") == 1")
                #expect(run.code == 0, "\(run.all)")
            }
            #expect(try await bench.run("down").code == 0)
        }

        @Test func `the value of a property stands in no argument, log or record`() async throws {
            let bench = try Bench()
            let canary = "canary-\(UInt64.random(in: 0 ... .max))"
            let plan = try bench.write(
                Plans.sleeping(threads: "2", loops: 60, milliseconds: 50), to: "plan.jmx")
            #expect(try await bench.run("up", "--workers", "1").code == 0)
            try bench.write("password=\(canary)\n", to: "secret.properties")
            let run = try await bench.start(
                ["run", plan, "--properties", "secret.properties", "--verbose"])
            try await wait("JMeter") { !bench.processes("ApacheJMeter").isEmpty }
            for process in bench.processes {
                let arguments = ProcessTable.commandLine(of: process.pid) ?? []
                #expect(!arguments.contains { $0.contains(canary) })
            }
            let end = try await run.end(within: .seconds(60))
            #expect(end.code == 0, "\(end.all)")
            #expect(try await bench.run("down").code == 0)
            let found = try await shell(
                "rm secret.properties; zstdcat results/*/samples/*.zst > all.jtl; grep -rl \(canary) . || true",
                in: bench)
            #expect(found.output.isEmpty, "\(found.output)")
        }
    }
}
