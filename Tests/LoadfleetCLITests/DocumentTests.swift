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

/// What a new user of AWS types, as docs/aws.md says.
struct AWSGuideTests {
    private let text: String

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        text = String(
            decoding: try Data(contentsOf: root.appending(path: "docs/aws.md")), as: UTF8.self)
    }

    /// The blocks of code of one language.
    private func blocks(_ language: String) -> [Substring] {
        let parts = text.split(separator: "\n```", omittingEmptySubsequences: false)
        return parts.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
            .filter { $0.hasPrefix(language + "\n") }.map { $0.dropFirst(language.count + 1) }
    }

    @Test func `every command there is one of the program's, with these options`() async throws {
        let reference = try await Scene().run("reference").output
        let common = try #require(reference.split(separator: "\n## ").dropFirst().first)
        let inText = text.matches(of: /`(loadfleet [^`]*)`/).map { $0.1 }
        let inBlocks = blocks("sh").flatMap { $0.split(separator: "\n") }
        let commands = (inText + inBlocks).filter { $0.hasPrefix("loadfleet ") }
        #expect(commands.count > 15)
        for command in commands {
            let words = command.split(separator: " ")
            // The longest of its beginnings that is a command; the rest are arguments.
            let section = (2...words.count).reversed().lazy.compactMap { count in
                let name = words.prefix(count).joined(separator: " ")
                return reference.split(separator: "\n## ").first { $0.hasPrefix("`\(name)`\n") }
            }.first
            guard let section else {
                Issue.record("no command: \(command)")
                continue
            }
            for option in words where option.hasPrefix("-") {
                let name = option.hasPrefix("-J") ? "-J" : option
                #expect(
                    section.contains("`\(name)") || common.contains("`\(name)"), "\(command)")
            }
        }
        #expect(commands.contains { $0.hasPrefix("loadfleet bootstrap") })
    }

    @Test func `the environment there is valid`() async throws {
        let scene = try Scene()
        let environment = try #require(blocks("yaml").first)
        try scene.write("aws.yaml", String(environment) + "\n")
        let outcome = await scene.run("config", "validate", "aws.yaml")
        #expect(outcome.status == .done, "\(outcome.errors)")
    }
}
