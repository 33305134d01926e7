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

    @OptionGroup(title: "Cost") var budget: BudgetOptions

    @Flag(help: "Say what would be made and what it costs, and make nothing.")
    var dryRun = false

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        let workplace = try await Workplace.open(invocation, flags: fleet.flags + budget.flags)
        let bringing = BringingUp(invocation, workplace)
        if dryRun {
            try await bringing.rehearse()
            return .done
        }
        switch try await bringing.bringUp() {
        case .declined: return .done
        case .interrupted(let status): return status
        case .up(let up, let cost):
            if fleet.lease != nil, up.started.count < up.fleet.nodes.count {
                invocation.output.warn("the fleet was up already: its lease stays as it was")
            }
            try report(up.fleet, started: up.started, cost: cost, in: invocation)
            return .done
        }
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
