// Bringing nodes up, as `up` does it and `run` does it for itself or for nodes that were lost: what
// it will be and cost is shown and agreed to, what nodes run is put where they fetch it, and how far
// they are is shown.
import Fleet
import FoundationEssentials
import Store
import Units

/// Brings up the fleet that the settings describe.
struct BringingUp {
    private let invocation: Invocation
    private let workplace: Workplace
    private var output: Output { invocation.output }

    init(_ invocation: Invocation, _ workplace: Workplace) {
        self.invocation = invocation
        self.workplace = workplace
    }

    /// What became of it.
    enum Outcome {
        case up(UpReport, cost: FleetCost?)
        /// Somebody said no; nothing was made.
        case declined
        /// What had been made was given back.
        case interrupted(ExitStatus)
    }

    /// Says on stdout what would be made and what it costs.
    ///
    /// - Throws: what ``bringUp()`` throws before anything is made.
    func rehearse() async throws {
        let spec = try spec()
        guard let ec2 = workplace.ec2 else {
            try await checkJava(spec)
            try output.print(
                "fleet '\(spec.name)' on this machine: 1 controller, \(spec.workers) workers, for "
                    + Quantity.text(spec.lease))
            return
        }
        _ = try workplace.installation()
        let plan = try await plan(of: spec, ec2.provider())
        for line in plan.lines { try output.print(line) }
        try check(plan, ec2.provider())
    }

    /// Makes what is missing of the fleet, after a question where it costs money.
    ///
    /// - Throws: ``FleetError`` and errors of other rooms.
    func bringUp() async throws -> Outcome {
        let spec = try spec()
        var life = workplace.life
        if let ec2 = workplace.ec2 {
            // Nobody should agree to what lacks its JMeter.
            _ = try workplace.installation()
            let provider = ec2.provider()
            let plan = try await plan(of: spec, provider)
            for line in plan.lines { output.note(line) }
            try check(plan, provider)
            guard try invocation.confirm("Proceed?") else { return .declined }
            life = try await workplace.lifeThatStarts(provider)
        } else {
            try await checkJava(spec)
        }
        let work = Task { [life, output] in try await life.up(spec, shownOn: output) }
        let interruption = Interruption { _ in work.cancel() }
        do {
            let up = try await work.value
            up.notes.forEach(output.warn)
            // A price that is not to be had must not spoil a fleet that is up.
            return .up(up, cost: try? await life.cost(of: up.fleet.name))
        } catch {
            guard let status = interruption.status else { throw error }
            switch error {
            case FleetError.rolledBack, FleetError.notHealed:
                output.note("interrupted; what had been started was given back")
                return .interrupted(status)
            // Something may be left, and that matters more than the interruption.
            default: throw error
            }
        }
    }

    private func spec() throws -> FleetSpec {
        var spec = try workplace.spec()
        if let timeout = invocation.timeout { spec.readyTimeout = min(spec.readyTimeout, timeout) }
        return spec
    }

    private func checkJava(_ spec: FleetSpec) async throws {
        _ = try await JavaCheck.version(
            of: spec.tuning.javaPath, environment: invocation.context.variables)
    }

    private func plan(of spec: FleetSpec, _ provider: EC2Provider) async throws -> EC2Plan {
        try await provider.plan(
            fleet: spec.name, workers: spec.workers, minWorkers: spec.minWorkers, lease: spec.lease)
    }

    /// - Throws: ``FleetError/tooExpensive(_:limit:fits:)``.
    private func check(_ plan: EC2Plan, _ provider: EC2Provider) throws {
        plan.warnings.forEach(output.warn)
        try plan.check(limit: provider.budget)
    }
}

extension Workplace {
    /// The fleet's life with all that is needed to start nodes.
    ///
    /// `provider` is the one that has planned already, on EC2.
    ///
    /// - Throws: errors of the rooms.
    func lifeThatStarts(_ provider: EC2Provider? = nil) async throws -> FleetLife {
        guard let ec2 else { return life }
        let software = try await ec2.placeSoftware(of: try installation())
        return FleetLife(
            store: ec2.store, provider: (provider ?? ec2.provider()).with(software))
    }

    /// Starts the nodes of a fleet that are gone, as the fleet was made.
    ///
    /// - Throws: ``FleetError/notHealed(reason:)`` and errors of the rooms.
    func replaceLost(of fleet: FleetRecord, _ output: Output) async throws {
        var spec = try spec()
        spec.name = fleet.name
        spec.workers = fleet.workers.count
        spec.minWorkers = fleet.workers.count
        spec.tuning = fleet.tuning
        try await lifeThatStarts().up(spec, shownOn: output).notes.forEach(output.warn)
    }
}

extension FleetLife {
    /// Brings a fleet up and shows how far it is.
    ///
    /// - Throws: ``FleetError``.
    func up(_ spec: FleetSpec, shownOn output: Output) async throws -> UpReport {
        let shown = SharedLine(ProgressLine(output))
        defer { shown.clear() }
        return try await up(spec) { progress in
            let replaced = progress.replaced > 0 ? ", \(progress.replaced) replaced" : ""
            shown.show(
                "nodes \(progress.running)/\(progress.wanted) running, "
                    + "\(progress.ready) ready\(replaced), \(clock(progress.elapsed))")
        }
    }
}
