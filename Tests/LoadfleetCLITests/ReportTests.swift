// `report`: from files to reports and exit statuses.
import FoundationEssentials
import Glibc
import Testing

@testable import LoadfleetCLI

struct ReportTests {
    private let some = """
        timeStamp,elapsed,label,success
        0,10,a,true
        1000,30,a,false

        """

    private func scene() throws -> Scene {
        let scene = try Scene()
        try scene.write("some.jtl", some)
        return scene
    }

    @Test func `a table ends with the verdict`() async throws {
        let outcome = await (try scene()).run("report", "some.jtl")
        #expect(outcome.status == .done)
        #expect(outcome.lines.first?.hasPrefix("Label") == true)
        #expect(outcome.lines.last == "Verdict: passed")
        #expect(outcome.errors == "")
    }

    @Test(arguments: [
        ("max < 1s", Status.done), ("errors < 1%", .gateNotMet), ("mean(nobody) < 1s", .gateNotMet),
        ("max < 1 apple", .wrongInput),
    ])
    func `a gate decides the exit status`(gate: String, status: Status) async throws {
        let outcome = await (try scene()).run("report", "some.jtl", "--gate", gate)
        #expect(outcome.status == status)
    }

    @Test func `files are added up, and those beside them left alone`() async throws {
        let scene = try scene()
        try scene.write("some-1.jtl", some)
        let one = await scene.run("report", "some.jtl", "-o", "csv")
        #expect(one.output.contains("\r\nTotal,total,2,"))
        #expect(one.output.utf8.reversed().starts(with: "\n\r".utf8))
        let two = await scene.run("report", "some.jtl", "some-1.jtl", "-o", "csv")
        #expect(two.output.contains("\r\nTotal,total,4,"))
    }

    @Test func `several reports go to stdout and to files`() async throws {
        let scene = try scene()
        let outcome = await scene.run(
            "report", "some.jtl", "-o", "statistics=out.json", "-o", "markdown")
        #expect(outcome.lines.first?.hasPrefix("| Label |") == true)
        #expect(
            try scene.read("out.json").hasPrefix("{\n  \"a\" : {\n    \"transaction\" : \"a\","))
    }

    @Test func `JSON is one document with a version`() async throws {
        let outcome = await (try scene()).run("report", "some.jtl", "--json")
        #expect(outcome.lines.count == 1)
        #expect(outcome.output.hasPrefix(#"{"schema":"1.0","summary":{"failures":["#))
    }

    @Test func `lines that cannot be used are said on stderr, and are fatal with --strict`()
        async throws
    {
        let scene = try scene()
        try scene.write("cut.jtl", some + "\n2000,7")
        let outcome = await scene.run("report", "cut.jtl")
        #expect(outcome.status == .done)
        #expect(
            outcome.errors == """
                warning: 2 lines could not be used: cut.jtl:4 (blank line), \
                cut.jtl:5 (cut last line)

                """)
        #expect(await scene.run("report", "cut.jtl", "--strict").status == .invalid)
        #expect(await scene.run("report", "some.jtl", "--strict").status == .done)
    }

    @Test(arguments: ["", "timeStamp,elapsed,label,success\n"])
    func `no samples make the verdict invalid`(text: String) async throws {
        let scene = try Scene()
        try scene.write("empty.jtl", text)
        let outcome = await scene.run("report", "empty.jtl")
        #expect(outcome.status == .invalid)
        #expect(outcome.lines.last == "Verdict: invalid: there are no samples")
    }

    @Test(arguments: [
        ("<html>\n", "it begins like XML"), ("\u{0}\u{1}\u{2}\n", "binary data"),
        ("some prose\n", "neither a header nor a sample"), ("elapsed,label\n", "no column success"),
    ])
    func `a file that is no JTL is one clear error`(text: String, problem: String) async throws {
        let scene = try Scene()
        try scene.write("odd.jtl", text)
        let outcome = await scene.run("report", "odd.jtl", "-o", "csv=out.csv")
        #expect(outcome.status == .wrongInput)
        #expect(outcome.errors.hasPrefix("error: odd.jtl"))
        #expect(outcome.errors.contains(problem))
        #expect(outcome.errors.contains("\nhint: "))
        #expect(outcome.output == "")
        #expect(scene.files == ["odd.jtl"])
    }

    @Test(arguments: [
        ["report", "none.jtl"], ["report", "/"], ["report", "some.jtl", "--window", "0"],
        ["report", "some.jtl", "--delimiter", "ab"], ["report", "some.jtl", "-o", "pdf"],
        ["report", "some.jtl", "--timestamp-format", "EEE"], ["report"],
        ["report", "some.jtl", "--timestamp-format", "yyyy", "--utc-offset", "nine"],
        ["report", "some.jtl", "--percentile", "best"], ["report", ""],
        ["report", "some.jtl", "-o", "json=some.jtl"],
        ["report", "some.jtl", "--intervals", "some.jtl"],
        ["report", "some.jtl", "-o", "json=out", "-o", "csv=out"],
        ["report", "some.jtl", "-o", "csv=-"], ["report", "some.jtl", "--intervals", "-"],
        ["report", "some.jtl", "-o", "csv=out/"], ["report", "some.jtl", "--intervals", "out/"],
    ])
    func `wrong input is status 2`(arguments: [String]) async throws {
        let scene = try scene()
        let outcome = await scene.run(arguments)
        #expect(outcome.status == .wrongInput)
        #expect(outcome.errors.hasPrefix("error: "))
    }

    @Test(arguments: ["2", "+2", "+:30", "+02:", "+02:5", "+02:+5", "+020", "+18:01", "-02:60"])
    func `an offset from UTC is written in full`(offset: String) async throws {
        let outcome = try await scene().run(
            "report", "some.jtl", "--timestamp-format", "yyyy", "--utc-offset=\(offset)")
        #expect(outcome.status == .wrongInput)
        #expect(outcome.errors.contains("'\(offset)'"))
    }

    @Test(arguments: [["-o", "csv=none/out.csv"], ["--intervals", "none/out.lfi"]])
    func `what can't be written is status 1, before anything is read`(
        options: [String]
    ) async throws {
        let scene = try Scene()
        try scene.write("odd.jtl", "no results\n")
        let outcome = await scene.run(["report", "odd.jtl"] + options)
        #expect(outcome.status == .failed)
        #expect(outcome.errors.hasPrefix("error: cannot write none/out."))
        #expect(scene.files == ["odd.jtl"])
    }

    @Test func `what can be read only once can't be trimmed`() async throws {
        let scene = try scene()
        try #require(mkfifo(scene.folder + "/pipe", 0o600) == 0)
        let outcome = await scene.run("report", "some.jtl", "pipe", "--trim", "5s")
        #expect(outcome.status == .wrongInput)
        #expect(outcome.errors.hasPrefix("error: pipe can't be trimmed\nhint: "))
    }

    @Test func `trimming keeps to the other limits, and to the whole time`() async throws {
        let scene = try Scene()
        let rows = "0,1000,A,true\n10000,60000,B,true\n40000,7,C,true\n200000,10,D,true\n"
        try scene.write("a.jtl", "timeStamp,elapsed,label,success\n" + rows)
        let until = await scene.run("report", "a.jtl", "--to", "20000", "--trim", "5s", "-o", "csv")
        #expect(until.output.contains("\r\nB,"))
        #expect(!until.output.contains("\r\nC,") && !until.output.contains("\r\nA,"))
        let label = await scene.run(
            "report", "a.jtl", "--label", "C", "--trim", "30s", "-o", "csv")
        #expect(label.status == .done)
        #expect(label.output.contains("\r\nC,"))
    }

    @Test func `a link stays a link, and patterns work in folders with odd names`() async throws {
        let scene = try self.scene()
        let folder = scene.folder
        try FileManager.default.createSymbolicLink(
            atPath: folder + "/link", withDestinationPath: folder + "/real")
        #expect(await scene.run("report", "some.jtl", "-o", "json=link").status == .done)
        #expect(FileManager.default.fileExists(atPath: folder + "/real"))
        let link = try FileManager.default.attributesOfItem(atPath: folder + "/link")
        #expect(link[.type] as? FileAttributeType == .typeSymbolicLink)
        let inside = try Scene(ending: "we[i]d")
        try inside.write("a.jtl", "timeStamp,elapsed,label,success\n0,10,A,true\n")
        #expect(await inside.run("report", "*.jtl").status == .done)
    }
}
