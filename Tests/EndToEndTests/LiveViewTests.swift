// The live view on a real terminal, of a real run: what can be read on it, that it is true, and
// that the terminal is as it was afterwards, whatever has ended the command.
import Foundation
import Glibc
import Machine
import Testing

extension EndToEnd {
    @Suite(.serialized) struct LiveView {
        /// A fleet and a plan of some minutes, which no test waits for.
        private func bench() async throws -> Bench {
            let bench = try Bench()
            try bench.write(
                Plans.sleeping(
                    threads: "8", loops: 1500, milliseconds: 100, labels: ["Home", "検索 search"]),
                to: "plan.jmx")
            let up = try await bench.run("up", "--workers", "2")
            try #require(up.code == 0, "\(up.all)")
            return bench
        }

        private struct Figures: Equatable {
            var second: Int
            var total: Int
            var rate: Int
            var threads: Int
            var p95: String
        }

        /// The seconds that a command has told of, as its events.
        private func events(_ path: String) throws -> [Figures] {
            try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").compactMap {
                // The last line may be half a line.
                guard
                    let event = try? JSONSerialization.jsonObject(with: Data($0.utf8))
                        as? [String: Any], event["type"] as? String == "interval"
                else { return nil }
                let p95 = (event["p95_ms"] as? Double).map { "\(Int($0.rounded()))" }
                return Figures(
                    second: try #require(event["second"] as? Int),
                    total: try #require(event["total_samples"] as? Int),
                    rate: try #require(event["samples"] as? Int),
                    threads: try #require(event["active_threads"] as? Int), p95: p95 ?? "-")
            }
        }

        /// The seconds with samples.
        private func samples(_ path: String) throws -> [Figures] {
            try events(path).filter { $0.total > 0 }
        }

        /// What a title is followed by on the screen.
        private func figure(_ title: String, _ screen: [String]) throws -> String {
            let line = try #require(screen.first { $0.contains(title) }, "\(screen)")
            let rest = line[try #require(line.range(of: title)).upperBound...]
            return String(rest.drop { $0 == " " }.prefix { $0 != " " })
        }

        /// Whether the screen shows samples, of both labels: one of them is known before the other.
        private func hasFigures(_ screen: [String]) -> Bool {
            let parts = [
                "samples/s", "p99 ms", "Label ", "Home", "検索 search", "nodes  2 running",
                "Z  all workers",
            ]
            return parts.allSatisfy { part in
                screen.contains { $0.contains(part) }
            }
        }

        /// The samples of a label, as often as a command has told of them.
        private func samples(of label: String, _ path: String) throws -> Set<Int> {
            let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            let counts = lines.flatMap { line -> [Int] in
                guard
                    let event = try? JSONSerialization.jsonObject(with: Data(line.utf8))
                        as? [String: Any], event["type"] as? String == "labels",
                    let labels = event["labels"] as? [[String: Any]]
                else { return [] }
                return labels.filter { $0["label"] as? String == label }.compactMap {
                    $0["samples"] as? Int
                }
            }
            return Set(counts)
        }

        private func expectTrue(_ screen: [String], by path: String) throws {
            let text = screen.joined(separator: "\n")
            let total = try #require(screen[1].firstMatch(of: /(\d+) samples/)?.1, "\(text)")
            let told = try events(path)
            #expect(told.contains { "\($0.total)" == total }, "\(text)\n\(told)")
            let (rate, threads, p95) = (
                try figure("samples/s", screen), try figure("threads", screen),
                try figure("p95 ms", screen)
            )
            #expect(
                told.contains {
                    "\($0.rate)" == rate && "\($0.threads)" == threads && $0.p95 == p95
                }, "\(text)\n\(told)")
            // Wide characters take their columns, and figures stand where they should.
            for label in ["Home", "検索 search"] {
                let count = Int(try figure(label, screen)) ?? -1
                #expect(try samples(of: label, path).contains(count), "\(text)")
            }
            #expect(text.contains("nodes  2 running"), "\(text)")
        }

        @Test(.timeLimit(.minutes(5)))
        func `a run can be read on any terminal, and leaves it as it was`() async throws {
            let bench = try await bench()
            let tmux = try await Tmux.open(bench, columns: 80, rows: 24)
            let path = bench.folder + "/events.jsonl"
            try await tmux.type("\(Product.binary) run plan.jmx --json > \(path); echo status $?")
            let small = try await tmux.wait("figures", until: hasFigures)
            #expect(small[0].hasPrefix("run 2"))
            #expect(try await tmux.modes().otherScreen)
            try expectTrue(small, by: path)

            try await tmux.resize(columns: 200, rows: 60)
            let large = try await tmux.wait("a large picture") { screen in
                screen.contains { $0.contains("samples/s") && $0.contains("p50 ms") }
                    && screen.contains { $0.contains("errors/s") && $0.contains("p99 ms") }
                    && hasFigures(screen)
            }
            try expectTrue(large, by: path)
            try await tmux.resize(columns: 44, rows: 16)
            let narrow = try await tmux.wait("a small picture") { screen in
                hasFigures(screen) && screen.count <= 17 && screen[0].contains("…")
            }
            try expectTrue(narrow, by: path)
            try await tmux.resize(columns: 80, rows: 24)

            try await tmux.press("C-z")
            try await tmux.waitForPrompt()
            #expect(try await tmux.modes() == .asFound)
            try await tmux.type("fg; echo status $?")
            try await tmux.wait("the picture again", until: hasFigures)

            try await tmux.press("C-c")
            try await tmux.wait("the end") { $0.contains("status 130") }
            #expect(try await tmux.modes() == .asFound)
            let all = try await tmux.everything()
            for event in ["all workers are ready, the load begins", "stopping the run; press"] {
                #expect(all.contains { $0.hasPrefix(event) }, "\(all)")
            }
            #expect(!all.contains { $0.contains("samples/s") }, "\(all)")
            #expect(try await bench.run("down").code == 0)
        }

        @Test(.timeLimit(.minutes(5)))
        func `attach shows the run from its beginning, on a terminal and as events`()
            async throws
        {
            let bench = try await bench()
            let run = try await bench.start(["run", "plan.jmx", "--json"])
            try await wait("some seconds") {
                try Set(samples(run.outputPath).map(\.second)).count > 5
            }
            let tmux = try await Tmux.open(bench, columns: 100, rows: 30)
            try await tmux.type("\(Product.binary) attach; echo status $?")
            let first = try await tmux.wait("figures", until: hasFigures)
            // A bar for each second that there was before, not one for each since it looks.
            let bars = first.map { $0.count { "▁▂▃▄▅▆▇█".contains($0) } }.max() ?? 0
            #expect(first[0].hasSuffix("Ctrl-C stops the run"), "the last column is missing")
            #expect(bars > 5, "\(first.joined(separator: "\n"))")
            let attached = try await bench.start(["attach", "--json"])
            try await wait("the events of attach") { try !samples(attached.outputPath).isEmpty }
            let stop = try await bench.run("stop")
            #expect(stop.code == 0, "\(stop.all)")
            let ends = try await [
                run.end(within: .seconds(90)), attached.end(within: .seconds(90)),
            ]
            #expect(ends.map(\.code) == [4, 4], "\(ends.map(\.all))")
            let seconds = try events(run.outputPath)
            #expect(try events(attached.outputPath) == seconds)
            try await tmux.wait("the end") { $0.contains("status 4") }
            #expect(try await tmux.modes() == .asFound)
            let all = try await tmux.everything()
            let begins = all.firstIndex { $0.hasPrefix("all workers are ready") }
            let table = all.firstIndex { $0.hasPrefix("Label ") }
            let verdict = all.firstIndex { $0.hasPrefix("Verdict: invalid") }
            let order = [begins, table, verdict].compactMap(\.self)
            #expect(order.count == 3 && order == order.sorted(), "\(all)")
            #expect(try await bench.run("down").code == 0)
        }

        @Test(.timeLimit(.minutes(5)))
        func `a signal that ends the command gives the terminal back`() async throws {
            let bench = try await bench()
            let run = try await bench.start(["run", "plan.jmx", "--json"])
            try await wait("samples") { try !samples(run.outputPath).isEmpty }
            let tmux = try await Tmux.open(bench, columns: 80, rows: 24)
            for number in [SIGQUIT, SIGSEGV, SIGABRT, SIGUSR1] {
                // Tests that run in the background may have SIGQUIT ignored, and Swift asks what to do
                // about a crash.
                let command =
                    "exec env --default-signal SWIFT_BACKTRACE=enable=no \(Product.binary) attach"
                try await tmux.type("bash -c 'echo $$ > pid; \(command)'; echo ended by $?")
                try await tmux.wait("figures", until: hasFigures)
                let pid = try String(contentsOfFile: bench.folder + "/pid", encoding: .utf8)
                kill(try #require(Int32(pid.filter(\.isNumber))), number)
                try await tmux.wait("the end") { $0.contains("ended by \(128 + number)") }
                #expect(try await tmux.modes() == .asFound)
            }
            #expect(try await bench.run("stop", "--now").code == 0)
            #expect(try await run.end(within: .seconds(90)).code == 4)
            #expect(try await bench.run("down").code == 0)
        }
    }
}
