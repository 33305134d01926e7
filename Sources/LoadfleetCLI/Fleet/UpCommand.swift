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
        let workplace = try Workplace(invocation, flags: fleet.flags + [budget].compactMap(\.self))
        var spec = try workplace.spec()
        if let timeout = invocation.timeout { spec.readyTimeout = min(spec.readyTimeout, timeout) }
        let output = invocation.output
        if let ec2 = workplace.provider as? EC2Provider {
            guard try await isAgreed(ec2, spec, in: invocation) else { return .done }
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
        let work = Task {
            let shown = SharedLine(ProgressLine(output))
            defer { shown.clear() }
            return try await workplace.life.up(spec) { progress in
                let replaced = progress.replaced > 0 ? ", \(progress.replaced) replaced" : ""
                shown.show(
                    "nodes \(progress.running)/\(progress.wanted) running, "
                        + "\(progress.ready) ready\(replaced), \(clock(progress.elapsed))")
            }
        }
        let interruption = Interruption { _ in work.cancel() }
        do {
            let up = try await work.value
            up.notes.forEach(output.warn)
            if fleet.lease != nil, up.started.count < up.fleet.nodes.count {
                output.warn("the fleet was up already: its lease stays as it was")
            }
            try report(up.fleet, started: up.started, to: output)
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

    private func report(_ fleet: FleetRecord, started: [String], to output: Output) throws {
        if output.isJSON {
            try output.print(document: [
                "fleet": .string(fleet.name), "provider": .string(fleet.provider),
                "controller": .string(fleet.controller),
                "workers": .array(fleet.workers.map { .string($0) }),
                "started": .array(started.map { .string($0) }),
                "lease_ends_at": .string(fleet.leaseEndsAt.formatted(RecordCoding.milliseconds)),
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
        try output.print("  it ends itself in \(Quantity.text(left.wholeSeconds))")
        try output.print("  run a plan:   loadfleet run PLAN\(suffix(fleet.name))")
        try output.print("  give it back: loadfleet down\(suffix(fleet.name))")
    }

    private func suffix(_ name: String) -> String {
        name == "loadfleet" ? "" : " --fleet \(name)"
    }
}

extension Duration {
    /// Without the fraction of a second.
    var wholeSeconds: Duration { .seconds(components.seconds) }
}
