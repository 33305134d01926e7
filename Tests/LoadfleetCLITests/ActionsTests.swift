// What a step of GitHub Actions is told: annotations within its limits, text that can't become a
// command of its own, and a summary that GitHub would keep.
import FoundationEssentials
import Testing

@testable import LoadfleetCLI

struct ActionsTests {
    private static let some = """
        timeStamp,elapsed,label,success
        0,10,a,true
        1000,30,a,false

        """

    private static let actions = ["GITHUB_ACTIONS": "true"]

    private func scene() throws -> Scene {
        let scene = try Scene()
        try scene.write("some.jtl", Self.some)
        return scene
    }

    private func step(in scene: Scene) -> [String: String] {
        Self.actions.merging(["GITHUB_STEP_SUMMARY": scene.folder + "/summary.md"]) { $1 }
    }

    @Test func `elsewhere nothing is told`() async throws {
        let outcome = await (try scene()).run(
            "report", "some.jtl", "--gate", "max < 1ms",
            variables: ["GITHUB_STEP_SUMMARY": "none/summary.md"])
        #expect(outcome.errors == "")
    }

    @Test func `gates that are not met are errors, and the summary is appended to`() async throws {
        let scene = try scene()
        try scene.write("summary.md", "what was there\n")
        let outcome = await scene.run(
            "report", "some.jtl", "--gate", "max < 1ms", "--gate", "mean(\"a,b\") < 5ms",
            variables: step(in: scene))
        #expect(outcome.status == .gateNotMet)
        #expect(
            outcome.errors == """
                ::error title=loadfleet%3A gate not met::max < 1ms: 30ms in total
                ::error title=loadfleet%3A gate not met::mean("a,b") < 5ms: no label "a,b" in the \
                results

                """)
        let summary = try scene.read("summary.md")
        #expect(summary.hasPrefix("what was there\n### loadfleet\n\n| Label | Samples |"))
        #expect(summary.contains("**Verdict: failed**"))
    }

    @Test func `of many errors ten are shown, the last of which counts the rest`() async throws {
        let gates = (0..<25).flatMap { ["--gate", "max < \($0 + 1)ms"] }
        let outcome = await (try scene()).run(
            ["report", "some.jtl"] + gates, variables: Self.actions)
        let lines = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("::error") }
        #expect(lines.count == 10)
        #expect(lines.last?.hasSuffix("::and 16 more; see the log") == true)
    }

    @Test func `a passed run is a notice`() async throws {
        let outcome = await (try scene()).run(
            "report", "some.jtl", "--gate", "max < 1s", variables: Self.actions)
        #expect(outcome.errors == "::notice title=loadfleet::passed: 1 gate met\n")
    }

    @Test func `text can't begin a command or a line`() {
        #expect(ActionsReport.escaped("100%\n::error::x\r") == "100%25%0A::error::x%0D")
        #expect(ActionsReport.escaped("a:b,c", isProperty: true) == "a%3Ab%2Cc")
        #expect(ActionsReport.escaped("\u{1B}[31m") == "\\u{1B}[31m")
    }

    @Test func `a summary beyond the limit is not made longer`() async throws {
        let scene = try scene()
        let full = String(repeating: "x", count: 1024 * 1024 - 100)
        try scene.write("summary.md", full)
        let outcome = await scene.run("report", "some.jtl", variables: step(in: scene))
        #expect(outcome.status == .done)
        #expect(try scene.read("summary.md") == full)
    }
}
