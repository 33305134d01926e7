// Shows what each worker would do of a plan, before there is a fleet that costs anything.
package import ArgumentParser
import Fleet
import JMeter
import Runs
import Store

/// The command `loadfleet plan show`.
package struct PlanShow: Command {
    package static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what each worker will do of a plan.",
        discussion: """
            Needs no fleet and starts nothing. What 'loadfleet run' would refuse is refused here, \
            too: numbers nobody gave, missing data files, what can't be shared out over so many \
            workers.
            """)

    @Argument(
        help: ArgumentHelp("The test plan (.jmx).", valueName: "plan"),
        completion: .file(extensions: ["jmx"]))
    var plan: String

    @Option(name: .shortAndLong, help: ArgumentHelp("How many workers make load.", valueName: "n"))
    var workers: String?

    @Option(
        help: ArgumentHelp("How the run is driven: standalone or remote.", valueName: "mode"),
        completion: .list(Mode.allCases.map(\.rawValue)))
    var mode: String?

    @OptionGroup(title: "Sharing") var sharing: SharingOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        let environment = try invocation.settings(flags: flags).environment
        let directory = invocation.context.directory
        let properties = try RunProperties(environment.run, directory: directory)
        let wish = PlanWish(plan, environment, properties, directory: directory)
        let prepared = try PreparedPlan(
            wish, workers: environment.workers,
            installation: try installation(environment, invocation))
        let view = PlanView(prepared, wish, workers: environment.workers)
        if invocation.output.isJSON {
            try invocation.output.print(document: view.json)
            return .done
        }
        for line in view.lines { try invocation.output.print(line) }
        for note in properties.notes + prepared.notes { invocation.output.show(note, plan: plan) }
        return .done
    }

    private var flags: [SettingFlag] {
        [("workers", workers, "--workers"), ("mode", mode, "--mode")]
            .compactMap { path, text, name in text.map { SettingFlag(path, text: $0, name: name) } }
            + sharing.flags
    }

    /// The JMeter against which the plan's classes are checked.
    ///
    /// None is needed for the figures, so only one that is named must be there.
    private func installation(
        _ environment: Environment, _ invocation: Invocation
    ) throws(JMeterError) -> JMeterInstallation? {
        do {
            return try JMeterSearch(invocation.context).find(environment.jmeter)
        } catch {
            guard environment.jmeter.home == nil, environment.jmeter.version == nil else {
                throw error
            }
            invocation.output.note(
                "note: no JMeter was found, so it is not checked that it has all of the plan's "
                    + "elements")
            return nil
        }
    }
}
