// Lists runs.
package import ArgumentParser
import FoundationEssentials
import Runs
import Store

/// The command `loadfleet runs list`, which is also `loadfleet runs`.
package struct RunsList: Command {
    package static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the runs the store knows, the latest last.")

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        let workplace = try await Workplace.open(invocation)
        let entries = try await RunHistory(store: workplace.store).entries()
        let tags = try await RunTags(store: workplace.store).byRun()
        if invocation.output.isJSON {
            try invocation.output.print(document: [
                "runs": .array(entries.map { json($0, tags[$0.request.id] ?? []) })
            ])
            return .done
        }
        if entries.isEmpty { invocation.output.note("there has been no run yet") }
        let width = entries.map(\.request.id.count).max() ?? 0
        for entry in entries {
            let id = entry.request.id
            let padding = String(repeating: " ", count: width - id.count)
            let place = entry.fetched.map { "  \($0.folder)" } ?? ""
            let names = (tags[id] ?? []).map { "  [\($0)]" }.joined()
            try invocation.output.print(
                "\(id)\(padding)  \(entry.state.rawValue)  \(entry.request.planPath), "
                    + "\(entry.request.mode.rawValue), \(entry.request.workers.count) workers"
                    + names + place)
        }
        return .done
    }

    private func json(_ entry: RunEntry, _ tags: [String]) -> JSON {
        [
            "run": .string(entry.request.id), "state": .string(entry.state.rawValue),
            "plan": .string(entry.request.planPath), "fleet": .string(entry.request.fleet),
            "mode": .string(entry.request.mode.rawValue),
            "workers": .int(Int64(entry.request.workers.count)),
            "requested_at": .string(entry.request.requestedAt.formatted(RecordCoding.milliseconds)),
            "requested_by": .string(entry.request.requestedBy),
            "tags": .array(tags.map { .string($0) }),
            "folder": entry.fetched.map { .string($0.folder) } ?? .null,
        ]
    }
}
