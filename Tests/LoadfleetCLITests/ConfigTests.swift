// `config show` and `config validate`: what people and scripts read.
import Testing

@testable import LoadfleetCLI

struct ConfigTests {
    @Test func `show prints each value with its origin`() async throws {
        let scene = try Scene()
        try scene.write("loadfleet.yaml", "workers: 3\nrun: {properties: {db.password: geheim}}\n")
        let outcome = await scene.run(
            "config", "show", "--origin", "--lease", "3h",
            variables: ["LOADFLEET_MODE": "remote"])
        #expect(outcome.status == .done)
        let rows = outcome.lines.map { $0.split(separator: " ").map { String($0) } }
        #expect(rows.contains(["workers", "3", "loadfleet.yaml:1:10"]))
        #expect(rows.contains(["lease", "3h", "--lease"]))
        #expect(rows.contains(["mode", "remote", "LOADFLEET_MODE"]))
        #expect(rows.contains(["run.max-loss", "0%", "default"]))
        #expect(rows.contains(["run.properties.db.password", "********", "loadfleet.yaml:2:33"]))
        #expect(!outcome.output.contains("geheim"))
    }

    @Test func `show prints JSON without secrets`() async throws {
        let scene = try Scene()
        let outcome = await scene.run(
            "config", "show", "--json", "-Jtoken=geheim", "--gate", "p95(\"a\") < 1s")
        #expect(outcome.lines.count == 1)
        #expect(outcome.output.hasPrefix(#"{"schema":"1.0","settings":[{"key":"name""#))
        #expect(
            outcome.output.contains(
                #"{"key":"run.gates","value":["p95(\"a\") < 1s"],"origin":"--gate"}"#))
        #expect(!outcome.output.contains("geheim"))
    }

    @Test func `an unknown variable is said on standard error`() async throws {
        let outcome = await (try Scene()).run(
            "config", "show", variables: ["LOADFLEET_WROKERS": "3"])
        #expect(outcome.status == .done)
        #expect(outcome.errors.hasPrefix("warning: the variable LOADFLEET_WROKERS"))
    }

    @Test func `validate checks files by themselves`() async throws {
        let scene = try Scene()
        try scene.write("good.yaml", "name: shop\nworkers: 3\n")
        try scene.write("bad.yaml", "wrokers: 3\n")
        let good = await scene.run(
            "config", "validate", "good.yaml", variables: ["LOADFLEET_WORKERS": "none"])
        #expect(good.output == "good.yaml: valid, fleet 'shop', local, 3 workers\n")
        let bad = await scene.run("config", "validate", "good.yaml", "bad.yaml")
        #expect(bad.status == .wrongInput)
        #expect(
            bad.errors == """
                error: bad.yaml:1:1: wrokers: there is no such key
                hint: did you mean 'workers'?

                """)
    }

    @Test func `a wrong gate is reported with its line or flag`() async throws {
        let scene = try Scene()
        try scene.write("e.yaml", "run:\n  gates:\n    - errors < 1%\n    - p95 ~ 5ms\n")
        let file = await scene.run("config", "validate", "e.yaml")
        #expect(file.status == .wrongInput)
        #expect(file.errors.hasPrefix("error: e.yaml:4:7: run.gates: gate 'p95 ~ 5ms': "))
        let flag = await scene.run("config", "show", "--gate", "latency < 1s")
        #expect(flag.status == .wrongInput)
        #expect(flag.errors.hasPrefix("error: --gate: run.gates: gate 'latency < 1s': "))
    }
}
