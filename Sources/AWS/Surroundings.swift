// The outside world as the AWS room sees it, HTTP apart. The room reads neither the process's
// environment nor the disk nor the clock by itself: whoever starts it hands them in, and a test
// hands in its own.

package import FoundationEssentials

/// Variables, files, programs and the clock.
package struct Surroundings: Sendable, Discreet {
    /// The environment's variables.
    package var variables: [String: String]
    /// Reads a whole file; `nil` when there is none, and an error that says why otherwise.
    package var readFile: @Sendable (_ path: String) throws -> [UInt8]?
    /// Runs a command line in a shell until it ends, for at most the given time.
    ///
    /// Throws when it cannot be started, and ``AccessError`` to say more than that.
    package var runCommand:
        @Sendable (_ command: String, _ limit: Duration) async throws -> CommandResult
    /// The time of day.
    package var now: @Sendable () -> Date
    /// Waits; throws when the task is cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void

    /// Surroundings; clock and waiting are the real ones unless others are given.
    package init(
        variables: [String: String],
        readFile: @escaping @Sendable (_ path: String) throws -> [UInt8]?,
        runCommand:
            @escaping @Sendable (_ command: String, _ limit: Duration) async throws ->
            CommandResult,
        now: @escaping @Sendable () -> Date = { Date() },
        sleep: @escaping @Sendable (Duration) async throws -> Void = {
            try await Task.sleep(for: $0)
        }
    ) {
        self.variables = variables
        self.readFile = readFile
        self.runCommand = runCommand
        self.now = now
        self.sleep = sleep
    }

    /// How many variables there are; they may hold secrets.
    package var description: String { "surroundings with \(variables.count) variables" }

    /// A variable; blank counts as absent, as it does for the AWS command line.
    func variable(_ name: String) -> String? {
        guard let value = variables[name]?.trimmed, !value.isEmpty else { return nil }
        return value
    }

    /// The user's home, for `~`.
    var home: String { variable("HOME") ?? "/" }

    /// A path with a leading `~/` resolved.
    func path(_ text: String) -> String {
        guard text.hasPrefix("~/") else { return text }
        return (home.hasSuffix("/") ? home : home + "/") + text.dropFirst(2)
    }

    /// A file's bytes, `nil` when there is none.
    ///
    /// - Throws: ``AccessError`` with the path when it cannot be read.
    func file(_ path: String) throws(AccessError) -> [UInt8]? {
        do {
            return try readFile(path)
        } catch {
            throw AccessError(
                .configuration, "cannot read \(path): \(error)", hint: "check its permissions")
        }
    }
}

/// What a command did.
package struct CommandResult: Sendable, Discreet {
    /// Whether it ended by itself with code 0.
    package let succeeded: Bool
    /// How it ended otherwise, as in `exited with code 1`.
    package let end: String
    /// Its standard output, which is not for people to see.
    package let output: [UInt8]
    /// What it said on standard error, which is.
    package let complaint: String

    /// The result of a command.
    package init(succeeded: Bool, end: String, output: [UInt8], complaint: String = "") {
        self.succeeded = succeeded
        self.end = end
        self.output = output
        self.complaint = complaint
    }

    /// How it ended.
    package var description: String { "a command that \(end)" }
}
