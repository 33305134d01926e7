// `results compare` and `runs`: from files and folders to a comparison, and what is refused.
import Fleet
import FoundationEssentials
import Runs
import Store
import Testing

@testable import LoadfleetCLI

struct CompareTests {
    /// Ten minutes of one label, every second a sample, with a little noise that is no noise of
    /// chance: the same in each run.
    private func samples(slowness: Double = 1, seconds: Int = 600) -> String {
        var text = "timeStamp,elapsed,label,success\n"
        for second in 0..<seconds {
            let elapsed = Double(100 + second * 7919 % 13) * slowness
            text += "\(1_700_000_000_000 + second * 1000),\(Int(elapsed.rounded())),Home,true\n"
        }
        return text
    }

    @Test func `two files are compared, as table, Markdown and JSON`() async throws {
        let scene = try Scene()
        try scene.write("a.jtl", samples())
        try scene.write("b.jtl", samples(slowness: 1.2))
        let table = await scene.run("results", "compare", "a.jtl", "b.jtl")
        #expect(table.status == .done, "\(table.errors)")
        #expect(table.output.contains("worse: Home Mean 106 → 127 ms, +20."), "\(table.output)")
        #expect(table.lines.last?.hasPrefix("1 of 1 labels worse, 0 better") == true)
        let back = await scene.run("results", "compare", "b.jtl", "a.jtl", "-o", "markdown")
        #expect(back.output.hasPrefix("**0 of 1 labels worse, 1 better"), "\(back.output)")
        let json = await scene.run("results", "compare", "a.jtl", "b.jtl", "--json")
        #expect(json.lines.count == 1)
        #expect(json.output.contains(#""judgment":"worse""#), "\(json.output)")
        #expect(json.output.contains(#""baseline":"a.jtl","run":"b.jtl""#))
    }

    @Test func `unlike runs are refused, unless forced`() async throws {
        let scene = try Scene()
        try scene.write("a.jtl", samples())
        try scene.write("b.jtl", samples(seconds: 60))
        let refused = await scene.run("results", "compare", "a.jtl", "b.jtl")
        #expect(refused.status == .wrongInput)
        #expect(refused.errors.contains("59 s against 599 s"), "\(refused.errors)")
        #expect(refused.errors.contains("--force"))
        let forced = await scene.run("results", "compare", "a.jtl", "b.jtl", "--force")
        #expect(forced.status == .done)
        #expect(forced.errors.contains("not alike: 59 s against 599 s"), "\(forced.errors)")
    }

    @Test func `a name that is nothing is refused with a way to find one`() async throws {
        let scene = try Scene()
        let outcome = await scene.run("results", "compare", "nothing")
        #expect(outcome.status == .failed)
        #expect(outcome.errors.contains("there is no run 'nothing'"), "\(outcome.errors)")
        #expect(outcome.errors.contains("loadfleet runs"))
    }

    // MARK: - Tags and pruning

    @Test func `tags name runs, move, and keep them from being pruned`() async throws {
        let scene = try Scene.local()
        let ids = ["20250101-1-a", "20250102-2-b", "20250103-3-c"]
        try await scene.keep(runs: ids)
        let tagged = await scene.run("runs", "tag", "main", ids[0])
        #expect(tagged.status == .done, "\(tagged.errors)")
        let list = await scene.run("runs")
        #expect(list.lines.first?.contains("[main]") == true, "\(list.output)")
        let dry = await scene.run("runs", "prune", "--keep", "1", "--dry-run")
        #expect(dry.lines == [Substring(ids[1])], "\(dry.output) \(dry.errors)")
        let moved = await scene.run("runs", "tag", "main", ids[1])
        #expect(moved.output.contains("and run \(ids[0]) no longer"))
        let pruned = await scene.run("runs", "prune", "--keep", "1", "--yes")
        #expect(pruned.lines == [Substring(ids[0])])
        #expect(!scene.files.contains { $0.contains(ids[0]) }, "\(scene.files)")
        #expect(scene.files.contains("results/\(ids[1])/run.json"))
        let gone = await scene.run("runs", "tag", "main", "--delete")
        #expect(gone.status == .done)
        #expect(await scene.run("runs", "tag", "main", "--delete").status == .failed)
    }

    @Test func `results that were not fetched are named with the command that does it`()
        async throws
    {
        let scene = try Scene.local()
        let id = "20250101-1-a"
        try await scene.keep(runs: [id])
        try FileManager.default.removeItem(atPath: scene.folder + "/results")
        let store = try FolderStore(
            at: LocalProvider.storeFolder(in: scene.folder + "/state"))
        try await store.delete(RunKeys(id).fetched)
        let outcome = await scene.run("results", "compare", id)
        #expect(outcome.status == .failed)
        #expect(outcome.errors.contains("fetch them with: loadfleet results \(id)"))
        // The command is one that can be given: it finds the run, which has no samples.
        let fetched = await scene.run("results", id)
        #expect(fetched.status == .invalid, "\(fetched.errors)")
    }

    @Test func `runs show a figure of each, and how it went`() async throws {
        let scene = try Scene.local()
        let ids = ["20250101-1-a", "20250102-2-b", "20250103-3-c", "20250104-4-d"]
        try await scene.keep(runs: ids)
        for (id, slowness) in zip(ids, [1.0, 2, 4]) {
            try scene.write("x.jtl", samples(slowness: slowness, seconds: 60))
            let report = await scene.run("report", "x.jtl", "-o", "json=results/\(id)/summary.json")
            #expect(report.status == .done, "\(report.errors)")
        }
        let list = await scene.run("runs")
        #expect(list.output.contains("plan.jmx, standalone, 1 workers, p95 112 ms"))
        #expect(list.lines.last == "p95 of plan.jmx: ▂▄█  112 → 448 ms in 4 runs", "\(list.output)")
        let errors = await scene.run("runs", "--figure", "errors")
        #expect(errors.lines.last == "Errors of plan.jmx: ▁▁▁  0.00 → 0.00% in 4 runs")
        let json = await scene.run("runs", "--json")
        #expect(json.output.contains(#""verdict":"passed","figures":{"mean_ms":"#))
        #expect(json.output.contains(#""verdict":null,"figures":null"#))
    }

    @Test(arguments: [
        (["runs", "prune"], "nothing says which runs are old"),
        (["runs", "prune", "--keep=-1"], "--keep must be 0 or more"),
        (["runs", "prune", "--older-than", "soon"], "soon"),
        (["runs", "tag", "7up", "x"], "there is no run 'x'"),
        (["runs", "tag", "main", "--delete", "x"], "--delete takes a tag only"),
    ])
    func `wrong use is said`(arguments: [String], words: String) async throws {
        let outcome = await (try Scene()).run(arguments)
        #expect(outcome.status != .done)
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
    }

    @Test func `a tag that could be taken for something else is refused`() async throws {
        let scene = try Scene.local()
        try await scene.keep(runs: ["20250101-1-a"])
        for name in ["2025", "a/b", "a b", String(repeating: "x", count: 65)] {
            let outcome = await scene.run("runs", "tag", name)
            #expect(outcome.status == .wrongInput)
            #expect(outcome.errors.contains("can't be a tag"), "\(outcome.errors)")
        }
    }
}
