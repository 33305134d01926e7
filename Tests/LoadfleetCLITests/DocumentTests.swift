// What is shipped beside the program agrees with it: the manuals, the example environments, and
// the folder that `init` makes.
import FoundationEssentials
import Testing

@testable import LoadfleetCLI

struct DocumentTests {
    /// The checkout this test was compiled from.
    private let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    private func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: "\(root)/\(name)")), as: UTF8.self)
    }

    @Test(arguments: [
        ("docs/commands.md", ["reference"]), ("docs/environment.md", ["config", "reference"]),
    ])
    func `manuals are what the program prints`(file: String, arguments: [String]) async throws {
        let output = MemorySink()
        let context = Context(
            directory: root, standardOutput: output, standardError: MemorySink())
        #expect(await Loadfleet.run(arguments, in: context) == .done)
        let isFresh = try text(file) == output.text
        #expect(isFresh, "\(file) is stale: run 'make docs'")
    }

    @Test(arguments: ["local.yaml", "aws.yaml"])
    func `example environments are valid, without what is commented out too`(
        name: String
    ) async throws {
        let scene = try Scene()
        let text = try text("environments/\(name)")
        try scene.write("e.yaml", text)
        #expect(await scene.run("config", "validate", "e.yaml").status == .done)
        guard name == "aws.yaml" else { return }
        // Every commented key but the one that excludes 'instance-types' must be right as well.
        let lines = text.split(separator: "\n").filter { !$0.contains("# requirements:") }.map {
            line in
            guard let match = line.wholeMatch(of: /( *)# ( *(?:[a-z0-9.-]+:|- ).*)/) else {
                return String(line)
            }
            return String(match.1 + match.2)
        }
        try scene.write("all.yaml", lines.joined(separator: "\n"))
        let outcome = await scene.run("config", "validate", "all.yaml")
        #expect(outcome.status == .done, "\(outcome.errors)")
        let keys = await scene.run("config", "show", "-e", "all.yaml")
        for key in ["ec2.bucket", "ec2.subnets", "run.gates", "run.properties.host"] {
            #expect(keys.output.contains(key))
        }
    }

    @Test func `init makes a valid folder and never overwrites`() async throws {
        let scene = try Scene()
        try scene.write("shop/.gitignore", "*.log")
        try scene.write("shop/data/users.csv", "mine\n")
        let outcome = await scene.run("init", "shop")
        #expect(outcome.status == .done)
        #expect(
            outcome.output == """
                made    loadfleet.yaml: the environment
                made    plan.jmx: a small plan
                kept    data/users.csv: it exists
                made    .gitignore: results stay out of git

                """)
        #expect(outcome.errors == "next: cd shop && loadfleet doctor\n")
        #expect(try scene.read("shop/data/users.csv") == "mine\n")
        #expect(try scene.read("shop/.gitignore") == "*.log\nresults/\n")
        let valid = await scene.run("config", "validate", "shop/loadfleet.yaml")
        #expect(valid.output.contains("valid, fleet 'first'"))
        let before = try scene.files.filter { $0.contains(".") }.map(scene.read)
        let again = await scene.run("init", "shop", "--json")
        #expect(again.output == #"{"schema":"1.0","made":[]}"# + "\n")
        #expect(try scene.files.filter { $0.contains(".") }.map(scene.read) == before)
    }

    @Test func `init into a file is wrong input and leaves nothing`() async throws {
        let scene = try Scene()
        try scene.write("taken", "")
        let outcome = await scene.run("init", "taken")
        #expect(outcome.status == .wrongInput)
        #expect(outcome.errors.hasPrefix("error: taken/loadfleet.yaml can't be written\nhint: "))
        #expect(scene.files == ["taken"])
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `completions know the commands`(shell: String) async throws {
        let outcome = await (try Scene()).run("completion", shell)
        #expect(outcome.status == .done)
        #expect(outcome.output.contains("validate"))
    }
}
