// The frame: exit statuses, error and hint lines, streams, color, questions.
import FoundationEssentials
import Testing
import Units

@testable import LoadfleetCLI

struct UsageTests {
    /// Arguments, what the message says, what the hint says.
    private static let wrong: [([String], String, String?)] = [
        (["--nope"], "Unknown option '--nope'", "see 'loadfleet --help'"),
        (
            ["config", "show", "--wrokers", "3"], "Unknown option '--wrokers'",
            "'loadfleet config show --help'"
        ),
        (["confg"], "Unexpected argument 'confg'", "did you mean 'loadfleet config'?"),
        (["config", "sow"], "Unexpected argument 'sow'", "did you mean 'loadfleet config show'?"),
        (["config", "nope"], "Unexpected argument 'nope'", "'loadfleet config --help'"),
        (
            ["config", "validate"], "Missing expected argument",
            "'loadfleet config validate --help'"
        ),
        (["config", "show", "--timeout", "30"], "the unit is missing", "--help"),
        (
            ["config", "show", "-e", "nope.yaml"], "nope.yaml: there is no such environment file",
            "init"
        ),
        (["config", "show", "-e", "."], "this is a folder", "name the file"),
        (["config", "show", "--workers", "0"], "--workers: workers: expected a whole number", nil),
    ]

    @Test(arguments: wrong)
    func `wrong usage is one line, a hint and code 2`(
        arguments: [String], message: String, hint: String?
    ) async throws {
        let scene = try Scene()
        let errors = MemorySink()
        let context = Context(
            directory: scene.folder, standardOutput: MemorySink(), standardError: errors)
        let status = await Loadfleet.run(arguments, in: context)
        #expect(status == .wrongInput)
        let lines = errors.text.split(separator: "\n")
        #expect(lines.first?.hasPrefix("error: ") == true)
        #expect(lines.first?.contains(message) == true, "\(errors.text)")
        if let hint {
            #expect(lines.last?.hasPrefix("hint: ") == true)
            #expect(lines.last?.contains(hint) == true, "\(errors.text)")
        }
        #expect(lines.count <= 2, "\(errors.text)")
        #expect(scene.files.isEmpty)
    }

    @Test func `help and version go to standard output`() async throws {
        let scene = try Scene()
        let version = await scene.run("--version")
        #expect(version.output == "\(Version.text)\n")
        let help = await scene.run("config", "show", "--help")
        #expect(help.status == .done)
        #expect(help.output.contains("--origin"))
        #expect(help.errors.isEmpty)
        let bare = await scene.run()
        #expect(bare.status == .done)
        #expect(bare.output.contains("SUBCOMMANDS") || bare.output.contains("OPTIONS"))
    }

    @Test func `a property may be joined to -J as in JMeter`() async throws {
        let outcome = await (try Scene()).run("config", "show", "-Jthreads=4", "-J", "b=c=d")
        #expect(outcome.output.contains("run.properties.threads"))
        #expect(outcome.output.contains("c=d"))
        #expect(JoinedProperties.split(["-Ja=b", "--", "-Ja=b"]) == ["-J", "a=b", "--", "-Ja=b"])
    }
}

struct StreamTests {
    private struct BrokenSink: Sink {
        let error: SinkError
        func write(_ text: String) throws(SinkError) { throw error }
    }

    private func outcome(_ error: SinkError, _ arguments: [String]) async -> (Status, String) {
        let errors = MemorySink()
        let context = Context(
            variables: ["HOME": "/"], directory: "/", standardOutput: BrokenSink(error: error),
            standardError: errors)
        return (await Loadfleet.run(arguments, in: context), errors.text)
    }

    @Test(arguments: [["config", "show"], ["--help"], ["config", "show", "--json"]])
    func `a reader that has gone is success, without a word`(arguments: [String]) async {
        let (status, errors) = await outcome(.closed, arguments)
        #expect(status == .done)
        #expect(errors.isEmpty)
    }

    @Test(arguments: [["config", "show"], ["--help"]])
    func `a full disk is a failure`(arguments: [String]) async {
        let (status, errors) = await outcome(.refused(errno: 28), arguments)
        #expect(status == .failed)
        #expect(errors.contains("can't be written"))
    }

    @Test func `color needs a terminal, and no one against it`() async throws {
        let scene = try Scene()
        let terminal = Terminal(isOutputTerminal: true, isErrorTerminal: true, allowsColor: true)
        let colored = await scene.run("config", "show", "--workers", "0", terminal: terminal)
        #expect(colored.errors.contains("\u{1B}[31merror:\u{1B}[0m"))
        let plain = await scene.run(
            "config", "show", "--workers", "0", "--no-color", terminal: terminal)
        #expect(!plain.errors.contains("\u{1B}"))
        let show = await scene.run("config", "show", "--origin", "--no-color", terminal: terminal)
        #expect(!show.output.contains("\u{1B}"))
        #expect(!Terminal.current(variables: ["NO_COLOR": "1"]).allowsColor)
        #expect(!Terminal.current(variables: ["TERM": "dumb"]).allowsColor)
        #expect(Terminal.current(variables: ["NO_COLOR": "", "TERM": "xterm"]).allowsColor)
        #expect(Terminal.current(variables: ["COLUMNS": "132"]).width == 132)
    }

    @Test func `events begin with the version line`() throws {
        let sink = MemorySink()
        let context = Context(
            directory: "/", standardOutput: sink, standardError: MemorySink(),
            now: { Date(timeIntervalSince1970: 1_800_000_000.5) })
        let output = Output(context: context, global: try GlobalOptions.reading([]))
        let events = try output.events()
        try events.write("progress", ["ready": 2, "wanted": 3, "share": .double(.nan)])
        #expect(
            sink.text == """
                {"type":"version","time":"2027-01-15T08:00:00.500Z","schema":"1.0","loadfleet":"0.1.0"}
                {"type":"progress","time":"2027-01-15T08:00:00.500Z","ready":2,"wanted":3,"share":null}

                """)
    }

    private static let values: [(JSON, String)] = [
        (JSON.string("a\"b\\c\n\t\u{1}\u{2028}é"), #""a\"b\\c\n\t\u0001\u2028é""#),
        (.array([.null, .bool(true), .int(.max)]), "[null,true,9223372036854775807]"),
        (.double(.infinity), "null"), (["z": 1, "a": [:]], #"{"z":1,"a":{}}"#),
    ]

    @Test(arguments: values)
    func `JSON is ordered and always valid`(value: JSON, text: String) {
        #expect(value.line == text)
    }
}

struct QuestionTests {
    private func invocation(
        yes: Bool = false, terminal: Bool, answer: String?
    ) throws -> Invocation {
        let context = Context(
            directory: "/", terminal: Terminal(isInputTerminal: terminal),
            standardOutput: MemorySink(), standardError: MemorySink(), readLine: { answer })
        return Invocation(
            context: context, global: try GlobalOptions.reading(yes ? ["--yes"] : []))
    }

    @Test func `only yes is yes`() throws {
        for answer in ["y", "Y", "yes"] {
            #expect(try invocation(terminal: true, answer: answer).confirm("Go?"))
        }
        for answer in ["", "n", "yeah", nil] {
            #expect(try !invocation(terminal: true, answer: answer).confirm("Go?"))
        }
    }

    @Test func `without a terminal a question is wrong usage unless --yes`() throws {
        #expect(try invocation(yes: true, terminal: false, answer: nil).confirm("Go?"))
        let error = try #require(throws: UsageFailure.self) {
            try invocation(terminal: false, answer: "y").confirm("Go?")
        }
        #expect(error.exitStatus == .wrongInput)
        #expect(error.hint?.contains("--yes") == true)
    }
}

struct ExitStatusTests {
    @Test func `the gravest status wins`() {
        #expect(Status.gravest(of: []) == .done)
        #expect(Status.gravest(of: [.done, .gateNotMet]) == .gateNotMet)
        #expect(Status.gravest(of: [.gateNotMet, .invalid]) == .invalid)
        #expect(
            Status.gravest(of: [.interrupted, .gateNotMet, .resourcesRemain])
                == .resourcesRemain)
        #expect(Status.gravest(of: [.accessDenied, .rolledBack]) == .rolledBack)
    }

    @Test func `the published numbers stay`() {
        let numbers = Status.allCases.map(\.rawValue)
        #expect(numbers == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130, 143])
    }
}
