// Removes old runs: what the store keeps of them, and their results on this machine.
package import ArgumentParser
import FoundationEssentials
import Runs
import Store
import Units

/// The command `loadfleet runs prune`.
package struct RunsPrune: Command {
    package static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Remove old runs and their results.",
        discussion: """
            Runs that are going on, that were not fetched yet, or that are tagged stay. The \
            results folder of a run is removed from this machine only where it is the one that \
            the settings name.
            """)

    @Option(help: ArgumentHelp("Keep the latest so many runs.", valueName: "number"))
    var keep: Int?

    @Option(help: ArgumentHelp("Remove runs that are older, as in 30d.", valueName: "time"))
    var olderThan: String?

    @Flag(help: "Remove runs that were not fetched, too.")
    var unfetched = false

    @Flag(help: "Say what would be removed, and remove nothing.")
    var dryRun = false

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        guard keep != nil || olderThan != nil else {
            throw UsageFailure(
                message: "nothing says which runs are old",
                hint: "add --keep NUMBER, --older-than TIME or both")
        }
        if let keep, keep < 0 {
            throw UsageFailure(message: "--keep must be 0 or more, not \(keep)")
        }
        let age = try olderThan.map { text throws(QuantityError) in try Quantity.duration(text) }
        let workplace = try await Workplace.open(invocation)
        let runs = try await old(
            workplace.store, before: age.map { invocation.context.now() - $0.inSeconds })
        let output = invocation.output
        if !runs.isEmpty, !dryRun {
            guard try invocation.confirm("remove \(runs.count) runs and their results?") else {
                return .interrupted
            }
            for run in runs { try await remove(run.request.id, workplace) }
        }
        if output.isJSON {
            try output.print(document: [
                dryRun ? "would_remove" : "removed": .array(runs.map { .string($0.request.id) })
            ])
            return .done
        }
        for run in runs { try output.print(run.request.id) }
        output.note(
            runs.isEmpty
                ? "no run is that old"
                : "\(runs.count) runs \(dryRun ? "would be removed" : "removed")")
        return .done
    }

    private func old(_ store: any ObjectStore, before limit: Date?) async throws -> [RunEntry] {
        let tagged = try await RunTags(store: store).byRun()
        let entries = try await RunHistory(store: store).entries()
        return entries.dropLast(keep ?? 0).filter { entry in
            let isDone = entry.state == .fetched || (unfetched && entry.state == .over)
            let isOld = limit.map { entry.request.requestedAt < $0 } ?? true
            return isDone && isOld && tagged[entry.request.id] == nil
        }
    }

    /// The store's records last: what is broken off is found again.
    private func remove(_ run: String, _ workplace: Workplace) async throws {
        let folder = workplace.results.folder(of: run)
        if FileManager.default.fileExists(atPath: folder + "/run.json") {
            try FileManager.default.removeItem(atPath: folder)
        }
        let keys = RunKeys(run)
        let objects = try await workplace.store.list(prefix: keys.prefix).map(\.key)
        try await workplace.store.delete(objects.filter { $0 != keys.request })
        try await workplace.store.delete(keys.request)
    }
}
