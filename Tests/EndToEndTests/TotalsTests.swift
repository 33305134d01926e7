// A plan's stated totals hold for the fleet, whatever the number of workers and the mode.
import Foundation
import Testing

extension EndToEnd {
    @Suite struct Totals {
        @Test(arguments: ["standalone", "remote"])
        func `100 threads with 20 loops on 3 workers make 2,000 samples of each sampler`(
            mode: String
        ) async throws {
            let bench = try Bench()
            let plan = try bench.write(
                Plans.sleeping(
                    threads: "${__P(threads)}", loops: 20, milliseconds: 20,
                    labels: ["First", "Second"]), to: "totals.jmx")
            let up = try await bench.run("up", "--workers", "3")
            try #require(up.code == 0, "\(up.all)")
            let run = try await bench.run(
                "run", plan, "--mode", mode, "-Jthreads=100", "--gate", "errors == 0",
                "--gate", "samples(First) == 2000", "--gate", "samples(Second) == 2000")
            #expect(run.code == 0, "\(run.all)")
            let folder = try #require(try bench.runFolders().first)
            let summary = try bench.json(folder + "/summary.json")
            let labels = try #require(summary["labels"] as? [[String: Any]])
            #expect(labels.map { $0["samples"] as? Int } == [2000, 2000])
            let record = try bench.json(folder + "/run.json")
            let nodes = try #require(record["nodes"] as? [[String: Any]])
            let threads = nodes.filter { $0["role"] as? String == "worker" }
                .compactMap { $0["threads"] as? Int }
            #expect(threads == [34, 33, 33])
            if mode == "standalone" { #expect(record["start_skew_ms"] is Int) }
            let down = try await bench.run("down")
            #expect(down.code == 0, "\(down.all)")
            #expect(bench.processes.isEmpty)
        }

        @Test(arguments: [("standalone", "split"), ("remote", "unique-block")])
        func `of a split file each of 1,000 rows is used once`(
            mode: String, policy: String
        ) async throws {
            let bench = try Bench()
            let rows = (1...1000).map { "user-\($0),\"a, \($0)\"" }
            try bench.write(
                "name,note\n" + rows.joined(separator: "\n") + "\n", to: "data/users.csv")
            let plan = try bench.write(
                Plans.sleeping(
                    threads: "10", loops: -1, milliseconds: 1, labels: ["${name} ${note}"],
                    data: "data/users.csv"), to: "users.jmx")
            let up = try await bench.run("up", "--workers", "3")
            try #require(up.code == 0, "\(up.all)")
            let run = try await bench.run(
                "run", plan, "--mode", mode, "--data", "users.csv=\(policy)")
            #expect(run.code == 0, "\(run.all)")
            let summary = try bench.json(
                try #require(try bench.runFolders().first) + "/summary.json")
            let labels = try #require(summary["labels"] as? [[String: Any]])
            let used = labels.compactMap { $0["label"] as? String }
            #expect(Set(used) == Set((1...1000).map { "user-\($0) a, \($0)" }))
            #expect(labels.allSatisfy { $0["samples"] as? Int == 1 })
        }
    }
}

extension Bench {
    /// The run folders below `results/`, oldest first.
    func runFolders() throws -> [String] {
        let results = folder + "/results"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: results)) ?? []
        return names.filter { !$0.hasPrefix(".") }.sorted().map { results + "/" + $0 }
    }

    func json(_ path: String) throws -> [String: Any] {
        let data = try Data(contentsOf: URL(filePath: path))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }
}

/// All tests on real JMeters, one after another: two of them at once would fight for two cores.
@Suite(.serialized, .enabled(if: Product.jmeterHome != nil, "run downloads/get-jmeter first"))
enum EndToEnd {}
