// Brings a fleet up.
package import ArgumentParser
import Fleet
import FoundationEssentials
import Store
import Units

/// The command `loadfleet up`.
package struct UpCommand: Command {
    package static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Bring a fleet up: one controller and some workers.",
        discussion: """
            Repeatable: on a fleet that is up it starts the nodes that are missing. The fleet ends \
            itself when its lease does, whatever has become of this machine.
            """)

    @OptionGroup(title: "Fleet") var fleet: FleetOptions

    @Option(
        help: ArgumentHelp("The most the whole lease may cost, as in 5usd.", valueName: "amount"))
    var maxCost: String?

    @Flag(help: "Say what would be made and what it costs, and make nothing.")
    var dryRun = false

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        let budget = maxCost.map { SettingFlag("ec2.max-cost", text: $0, name: "--max-cost") }
        let workplace = try await Workplace.open(
            invocation, flags: fleet.flags + [budget].compactMap(\.self))
        var spec = try workplace.spec()
        if let timeout = invocation.timeout { spec.readyTimeout = min(spec.readyTimeout, timeout) }
        let output = invocation.output
        var life = workplace.life
        if let ec2 = workplace.ec2 {
            // Nobody should agree to what lacks its JMeter.
            _ = try workplace.installation()
            let provider = ec2.provider()
            guard try await isAgreed(provider, spec, in: invocation) else { return .done }
            life = try await workplace.lifeThatStarts(provider)
        } else {
            _ = try await JavaCheck.version(
                of: spec.tuning.javaPath, environment: invocation.context.variables)
            if dryRun {
                try output.print(
                    "fleet '\(spec.name)' on this machine: 1 controller, \(spec.workers) workers, "
                        + "for \(Quantity.text(spec.lease))")
                return .done
            }
        }
        let work = Task { [life, spec] in try await life.up(spec, shownOn: output) }
        let interruption = Interruption { _ in work.cancel() }
        do {
            let up = try await work.value
            up.notes.forEach(output.warn)
            if fleet.lease != nil, up.started.count < up.fleet.nodes.count {
                output.warn("the fleet was up already: its lease stays as it was")
            }
            // A price that is not to be had must not spoil a fleet that is up.
            let cost = try? await life.cost(of: up.fleet.name)
            try report(up.fleet, started: up.started, cost: cost, in: invocation)
            return .done
        } catch {
            guard let status = interruption.status else { throw error }
            switch error {
            case FleetError.rolledBack, FleetError.notHealed:
                output.note("interrupted; what had been started was given back")
                return status
            // Something may be left, and that matters more than the interruption.
            default: throw error
            }
        }
    }

    /// Shows what it will be and cost, and asks.
    ///
    /// - Throws: ``FleetError/tooExpensive(_:limit:fits:)``, or ``UsageFailure`` when nobody can
    ///   be asked.
    private func isAgreed(
        _ provider: EC2Provider, _ spec: FleetSpec, in invocation: Invocation
    ) async throws -> Bool {
        let output = invocation.output
        let plan = try await provider.plan(
            fleet: spec.name, workers: spec.workers, minWorkers: spec.minWorkers, lease: spec.lease)
        for line in plan.lines { dryRun ? try output.print(line) : output.note(line) }
        plan.warnings.forEach(output.warn)
        try plan.check(limit: provider.budget)
        return try !dryRun && invocation.confirm("Proceed?")
    }

    private func report(
        _ fleet: FleetRecord, started: [String], cost: FleetCost?, in invocation: Invocation
    ) throws {
        let output = invocation.output
        if output.isJSON {
            try output.print(document: [
                "fleet": .string(fleet.name), "provider": .string(fleet.provider),
                "controller": .string(fleet.controller),
                "workers": .array(fleet.workers.map { .string($0) }),
                "started": .array(started.map { .string($0) }),
                "lease_ends_at": .string(fleet.leaseEndsAt.formatted(RecordCoding.milliseconds)),
                "hourly_cost": cost.map { .string("\($0.hourly)") } ?? .null,
            ])
            return
        }
        let left = Duration.seconds(fleet.leaseEndsAt.timeIntervalSinceNow)
        let what =
            started.isEmpty
            ? "was up already" : started.count == fleet.nodes.count ? "is up" : "is whole again"
        try output.print(
            "fleet '\(fleet.name)' \(what): 1 controller, \(fleet.workers.count) workers "
                + "(\(fleet.provider))")
        if let cost { try output.print("  it costs \(cost.hourly) an hour\(cost.restInWords)") }
        try output.print("  it ends itself in \(Quantity.text(left.wholeSeconds))")
        let suffix = suffix(fleet.name)
        for line in [
            "  run a plan:   loadfleet run PLAN\(suffix)",
            "  give it back: loadfleet down\(suffix)",
        ] { try output.print(invocation.advice.complete(line)) }
    }

    private func suffix(_ name: String) -> String {
        name == "loadfleet" ? "" : " --fleet \(name)"
    }
}

extension Duration {
    /// Without the fraction of a second.
    var wholeSeconds: Duration { .seconds(components.seconds) }
}
