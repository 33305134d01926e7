// Says what is missing before it costs a run, each with its fix.
package import ArgumentParser
import Fleet

/// The command `loadfleet doctor`.
package struct DoctorCommand: Command {
    package static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check what a run on this machine needs, and say how to fix what is missing.",
        discussion: """
            Starts nothing but 'java -version' and leaves nothing behind. Asks AWS nothing \
            unless told to, and shows no secret.
            """)

    @OptionGroup(title: "Fleet") package var fleet: FleetOptions
    @OptionGroup package var global: GlobalOptions

    @Flag(help: "Ask AWS, too: whether the credentials work, and whose they are.")
    package var online = false

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        let findings = try await findings(invocation)
        let bad = findings.count { !$0.isGood }
        if invocation.output.isJSON {
            try invocation.output.print(document: [
                "ok": .bool(bad == 0), "checks": .array(findings.map(\.json)),
            ])
            return bad == 0 ? .done : .failed
        }
        let color = invocation.output.terminal.colorsOutput
        for finding in findings {
            let sign =
                finding.isGood ? Emphasis.green("✓", on: color) : Emphasis.red("✗", on: color)
            try invocation.output.print("\(sign) \(finding.name): \(finding.detail)")
            for note in finding.notes { try invocation.output.print("    \(note)") }
            if let fix = finding.fix { try invocation.output.print("    \(fix)") }
        }
        try invocation.output.print(
            bad == 0 ? "all is there" : "\(bad) of \(findings.count) checks failed")
        return bad == 0 ? .done : .failed
    }

    private func findings(_ invocation: Invocation) async throws -> [Finding] {
        var first: Finding
        var environment: Environment
        do throws(EnvironmentError) {
            let settings = try invocation.settings(flags: fleet.flags)
            environment = settings.environment
            let files = settings.values.compactMap { setting -> String? in
                if case .file(let path, _, _) = setting.origin { path } else { nil }
            }
            let sources = Set(files).sorted().joined(separator: ", ")
            first = .good("environment", sources.isEmpty ? "defaults" : sources)
        } catch {
            // The rest can be checked all the same, with the defaults.
            first = .bad("environment", error)
            environment = try Settings.builtIn(
                SettingSources(
                    variables: invocation.context.variables.merging(["HOME": "/"]) { own, _ in own
                    },
                    directory: invocation.context.directory)
            ).environment
        }
        // On EC2 the nodes bring their own Java and JMeter.
        let tools = ToolChecks(context: invocation.context, environment: environment)
        let programs = environment.provider == .local ? await tools.findings() : []
        let machine = MachineChecks(context: invocation.context, environment: environment)
        let aws = AWSChecks(
            context: invocation.context, environment: environment, isOnline: online)
        return await [first] + programs + aws.findings() + machine.findings() + machine.leftovers()
    }
}
