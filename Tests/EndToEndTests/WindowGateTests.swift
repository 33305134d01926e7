// Gates that are watched while a run goes on: on real fleets, with targets that go bad or are dead.
import Foundation
import LoadfleetTesting
import Machine
import Testing

extension EndToEnd {
    @Suite(.serialized) struct WindowGates {
        private func fleet() async throws -> Bench {
            let bench = try Bench()
            let up = try await bench.run("up", "--workers", "2")
            try #require(up.code == 0, "\(up.all)")
            return bench
        }

        private func verdict(_ bench: Bench) throws -> (verdict: [String: Any], run: [String: Any])
        {
            let folder = try #require(try bench.runFolders().last)
            let summary = try bench.json(folder + "/summary.json")
            return (
                try #require(summary["verdict"] as? [String: Any]),
                try bench.json(folder + "/run.json")
            )
        }

        private func expectNothingLeft(_ bench: Bench) async throws {
            let down = try await bench.run("down", "--yes")
            #expect(down.code == 0, "\(down.all)")
            #expect(bench.processes.isEmpty)
        }

        @Test(arguments: ["standalone", "remote"])
        func `a gate ends a run that goes bad, and what there is is kept`(mode: String) async throws
        {
            let bench = try await fleet()
            // Ninety seconds of which the first seven or eight are good.
            let plan = try bench.write(
                Plans.sleeping(
                    threads: "4", loops: 900, milliseconds: 100, failingAfter: 150),
                to: "bad.jmx")
            let gate = "errors < 5% for 3s abort"
            let end = try await bench.run(
                "run", plan, "--mode", mode, "--gate", gate, "--gate", "p95 < 1h over 2s", "--gate",
                "samples > 3 over 30s")
            #expect(end.code == 3, "\(end.all)")
            #expect(end.errors.contains("\(gate) is broken: "), "\(end.all)")
            let (verdict, run) = try verdict(bench)
            #expect(verdict["status"] as? String == "failed", "\(verdict)")
            let reasons = try #require(verdict["reasons"] as? [String])
            #expect(reasons.count == 2, "\(reasons)")
            #expect(reasons.first?.contains("bad for 3 s in a row until ") == true, "\(reasons)")
            #expect(reasons.first?.hasSuffix("; it ended the run") == true, "\(reasons)")
            #expect(reasons.last?.contains("the run had no 30 whole seconds") == true, "\(reasons)")
            let gates = try #require(verdict["gates"] as? [[String: Any]])
            #expect(gates.map { $0["passed"] as? Bool } == [false, true, false])
            try await expectPromptEnd(bench, run)
            try await expectNothingLeft(bench)
        }

        /// The run ends soon after its third bad second.
        private func expectPromptEnd(_ bench: Bench, _ run: [String: Any]) async throws {
            let folder = try #require(try bench.runFolders().last)
            let samples = folder + "/samples"
            var first = Int64.max
            var last = Int64.min
            var good = 0
            for name in try FileManager.default.contentsOfDirectory(atPath: samples) {
                let cat = try await CapturedRun.of(
                    ProcessRequest(
                        "/usr/bin/zstdcat", [samples + "/" + name],
                        environment: bench.environment, directory: bench.folder),
                    limit: .seconds(30))
                let rows = cat.output.split(separator: "\n").map {
                    $0.split(separator: ",", omittingEmptySubsequences: false)
                }
                let header = try #require(rows.first)
                let success = try #require(header.firstIndex(of: "success"))
                for row in rows.dropFirst() {
                    let start = try #require(Int64(row[0]))
                    let elapsed = try #require(Int64(row[1]))
                    last = max(last, start + elapsed)
                    if row[success] == "true" {
                        good += 1
                    } else {
                        first = min(first, start + elapsed)
                    }
                }
            }
            #expect(good > 0)
            let delay = last - first
            // The three seconds begin within one of the first error, and the stop is asked for
            // within three of their end; a busy machine gets some more.
            print("window gates: the last sample ended \(delay) ms after the first error")
            #expect(delay < 12_000)
            let broken = try #require((run["broken_gates"] as? [[String: Any]])?.first, "\(run)")
            #expect(broken["ended"] as? Bool == true)
        }

        @Test func `a dead target ends a run, unless it is told not to`() async throws {
            let bench = try await fleet()
            let plan = Product.root + "/test-plans/smoke.jmx"
            let closed = try ClosedPort()
            defer { withExtendedLifetime(closed) {} }
            let port = "-Jport=\(closed.number)"
            let end = try await bench.run(
                "run", plan, port, "-Jloops=100000000", "--auto-stop", "errors > 90% over 4s")
            #expect(end.code == 3, "\(end.all)")
            let reasons = try #require(try verdict(bench).verdict["reasons"] as? [String])
            #expect(reasons.count == 1)
            #expect(
                reasons.first?.hasPrefix(
                    "auto-stop: errors > 90% over 4s: 100% in total in the 4 s until ") == true,
                "\(reasons)")
            let on = try await bench.run(
                "run", plan, port, "-Jloops=50", "--auto-stop", "off", "--gate", "errors == 100")
            #expect(on.code == 0, "\(on.all)")
            try await expectNothingLeft(bench)
        }

        @Test func `wrong gates and conditions are refused before anything is asked for`()
            async throws
        {
            let bench = try Bench()
            let plan = Product.root + "/test-plans/smoke.jmx"
            for (option, text, part) in [
                ("--gate", "p95 < 1s over 11m", "whole seconds from 1s to 10m"),
                ("--gate", "samples > 9 abort", "did you mean 'samples > 9 over 30s abort'?"),
                ("--auto-stop", "errors < 90% over 60s", "names the bad state"),
                ("--auto-stop", "errors > 90%", "needs a time"),
                ("--grace", "30", "the unit is missing"),
            ] {
                let end = try await bench.run("run", plan, option, text)
                #expect(end.code == 2, "\(end.all)")
                #expect(end.errors.contains(part), "\(end.all)")
            }
        }
    }
}
