// The root command: the list of commands and the one place where a command line becomes an exit
// status. This room parses, calls one thing, and prints; it must never know how a fleet is made,
// what a sample is, or how JMeter is started.
package import ArgumentParser
import Glibc
import Machine

/// The `loadfleet` command.
package struct Loadfleet: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "loadfleet",
        abstract: "Take a JMeter plan to a fleet of workers and bring back a verdict.",
        discussion: """
            Start with 'loadfleet init' in an empty folder, then 'loadfleet doctor', \
            'loadfleet up', 'loadfleet run plan.jmx' and 'loadfleet down'.
            """,
        version: Version.text,
        subcommands: [AgentCommand.self, ReferenceCommand.self],
        groupedSubcommands: [
            CommandGroup(
                name: "Fleet",
                subcommands: [
                    UpCommand.self, StatusCommand.self, DownCommand.self, SweepCommand.self,
                ]),
            CommandGroup(
                name: "Run",
                subcommands: [
                    RunCommand.self, AttachCommand.self, StopCommand.self, ResultsCommand.self,
                    RunsCommand.self, LogsCommand.self, ReportCommand.self,
                ]),
            CommandGroup(
                name: "Set-up",
                subcommands: [
                    InitCommand.self, DoctorCommand.self, PlanCommand.self, ConfigCommand.self,
                    BootstrapCommand.self, ImageCommand.self,
                    CompletionCommand.self,
                ]),
        ]
    )

    package init() {}

    /// Runs the command line this process was started with, and ends the process.
    package static func enter() async {
        // A closed pipe must show as an error of write(2), which is success, not as a signal.
        // Children that loadfleet starts must have the default put back.
        signal(SIGPIPE, SIG_IGN)
        returnFreedMemory()
        let status = await run(Array(CommandLine.arguments.dropFirst()), in: .current())
        Glibc.exit(status.rawValue)
    }

    /// Runs one command line in `context`; everything a test needs to look at goes through it.
    package static func run(_ arguments: [String], in context: Context) async -> ExitStatus {
        var advice = Advice(config: nil)
        do {
            var command = try parseAsRoot(JoinedProperties.split(arguments))
            guard var ours = command as? any Command else {
                try command.run()
                return .done
            }
            advice = Advice(config: ours.global.config)
            return try await ours.run(in: Invocation(context: context, global: ours.global))
        } catch {
            return FailureReport(error, arguments: arguments, advice).show(in: context)
        }
    }
}
