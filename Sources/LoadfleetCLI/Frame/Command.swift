// What every command of loadfleet looks like: parsed by ArgumentParser, run with an invocation
// that holds its surroundings, ended with an exit status.
package import ArgumentParser
package import Fleet

/// A command that does something, as opposed to one that only groups others.
package protocol Command: AsyncParsableCommand {
    /// The options common to all commands; declare it as `@OptionGroup var global: GlobalOptions`.
    var global: GlobalOptions { get }

    /// Does the work and says how it ended.
    ///
    /// - Throws: An error of any room; `Failures.swift` knows its message, hint and exit status.
    mutating func run(in invocation: Invocation) async throws -> ExitStatus
}

/// One command line at work: its surroundings, its common options and its voice.
package struct Invocation: Sendable {
    /// The surroundings.
    package let context: Context
    /// What stdout and stderr get to hear.
    package let output: Output
    /// The environment file named with `--config`, as given.
    package let config: String?
    /// Completes commands that a person is told to type.
    let advice: Advice
    /// Whether every question is answered with yes.
    package let assumesYes: Bool
    /// Whether questions are forbidden.
    package let forbidsQuestions: Bool
    /// How long the command may wait in all; `nil` leaves it to each wait's own deadline.
    package let timeout: Duration?

    /// An invocation of a command with its common options.
    package init(context: Context, global: GlobalOptions) {
        self.context = context
        output = Output(context: context, global: global)
        config = global.config
        advice = Advice(config: global.config)
        assumesYes = global.yes
        forbidsQuestions = global.noInput
        timeout = global.timeout
    }

    /// The effective settings: `flags` over variables over files over defaults.
    ///
    /// - Throws: ``EnvironmentError`` for the first mistake, with its place.
    package func settings(flags: [SettingFlag] = []) throws(EnvironmentError) -> Settings {
        let settings = try Settings.resolve(
            SettingSources(
                flags: flags, variables: context.variables, file: config,
                directory: context.directory))
        settings.warnings.forEach(output.warn)
        try GateCheck.check(settings)
        return settings
    }

    /// Asks a yes-or-no question on the terminal; anything but yes is no.
    ///
    /// - Throws: ``UsageFailure`` when there is nobody to ask and no `--yes`.
    package func confirm(_ question: String) throws(UsageFailure) -> Bool {
        if assumesYes { return true }
        guard context.terminal.isInputTerminal, !forbidsQuestions else {
            throw UsageFailure(
                message: "'\(question)' needs an answer and there is no terminal to ask on",
                hint: "add --yes to go ahead without asking")
        }
        output.show("\(question) [y/N] ")
        let answer = context.readLine()?.lowercased() ?? ""
        return answer == "y" || answer == "yes"
    }
}
