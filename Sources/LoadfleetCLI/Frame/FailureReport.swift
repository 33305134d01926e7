// The last words of a command that did not end well: `error:` and `hint:` on stderr, or the help
// that was asked for on stdout.
import ArgumentParser
import Units

/// Tells a person why a command ended, and the shell with which status.
struct FailureReport {
    private let error: any Error
    private let arguments: [String]
    private let advice: Advice

    init(_ error: any Error, arguments: [String], _ advice: Advice) {
        self.error = error
        self.arguments = arguments
        self.advice = advice
    }

    /// Prints the report and returns the exit status.
    func show(in context: Context) -> ExitStatus {
        if case SinkError.closed = error { return .done }
        if error is CancellationError { return .interrupted }
        if let error = error as? any UserFacing {
            let hint = error.hint.map(advice.complete)
            return tell(error.message, hint: hint, status: error.exitStatus, in: context)
        }
        // Help, version and completion scripts arrive as "errors" that mean success.
        if Loadfleet.exitCode(for: error) == .success {
            do throws(SinkError) {
                try context.standardOutput.write(Loadfleet.fullMessage(for: error) + "\n")
                return .done
            } catch {
                return FailureReport(error, arguments: arguments, advice).show(in: context)
            }
        }
        guard Loadfleet.exitCode(for: error) == .validationFailure else {
            return tell("\(error)", hint: nil, status: .failed, in: context)
        }
        let hint = unknownCommandHint ?? "see '\(commandName) --help'"
        return tell(Loadfleet.message(for: error), hint: hint, status: .wrongInput, in: context)
    }

    private func tell(
        _ message: String, hint: String?, status: ExitStatus, in context: Context
    ) -> ExitStatus {
        let color = context.terminal.colorsError && !arguments.contains("--no-color")
        var text = Emphasis.red("error:", on: color) + " \(message)\n"
        if let hint { text += Emphasis.bold("hint:", on: color) + " \(hint)\n" }
        // Without a reader of stderr the status still tells.
        try? context.standardError.write(text)
        return status
    }

    /// `loadfleet` and as many of the arguments as name commands.
    private var commandName: String { (["loadfleet"] + named.words).joined(separator: " ") }

    /// What was probably meant, when a word stands where a command should.
    private var unknownCommandHint: String? {
        let (words, command) = named
        let commands = command.configuration.subcommands.filter { $0.configuration.shouldDisplay }
        guard !commands.isEmpty, words.count < arguments.count,
            let near = Suggestion.nearest(
                to: arguments[words.count], in: commands.map { $0._commandName })
        else { return nil }
        return "did you mean '\(commandName) \(near)'?"
    }

    /// The arguments that name commands, and the last command so named.
    private var named: (words: [String], command: any ParsableCommand.Type) {
        var words: [String] = []
        var command: any ParsableCommand.Type = Loadfleet.self
        for argument in arguments {
            let next = command.configuration.subcommands.first { $0._commandName == argument }
            guard let next else { break }
            words.append(argument)
            command = next
        }
        return (words, command)
    }
}
