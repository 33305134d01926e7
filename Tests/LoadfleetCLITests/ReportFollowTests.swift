// `report --follow` and `report` of XML: from files, growing or not, to reports and statuses.
import FoundationEssentials
import Glibc
import Testing

@testable import LoadfleetCLI

struct ReportFollowTests {
    private let header = "timeStamp,elapsed,label,success\n"

    /// A command that follows, and a writer that acts on the file once it has been read.
    private func follow(
        _ scene: Scene, _ options: String..., act: @escaping @Sendable () throws -> Void
    ) async throws -> Scene.Outcome {
        let errors = MemorySink()
        async let outcome = scene.run(
            ["report", "--follow", "--until-idle", "2s", "some.jtl"] + options, errors: errors)
        let deadline = ContinuousClock.now + .seconds(60)
        while !errors.text.contains("samples") {
            try #require(ContinuousClock.now < deadline, "nothing was read")
            try await Task.sleep(for: .milliseconds(10))
        }
        try act()
        return await outcome
    }

    @Test func `what is added meanwhile is read, a line in two pieces too`() async throws {
        let scene = try Scene()
        try scene.write("some.jtl", header + "0,10,a,true\n1000,3")
        let outcome = try await follow(scene, "-o", "csv") {
            try scene.append("some.jtl", "0,a,false\n2000,5,b,true\n")
        }
        #expect(outcome.status == .done)
        #expect(outcome.output.contains("\r\nTotal,total,3,"))
        #expect(outcome.errors.contains("samples"))
        #expect(!outcome.errors.contains("could not be used"))
    }

    @Test func `a file of a few bytes waits until it is known what it is`() async throws {
        let scene = try Scene()
        try scene.write("other.jtl", header + "0,10,a,true\n")
        let file = URL(filePath: scene.folder + "/some.jtl")
        try Data([0x1F]).write(to: file)
        let outcome = try await follow(scene, "other.jtl") {
            try Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]).write(to: file)
        }
        #expect(outcome.status == .wrongInput)
        #expect(outcome.errors.contains("some.jtl can't be followed: it is compressed"))
    }

    @Test func `a last line that stays cut is accounted for, and gates are judged`() async throws {
        let scene = try Scene()
        try scene.write("some.jtl", header + "0,10,a,true\n1000,3")
        let outcome = try await follow(scene, "--gate", "max < 5ms") {}
        #expect(outcome.status == .gateNotMet)
        #expect(outcome.errors.contains("some.jtl:3 (cut last line)"))
    }

    @Test func `a file that is written anew makes the verdict invalid`() async throws {
        let scene = try Scene()
        try scene.write("some.jtl", header + "0,10,a,true\n1000,30,a,true\n")
        let outcome = try await follow(scene) {
            try scene.truncate("some.jtl", to: 5)
        }
        #expect(outcome.status == .invalid)
        #expect(outcome.lines.last?.contains("some.jtl shrank from") == true)
    }

    @Test func `a file that is moved away counts as it was`() async throws {
        let scene = try Scene()
        try scene.write("some.jtl", header + "0,10,a,true\n")
        let outcome = try await follow(scene) {
            try scene.move("some.jtl", to: "old.jtl")
        }
        #expect(outcome.status == .done)
        #expect(outcome.errors.contains("warning: some.jtl was moved or deleted"))
    }

    @Test(arguments: [
        ["--follow", "-"], ["--follow", "some.jtl", "--trim", "1s"], ["--follow", "none.jtl"],
        ["--follow", "some.jtl", "--window", "5"], ["--until-idle", "1s", "some.jtl"],
        ["--follow", "some.jtl", "--intervals", "a.lfi"], ["--follow", "seconds.lfi"],
        ["--follow", "packed.jtl"], ["--follow", "/dev/null"],
        ["--follow", "some.jtl", "--until-idle", "soon"],
    ])
    func `what can't be followed is wrong input`(arguments: [String]) async throws {
        let scene = try Scene()
        try scene.write("some.jtl", header + "0,10,a,true\n")
        try Data([0x1F, 0x8B, 8, 0, 0]).write(to: URL(filePath: scene.folder + "/packed.jtl"))
        #expect(
            await scene.run("report", "some.jtl", "--intervals", "seconds.lfi").status == .done)
        let outcome = await scene.run(["report"] + arguments)
        #expect(outcome.status == .wrongInput, "\(outcome.errors)")
        #expect(outcome.errors.contains("error: "))
    }

    @Test func `XML is read, and what is cut of it is said`() async throws {
        let scene = try Scene()
        let sample = #"<sample t="10" ts="0" s="true" lb="a&#x1;" rc="200" rm="OK" by="1"/>"#
        try scene.write("run.jtl", "<?xml version=\"1.0\"?>\n<testResults>\n\(sample)\n<sample t=")
        let outcome = await scene.run("report", "run.jtl", "-o", "csv")
        #expect(outcome.status == .done)
        #expect(outcome.output.contains("\r\nTotal,total,1,"))
        #expect(outcome.errors.contains("run.jtl:4 (cut last line)"))
    }
}

extension Scene {
    private func open(_ name: String, _ flags: Int32, _ body: (Int32) -> Bool) throws {
        let descriptor = Glibc.open("\(folder)/\(name)", flags | O_CLOEXEC)
        defer { close(descriptor) }
        try #require(descriptor >= 0 && body(descriptor))
    }

    /// Adds to the end of a file.
    fileprivate func append(_ name: String, _ text: String) throws {
        let bytes = Array(text.utf8)
        try open(name, O_WRONLY | O_APPEND) { Glibc.write($0, bytes, bytes.count) == bytes.count }
    }

    fileprivate func truncate(_ name: String, to size: Int) throws {
        try open(name, O_WRONLY) { ftruncate($0, size) == 0 }
    }

    fileprivate func move(_ name: String, to other: String) throws {
        try #require(rename("\(folder)/\(name)", "\(folder)/\(other)") == 0)
    }
}
