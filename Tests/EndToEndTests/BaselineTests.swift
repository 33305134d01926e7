// One run held against another, and its samples in one file: on a real fleet with a real JMeter.
import Foundation
import Testing

extension EndToEnd {
    @Suite struct Baselines {
        @Test func `a run is held against a tagged one, and gives its samples in one file`()
            async throws
        {
            let bench = try Bench()
            let plan = try bench.write(
                Plans.sleeping(threads: "4", loops: 100, milliseconds: 100), to: "sleep.jmx")
            let other = try bench.write(
                Plans.sleeping(threads: "4", loops: 101, milliseconds: 100), to: "other.jmx")
            let up = try await bench.run("up", "--workers", "2")
            try #require(up.code == 0, "\(up.all)")
            let none = try await bench.run("run", plan, "--gate", "p95 < baseline * 1.1")
            #expect(none.code == 2 && none.errors.contains("add --baseline RUN"), "\(none.all)")
            let first = try await bench.run("run", plan)
            try #require(first.code == 0, "\(first.all)")
            let tag = try await bench.run("runs", "tag", "main")
            try #require(tag.code == 0, "\(tag.all)")

            // What another plan makes says nothing, and that is known before it runs.
            let unlike = try await bench.run("run", other, "--baseline", "main")
            #expect(unlike.code == 2, "\(unlike.all)")
            #expect(unlike.errors.contains("their plans are not the same"), "\(unlike.all)")

            let run = try await bench.run(
                "run", plan, "--baseline", "main", "--gate", "p50 < baseline * 1.5", "--gate",
                "samples(Sleep) == baseline", "-o", "table", "-o", "markdown=x.md")
            #expect(run.code == 0, "\(run.all)")
            #expect(run.output.contains("Against main ("), "\(run.all)")
            #expect(
                run.output.contains("samples(Sleep) == baseline: 400 for \"Sleep\"; the baseline"))
            let folders = try bench.runFolders()
            try #require(folders.count == 2)
            let summary = try bench.json(folders[1] + "/summary.json")
            #expect((summary["comparison"] as? [String: Any])?["rows"] is [Any])

            // The same from the results, and the samples beside it.
            let results = try await bench.run(
                "results", "--baseline", "main", "--gate", "p95(Other) < 1s", "--gate",
                "mean < baseline * 0.1", "--merged", "all.csv")
            #expect(results.code == 3, "\(results.all)")
            let lines = try String(contentsOfFile: bench.folder + "/all.csv", encoding: .utf8)
                .split(separator: "\n")
            #expect(lines.count == 401)
            #expect(lines.count { $0.hasSuffix(",worker-1") } == 200)
            let times = lines.dropFirst().compactMap { Int($0.prefix(13)) }
            #expect(times == times.sorted())
            let again = try await bench.run("report", "all.csv", "-o", "csv=merged.csv")
            let own = try await bench.run("report", folders[1] + "/samples", "-o", "csv=own.csv")
            #expect(again.code == 0 && own.code == 0, "\(again.all) \(own.all)")
            #expect(
                try String(contentsOfFile: bench.folder + "/merged.csv", encoding: .utf8)
                    == String(contentsOfFile: bench.folder + "/own.csv", encoding: .utf8))

            let list = try await bench.run("runs")
            #expect(list.output.contains("p95 of \(plan): "), "\(list.all)")
            #expect(list.output.contains(" in 2 runs"), "\(list.all)")
        }
    }
}
