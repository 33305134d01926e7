// Runs a plan on a fleet and brings the verdict back.
package import ArgumentParser
import Fleet
import FoundationEssentials
import Glibc
import JMeter
import JTL
import Results
import Runs
import Store

/// The command `loadfleet run`.
package struct RunCommand: Command {
    package static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a plan on a fleet and bring back the verdict.",
        discussion: """
            The plan's stated totals are shared out over the workers, data files are split by \
            record. Ctrl-C stops the run in good order and keeps what there is; a second Ctrl-C \
            stops waiting. A run whose command is gone goes on: 'loadfleet attach' picks it up.

            With --up and --down the fleet lives for this run only; it is given back whatever has \
            become of the run.
            """)

    @Argument(
        help: ArgumentHelp("The test plan (.jmx).", valueName: "plan"),
        completion: .file(extensions: ["jmx"]))
    var plan: String

    @Flag(help: "Start the run and return; follow it with 'loadfleet attach'.")
    var detach = false

    @Flag(help: "Bring the fleet up first, or what is missing of it.")
    var up = false

    @Flag(help: "Give the fleet back afterwards, whatever has become of the run.")
    var down = false

    @OptionGroup(title: "Fleet") var fleet: FleetOptions
    @OptionGroup(title: "Cost, with --up") var budget: BudgetOptions
    @OptionGroup(title: "Run") var run: RunOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        try checkFlags()
        let workplace = try await Workplace.open(
            invocation, flags: fleet.flags + budget.flags + run.flags)
        let environment = workplace.environment
        let criteria = try RunCriteria(environment.run, run.judging.percentile)
        let installation = try workplace.installation()
        let properties = try RunProperties(
            environment.run, directory: invocation.context.directory)
        let plan = PlanWish(
            plan, environment, properties, directory: invocation.context.directory)
        // What is wrong with the plan is wrong on any fleet, and is said before one is asked for.
        try PreparedPlan.check(plan, installation: installation)
        try workplace.results.requireWritable()
        let around = FleetAround(
            invocation: invocation, workplace: workplace, bringsUp: up, givesBack: down)
        return try await around.perform {
            try await run(plan, properties, criteria, installation, workplace, invocation)
        }
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

    private func run(
        _ plan: PlanWish, _ properties: RunProperties, _ criteria: RunCriteria,
        _ installation: JMeterInstallation, _ workplace: Workplace, _ invocation: Invocation
    ) async throws -> ExitStatus {
        let status = try await wholeFleet(workplace, invocation.output)
        let fleet = status.fleet
        var prepared = try PreparedRun(
            wish(plan, workplace, fleet), on: fleet, installation: installation,
            now: invocation.context.now())
        prepared.note(status.nodes.first?.registration)
        for note in properties.notes + prepared.notes {
            invocation.output.show(note, plan: plan.path)
        }
        let session = try RunSession(
            invocation, workplace, request: prepared.request, criteria: criteria)
        try await prepared.submit(to: workplace.store)
        try session.announce()
        return detach ? .done : try await session.follow()
    }

    /// The fleet, with all of its nodes there; where lost ones are to be replaced, they are.
    private func wholeFleet(
        _ workplace: Workplace, _ output: Output
    ) async throws -> FleetStatus {
        let name = workplace.environment.name
        var status = try await workplace.life.status(of: name)
        var gone = status.nodes.filter { !$0.isReady }.map(\.name)
        if !gone.isEmpty, workplace.environment.ec2?.replacesWorkers == true {
            output.note("replacing \(gone.joined(separator: ", "))")
            try await workplace.replaceLost(of: status.fleet, output)
            status = try await workplace.life.status(of: name)
            gone = status.nodes.filter { !$0.isReady }.map(\.name)
        }
        if let fewest = workplace.environment.run.minWorkers {
            try requireEnough(fewest, workplace.environment.mode, status, gone)
            gone = gone.filter { $0 == status.fleet.controller }
        }
        guard gone.isEmpty else {
            throw CommandFailure(
                message: "of fleet '\(status.fleet.name)' these nodes are gone: "
                    + gone.joined(separator: ", "),
                hint: "start them again with: loadfleet up --workers "
                    + "\(status.fleet.workers.count) --fleet \(status.fleet.name)")
        }
        return status
    }

    /// Checks a number of workers that is enough against those there are.
    private func requireEnough(
        _ fewest: Int, _ mode: Mode, _ status: FleetStatus, _ gone: [String]
    ) throws {
        let fleet = status.fleet
        guard mode == .standalone else {
            throw UsageFailure(
                message:
                    "--min-workers has no meaning in remote mode, where a run needs all workers",
                hint: "leave --min-workers and 'run.min-workers' out, or run with --mode standalone"
            )
        }
        guard fewest <= fleet.workers.count else {
            throw UsageFailure(
                message: "--min-workers \(fewest) is more than the \(fleet.workers.count) workers "
                    + "of fleet '\(fleet.name)'",
                hint: "ask for \(fleet.workers.count) at most, or bring up a larger fleet")
        }
        let there = fleet.workers.filter { !gone.contains($0) }
        guard there.count >= fewest else {
            throw CommandFailure(
                message: "of fleet '\(fleet.name)' \(there.count) workers are there, fewer than "
                    + "the \(fewest) of --min-workers",
                hint: "start them again with: loadfleet up --workers "
                    + "\(fleet.workers.count) --fleet \(fleet.name)")
        }
    }

    private func wish(_ plan: PlanWish, _ workplace: Workplace, _ fleet: FleetRecord) -> RunWish {
        let environment = workplace.environment
        let leaseLeft = Duration.seconds(fleet.leaseEndsAt.timeIntervalSinceNow)
        var wish = RunWish(
            plan: plan, readyTimeout: environment.readyTimeout,
            deadline: min(environment.run.deadline, leaseLeft),
            stopTimeout: environment.run.stopTimeout, requestedBy: workplace.user)
        wish.minWorkers = environment.run.minWorkers
        wish.onWorkerLoss = environment.run.onWorkerLoss
        return wish
    }
}

extension RunCriteria {
    /// The criteria that the settings name.
    ///
    /// - Throws: `ResultsError` for a gate that cannot be read.
    init(_ settings: RunSettings, _ percentile: PercentileMethod) throws {
        var gates: [Gate] = []
        for text in settings.gates { gates.append(try Gate(parsing: text)) }
        self.init(
            gates: gates, maxLossPercent: settings.maxLossPercent, percentileMethod: percentile)
    }
}

extension PlanWish {
    /// What the settings ask of a plan.
    init(_ path: String, _ environment: Environment, _ properties: RunProperties, directory: String)
    {
        let run = environment.run
        self.init(
            path: path, mode: environment.mode, perWorker: run.perWorker, setup: run.setup,
            rps: run.rps,
            dataPolicies: run.data.compactMapValues { DataFile.Policy(rawValue: $0.rawValue) },
            properties: properties.values, workingFolder: directory)
    }
}

extension RunProperties {
    /// The files of properties that the settings name, first to last, then single properties.
    ///
    /// - Throws: `JMeterError` for a file that cannot be read or a property that spoils results.
    init(_ settings: RunSettings, directory: String) throws(JMeterError) {
        var files: [(path: String, bytes: [UInt8])] = []
        for path in settings.propertiesFiles {
            let absolute = path.hasPrefix("/") ? path : "\(directory)/\(path)"
            guard let data = try? Data(contentsOf: URL(filePath: absolute)) else {
                throw JMeterError(
                    .property, "can't be read: \(String(cString: strerror(errno)))", file: path)
            }
            files.append((path, Array(data)))
        }
        try self.init(files: files, overrides: settings.properties.map { ($0.key, $0.value) })
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
