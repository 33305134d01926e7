// Shows a fleet and its nodes.
package import ArgumentParser
import Fleet
import FoundationEssentials
import Store
import Units

/// The command `loadfleet status`.
package struct StatusCommand: Command {
    package static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show a fleet, its nodes and the run that has it.",
        discussion: "Ends with status 1 when the fleet is not whole.")

    @OptionGroup(title: "Fleet") var fleet: FleetChoice
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        let workplace = try await Workplace.open(invocation, flags: fleet.flags)
        let status = try await workplace.life.status(of: workplace.environment.name)
        if invocation.output.isJSON {
            try invocation.output.print(document: json(status))
        } else {
            try show(status, to: invocation.output)
        }
        return status.nodes.allSatisfy(\.isReady) ? .done : .failed
    }

    private func show(_ status: FleetStatus, to output: Output) throws {
        let color = output.terminal.colorsOutput
        for node in status.nodes {
            let state =
                node.isReady
                ? "ready"
                : node.machine?.isEnding != false ? "gone" : node.isSilent ? "silent" : "starting"
            let shown = (node.isReady ? Emphasis.green : .red)(state, on: color)
            let run = node.heartbeat?.run.map { ", works on run \($0)" } ?? ""
            let machine = node.machine.map { " (\($0.id))" } ?? ""
            try output.print("  \(node.name): \(shown)\(machine)\(run)")
        }
        if let run = status.currentRun {
            try output.print("  run \(run.run) of \(run.by) is going on")
        }
        let ready = status.nodes.count(where: \.isReady)
        let left = Duration.seconds(max(0, status.fleet.leaseEndsAt.timeIntervalSinceNow))
        try output.print(
            "fleet '\(status.fleet.name)' (\(status.fleet.provider)): \(ready) of "
                + "\(status.nodes.count) nodes ready, ends itself in "
                + Quantity.text(left.wholeSeconds))
    }

    private func json(_ status: FleetStatus) -> JSON {
        let nodes = status.nodes.map { node -> JSON in
            [
                "node": .string(node.name), "role": .string(node.role.rawValue),
                "ready": .bool(node.isReady),
                "machine": node.machine.map { .string($0.id) } ?? .null,
                "jmeter": node.registration.map { .string($0.jmeterVersion) } ?? .null,
                "java": node.registration.map { .string($0.javaVersion) } ?? .null,
                "run": node.heartbeat?.run.map { .string($0) } ?? .null,
            ]
        }
        return [
            "fleet": .string(status.fleet.name), "provider": .string(status.fleet.provider),
            "lease_ends_at": .string(status.fleet.leaseEndsAt.formatted(RecordCoding.milliseconds)),
            "run": status.currentRun.map { .string($0.run) } ?? .null, "nodes": .array(nodes),
        ]
    }
}
