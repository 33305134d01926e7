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
import Units

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
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        try checkFlags()
        let workplace = try await Workplace.open(
            invocation, flags: fleet.flags + budget.flags + run.flags)
        let environment = workplace.environment
        let criteria = try RunCriteria(environment.run, run.judging)
        let installation = try workplace.installation()
        let properties = try RunProperties(
            environment.run, directory: invocation.context.directory)
        let outputs = try reports.checked(for: invocation, detached: detach)
        let plan = PlanWish(
            plan, environment, properties, directory: invocation.context.directory)
        // What is wrong with the plan is wrong on any fleet, and is said before one is asked for.
        try PreparedPlan.check(plan, installation: installation)
        try workplace.results.requireWritable()
        let around = FleetAround(
            invocation: invocation, workplace: workplace, bringsUp: up, givesBack: down)
        return try await around.perform {
            try await run(
                plan, properties, criteria, outputs, installation, workplace, invocation)
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
        _ outputs: ReportOutputs, _ installation: JMeterInstallation, _ workplace: Workplace,
        _ invocation: Invocation
    ) async throws -> ExitStatus {
        let began = ContinuousClock.now
        var isTold = false
        while true {
            var fleet = try await wholeFleet(workplace, invocation.output)
            if queue {
                if let ended = try await waitForTurn(fleet.fleet, workplace, invocation, began) {
                    return ended
                }
                // Nodes may have been lost meanwhile.
                fleet = try await wholeFleet(workplace, invocation.output)
            }
            var prepared = try PreparedRun(
                wish(plan, workplace, fleet.fleet, criteria), on: fleet.fleet,
                installation: installation,
                now: invocation.context.now())
            prepared.note(fleet.nodes.first?.registration)
            if !isTold {
                isTold = true
                for note in properties.notes + prepared.notes {
                    invocation.output.show(note, plan: plan.path)
                }
            }
            let session = try RunSession(
                invocation, workplace, request: prepared.request, criteria: criteria,
                outputs: outputs)
            do {
                try await prepared.submit(to: workplace.store)
            } catch RunError.locked where queue {
                // Another who waited was faster.
                continue
            }
            try session.announce()
            return detach ? .done : try await session.follow(since: began)
        }
    }

    /// Waits until the fleet is free; what to end with where somebody has asked to end.
    private func waitForTurn(
        _ fleet: FleetRecord, _ workplace: Workplace, _ invocation: Invocation,
        _ began: ContinuousClock.Instant
    ) async throws -> ExitStatus? {
        let interruption = Interruption { _ in }
        let queue = RunQueue(store: workplace.store, fleet: fleet.name)
        try await queue.wait(
            within: invocation.timeout.map { $0 - (.now - began) }, leaseEndsAt: fleet.leaseEndsAt,
            leaves: { interruption.count > 0 }
        ) { current in
            invocation.output.note("waiting for the end of run \(current.run) of \(current.by)")
        }
        return interruption.status
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

    private func wish(
        _ plan: PlanWish, _ workplace: Workplace, _ fleet: FleetRecord, _ criteria: RunCriteria
    ) -> RunWish {
        let environment = workplace.environment
        let leaseLeft = Duration.seconds(fleet.leaseEndsAt.timeIntervalSinceNow)
        var wish = RunWish(
            plan: plan, readyTimeout: environment.readyTimeout,
            deadline: min(environment.run.deadline, leaseLeft),
            stopTimeout: environment.run.stopTimeout, requestedBy: workplace.user,
            watch: criteria.watch(autoStop: environment.run.autoStop))
        wish.minWorkers = environment.run.minWorkers
        wish.onWorkerLoss = environment.run.onWorkerLoss
        return wish
    }
}

extension RunCriteria {
    /// The criteria that the settings name.
    ///
    /// - Throws: `ResultsError` for a gate that cannot be read.
    init(_ settings: RunSettings, _ judging: JudgingOptions) throws {
        var gates: [Gate] = []
        for text in settings.gates { gates.append(try Gate(parsing: text)) }
        self.init(
            gates: gates, graceSeconds: settings.grace.secondsRoundedUp,
            maxLossPercent: settings.maxLossPercent, percentileMethod: judging.percentile,
            trimsRamp: judging.trim == .ramp)
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
