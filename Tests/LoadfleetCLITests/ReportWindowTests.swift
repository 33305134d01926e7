// `report` on the seconds of a run: gates on windows, and figures without the ramp.
import FoundationEssentials
import Testing

@testable import LoadfleetCLI

@Suite struct `Reports by the second` {
    /// A minute of which the seconds 30 to 39 are slow; threads rise to 4 in the first ten seconds
    /// and end one after another in the last ten.
    private func scene() throws -> Scene {
        let scene = try Scene()
        var text = "timeStamp,elapsed,label,success,allThreads\n"
        for second in 0..<60 {
            let threads = min(4, 1 + second / 3, 1 + (59 - second) / 3)
            let elapsed = (30..<40).contains(second) ? 900 : 100
            for row in 0..<threads {
                text += "\(second * 1000 + row),\(elapsed),L\(row),true,\(threads)\n"
            }
        }
        try scene.write("a.jtl", text)
        return scene
    }

    @Test(arguments: [
        ("p95 < 500ms over 5s", Status.gateNotMet), ("p95 < 500ms over 5s abort", .gateNotMet),
        ("max < 500ms for 10s", .gateNotMet), ("max < 500ms for 11s", .done),
        ("p50 < 500ms over 21s", .done), ("rps > 3.9 over 10s", .gateNotMet),
        ("p95 < 1h over 1m", .gateNotMet),
    ])
    func `judge gates on windows`(gate: String, status: Status) async throws {
        let outcome = try await scene().run("report", "a.jtl", "--gate", gate)
        #expect(outcome.status == status, "\(outcome)")
    }

    @Test func `say which window broke a gate`() async throws {
        let outcome = try await scene().run(
            "report", "a.jtl", "--gate", "max < 500ms over 5s", "-o", "json")
        #expect(
            outcome.output.contains("900ms in total in the 5 s until 00:00:31 UTC"),
            "\(outcome.output)")
    }

    @Test func `leave out the grace time`() async throws {
        let gate = ["report", "a.jtl", "--gate", "rps >= 3 over 10s"]
        #expect(try await scene().run(gate).status == .gateNotMet)
        // The end of the run is no part of the grace.
        #expect(try await scene().run(gate + ["--grace", "9s"]).status == .gateNotMet)
        let short = ["report", "a.jtl", "--to", "45000", "--gate", "rps >= 3 over 10s"]
        #expect(try await scene().run(short).status == .gateNotMet)
        #expect(try await scene().run(short + ["--grace", "9s"]).status == .done)
        let wrong = try await scene().run(short + ["--grace", "9"])
        #expect(wrong.status == .wrongInput)
    }

    @Test func `do not follow files with gates on windows`() async throws {
        let outcome = try await scene().run(
            "report", "a.jtl", "--follow", "--gate", "max < 1s over 5s")
        #expect(outcome.status == .wrongInput)
        #expect(outcome.errors.contains("'max < 1s over 5s'"))
    }

    @Test func `leave out the ramp, and keep the figures of the whole`() async throws {
        let scene = try scene()
        // The first sample with four threads ends at 9.1 s; the last one starts at 50 s.
        let outcome = await scene.run("report", "a.jtl", "--trim", "ramp", "-o", "json=s.json")
        #expect(outcome.status == .done, "\(outcome)")
        let json = try scene.read("s.json")
        #expect(json.contains("\"from_epoch_ms\" : 10000"))
        #expect(json.contains("\"to_epoch_ms\" : 50000"))
        let table = await scene.run("report", "a.jtl", "--trim", "ramp")
        let lines = table.lines.map { $0.split(separator: " ").map(String.init) }
        #expect(lines.contains { $0.prefix(2) == ["Total", "160"] }, "\(table.output)")
        #expect(lines.contains { $0.prefix(3) == ["Whole", "run", "204"] }, "\(table.output)")
        #expect(table.output.contains("from 00:00:10 UTC to 00:00:50 UTC"))
    }

    @Test func `take of several files the time that all of them have`() async throws {
        let scene = try scene()
        var text = "timeStamp,elapsed,label,success,allThreads\n"
        for second in 20..<80 { text += "\(second * 1000),100,B,true,1\n" }
        try scene.write("b.jtl", text)
        let outcome = await scene.run(
            "report", "a.jtl", "b.jtl", "--trim", "ramp", "-o", "json")
        #expect(outcome.output.contains("\"from_epoch_ms\" : 21000"), "\(outcome)")
        #expect(outcome.output.contains("\"to_epoch_ms\" : 50000"))
    }

    @Test(arguments: [
        ("timeStamp,elapsed,label,success\n0,5,a,true\n9000,5,a,true\n", "allThreads"),
        (
            "timeStamp,elapsed,label,success,allThreads\n0,5,a,true,1\n1000,5,a,true,2\n"
                + "2000,5,a,true,1\n",
            "run for longer"
        ),
    ])
    func `can't trim a ramp that the samples don't show`(text: String, hint: String) async throws {
        let scene = try Scene()
        try scene.write("a.jtl", text)
        let outcome = await scene.run("report", "a.jtl", "--trim", "ramp")
        #expect(outcome.status == .wrongInput)
        #expect(outcome.errors.contains(hint), "\(outcome.errors)")
        let window = await scene.run("report", "a.jtl", "--trim", "ramp", "--window", "5")
        #expect(window.status == .wrongInput)
    }
}
