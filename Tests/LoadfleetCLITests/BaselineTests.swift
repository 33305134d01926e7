// `--baseline` of `report`: from files to changes, gates on them, and what is refused.
import FoundationEssentials
import Testing

@testable import LoadfleetCLI

struct BaselineTests {
    private func samples(slowness: Double = 1, seconds: Int = 600, label: String = "Home")
        -> String
    {
        let rows = (0..<seconds).map { second in
            let elapsed = Double(100 + second * 7919 % 13) * slowness
            return "\(1_700_000_000_000 + second * 1000),\(Int(elapsed.rounded())),\(label),true\n"
        }
        return "timeStamp,elapsed,label,success\n" + rows.joined()
    }

    private func scene() throws -> Scene {
        let scene = try Scene()
        try scene.write("before.jtl", samples())
        try scene.write("now.jtl", samples(slowness: 1.2))
        return scene
    }

    @Test func `the change is in the table, and in summary JSON`() async throws {
        let scene = try scene()
        let outcome = await scene.run(
            "report", "now.jtl", "--baseline", "before.jtl", "-o", "table", "-o", "json=x.json")
        #expect(outcome.status == .done, "\(outcome.errors)")
        #expect(outcome.output.contains("Against before.jtl\n"), "\(outcome.output)")
        #expect(outcome.output.contains("worse: Home Mean 106 → 127 ms, +20."))
        #expect(outcome.lines.last == "Verdict: passed")
        let json = try scene.read("x.json")
        #expect(json.contains("\"run\" : \"now.jtl\"") && json.contains("\"judgment\" : \"worse\""))
    }

    @Test(arguments: [
        ("p95 < baseline * 1.10", Status.gateNotMet), ("p95 < baseline * 1.30", .done),
        ("rps(Home) > baseline * 0.9", .done), ("errors < baseline + 1%", .done),
        ("p95(Nobody) < baseline", .gateNotMet),
    ])
    func `a gate on it decides the exit status`(gate: String, status: Status) async throws {
        let outcome = await (try scene()).run(
            "report", "now.jtl", "--baseline", "before.jtl", "--gate", gate)
        #expect(outcome.status == status, "\(outcome.output) \(outcome.errors)")
    }

    @Test func `a label that it does not have makes the run invalid`() async throws {
        let scene = try scene()
        try scene.write("before.jtl", samples(label: "Start"))
        let outcome = await scene.run(
            "report", "now.jtl", "--baseline", "before.jtl", "--gate", "p95(Home) < baseline")
        #expect(outcome.status == .invalid)
        #expect(outcome.output.contains("the baseline has no label \"Home\""), "\(outcome.output)")
    }

    @Test(arguments: [
        (["--gate", "p95 < baseline * 1.1"], "about a baseline, and none is named"),
        (["--force"], "--force needs --baseline"),
        (["--baseline", "short.jtl"], "now.jtl and short.jtl are not alike: 599 s against 59 s"),
        (["--baseline", "nothing"], "there is no run 'nothing'"),
    ])
    func `what makes no sense is refused before anything is printed`(
        options: [String], words: String
    ) async throws {
        let scene = try scene()
        try scene.write("loadfleet.yaml", "provider: local\nlocal:\n  store: state\n")
        try scene.write("short.jtl", samples(seconds: 60))
        let outcome = await scene.run(["report", "now.jtl"] + options)
        #expect(outcome.status != .done)
        #expect(outcome.output == "")
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
    }

    @Test func `an unlike one is compared by force, with a warning`() async throws {
        let scene = try scene()
        try scene.write("before.jtl", samples(seconds: 60))
        let outcome = await scene.run(
            "report", "now.jtl", "--baseline", "before.jtl", "--force", "--gate",
            "p95 < baseline * 1.3")
        #expect(outcome.status == .done, "\(outcome.errors)")
        #expect(outcome.errors.contains("not alike the baseline: 599 s against 59 s"))
    }

    @Test func `it is read as the files are, at its own time`() async throws {
        let scene = try scene()
        let half = ["--trim", "4m", "--label", "Ho*"]
        let outcome = await scene.run(
            ["report", "now.jtl", "--baseline", "before.jtl", "--gate", "samples <= baseline"]
                + half)
        #expect(outcome.status == .done, "\(outcome.errors)")
        #expect(outcome.output.contains("the baseline has 12"), "\(outcome.output)")
        let part = await scene.run(
            "report", "now.jtl", "--baseline", "before.jtl", "--from", "1700000000000", "--to",
            "1700000590000")
        #expect(part.status == .done, "\(part.errors)")
        #expect(part.output.contains("worse: Home p95"), "\(part.output)")
    }
}
