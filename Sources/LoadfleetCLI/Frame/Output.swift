// What a command says, and where: data on stdout; progress, notes and warnings on stderr. With
// `--json`, stdout carries JSON only, the first line being the version of its schema.
import FoundationEssentials

/// The voice of one command.
package struct Output: Sendable {
    /// Whether data is printed as JSON.
    package let isJSON: Bool
    /// Whether notes are left out.
    package let isQuiet: Bool
    /// Whether details are printed too.
    package let isVerbose: Bool
    /// The terminal, with `--no-color` taken into account.
    package let terminal: Terminal
    private let standardOutput: any Sink
    private let standardError: any Sink
    private let now: @Sendable () -> Date

    init(context: Context, global: GlobalOptions) {
        isJSON = global.json
        isQuiet = global.quiet
        isVerbose = global.verbose
        var terminal = context.terminal
        if global.noColor { terminal.allowsColor = false }
        self.terminal = terminal
        standardOutput = context.standardOutput
        standardError = context.standardError
        now = context.now
    }

    /// What the command's clock shows.
    var date: Date { now() }

    /// Prints a line of data on stdout.
    package func print(_ line: String) throws(SinkError) { try standardOutput.write(line + "\n") }

    /// Prints a part of a longer text on stdout.
    package func print(part text: String) throws(SinkError) { try standardOutput.write(text) }

    /// Prints a value as one line of JSON on stdout, `schema` being its first member.
    package func print(document: JSON) throws(SinkError) {
        try print((["schema": .string(Self.schema)] as JSON).adding(document).line)
    }

    /// Says something on stderr, unless `--quiet`.
    package func note(_ line: String) { if !isQuiet { show(line + "\n") } }

    /// Says something on stderr with `--verbose` only.
    package func detail(_ line: String) { if isVerbose { show(line + "\n") } }

    /// Warns on stderr; `--quiet` does not silence it.
    package func warn(_ line: String) {
        show(Emphasis.yellow("warning:", on: terminal.colorsError) + " \(line)\n")
    }

    /// Writes text on stderr as it is: progress that is rewritten in place, a prompt.
    package func show(_ text: String) {
        // Without a reader of stderr there is nobody to tell.
        try? standardError.write(text)
    }

    /// Begins a stream of events as JSON Lines (https://jsonlines.org): writes the version line.
    package func events() throws(SinkError) -> EventWriter {
        let writer = EventWriter(sink: standardOutput, now: now)
        try writer.write(
            "version", ["schema": .string(Self.schema), "loadfleet": "\(Version.number)"])
        return writer
    }

    /// The version of all JSON that loadfleet prints; within a major version, members are only
    /// added.
    static let schema = "1.0"
}

/// Writes events as JSON Lines; the version line is written already.
package struct EventWriter: Sendable {
    fileprivate let sink: any Sink
    fileprivate let now: @Sendable () -> Date

    /// Writes one event, its `type` and `time` (RFC 3339, UTC, ms) before its other members.
    package func write(_ type: String, _ members: JSON = [:]) throws(SinkError) {
        let time = now().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        let head: JSON = ["type": .string(type), "time": .string(time)]
        try sink.write(head.adding(members).line + "\n")
    }
}
