// Runs a plan on a fleet and brings the verdict back.
package import ArgumentParser
import Fleet
import JMeter
import Runs

/// The command `loadfleet run`.
package struct RunCommand: Command {
    package static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a plan on a fleet and bring back the verdict.",
        discussion: """
            The plan's stated totals are shared out over the workers, data files are split by \
            record. Ctrl-C stops the run in good order and keeps what there is; a second Ctrl-C \
            stops waiting. A run whose command is gone goes on: 'loadfleet attach' picks it up.

            While it runs, a terminal of at least 40 by 16 shows the run on its whole screen, \
            drawn anew each second; the events stay when it is over. Elsewhere, and with \
            --no-color, there is a line every ten seconds. With --json, each second is an event \
            'interval'; one that comes again replaces what was known of its second. Labels, nodes \
            and gates come as events of these names, each with all that is known by then.

            With --up and --down the fleet lives for this run only; it is given back whatever has \
            become of the run.
            """)

    @Argument(
        help: ArgumentHelp("The test plan (.jmx).", valueName: "plan"),
        completion: .file(extensions: ["jmx"]))
    var plan: String

    @Flag(help: "Start the run and return; follow it with 'loadfleet attach'.")
    var detach = false

    @Flag(help: "Wait for a fleet that another run has, at most for --timeout.")
    var queue = false

    @Flag(help: "Bring the fleet up first, or what is missing of it.")
    var up = false

    @Flag(help: "Give the fleet back afterwards, whatever has become of the run.")
    var down = false

    @OptionGroup(title: "Fleet") var fleet: FleetOptions
    @OptionGroup(title: "Cost, with --up") var budget: BudgetOptions
    @OptionGroup(title: "Run") var run: RunOptions
    @OptionGroup(title: "Reports") var reports: OutputOptions
    @OptionGroup(title: "Reports") var notify: NotifyOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        try checkFlags()
        let workplace = try await Workplace.open(
            invocation, flags: fleet.flags + budget.flags + run.flags)
        let environment = workplace.environment
        let criteria = try await RunCriteria(workplace, run.judging, invocation)
        let installation = try workplace.installation()
        let properties = try RunProperties(
            environment.run, directory: invocation.context.directory)
        let outputs = try reports.checked(for: invocation, detached: detach)
        let notifications = try notify.checked(for: invocation, detached: detach)
        let plan = PlanWish(
            plan, environment, properties, directory: invocation.context.directory)
        // What is wrong with the plan is wrong on any fleet, and is said before one is asked for.
        try PreparedPlan.check(plan, installation: installation)
        try workplace.results.requireWritable()
        let around = FleetAround(
            invocation: invocation, workplace: workplace, bringsUp: up, givesBack: down)
        let starting = StartingRun(
            invocation: invocation, workplace: workplace, plan: plan, properties: properties,
            criteria: criteria, outputs: outputs, notifications: notifications,
            installation: installation, waits: queue, follows: !detach)
        return try await around.perform(starting.start)
    }

    private func checkFlags() throws(UsageFailure) {
        if detach, down {
            throw UsageFailure(
                message: "--detach leaves the run before --down could give its fleet back",
                hint: "leave one of them out")
        }
        let made = ["--workers", "--lease", "--ready-timeout", "--heap", "--max-cost"]
        let given = (fleet.flags + budget.flags).map(\.name)
        if !up, let name = given.first(where: made.contains) {
            throw UsageFailure(
                message: "\(name) says what a fleet is to be, and this one is there already",
                hint: "give it to 'loadfleet up', or add --up")
        }
    }
}

extension Output {
    /// Shows what a plan's owner should know about it.
    func show(_ note: PlanNote, plan: String) {
        let place = note.line.map { "\(plan):\($0): " } ?? ""
        switch note.level {
        case .warning: warn(place + note.text)
        case .note: self.note("note: " + place + note.text)
        }
    }
}
