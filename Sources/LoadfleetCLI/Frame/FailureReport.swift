// The last words of a command that did not end well: `error:` and `hint:` on stderr, or the help
// that was asked for on stdout.
import ArgumentParser

/// Tells a person why a command ended, and the shell with which status.
struct FailureReport {
    private let error: any Error
    private let arguments: [String]

    init(_ error: any Error, arguments: [String]) {
        self.error = error
        self.arguments = arguments
    }

    /// Prints the report and returns the exit status.
    func show(in context: Context) -> ExitStatus {
        if case SinkError.closed = error { return .done }
        if error is CancellationError { return .interrupted }
        if let error = error as? any UserFacing {
            return tell(error.message, hint: error.hint, status: error.exitStatus, in: context)
        }
        // Help, version and completion scripts arrive as "errors" that mean success.
        if Loadfleet.exitCode(for: error) == .success {
            do throws(SinkError) {
                try context.standardOutput.write(Loadfleet.fullMessage(for: error) + "\n")
                return .done
            } catch {
                return FailureReport(error, arguments: arguments).show(in: context)
            }
        }
        guard Loadfleet.exitCode(for: error) == .validationFailure else {
            return tell("\(error)", hint: nil, status: .failed, in: context)
        }
        let hint = "see '\(commandName) --help'"
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
    private var commandName: String {
        var names = ["loadfleet"]
        var command: any ParsableCommand.Type = Loadfleet.self
        for argument in arguments {
            let next = command.configuration.subcommands.first { $0._commandName == argument }
            guard let next else { break }
            names.append(argument)
            command = next
        }
        return names.joined(separator: " ")
    }
}
