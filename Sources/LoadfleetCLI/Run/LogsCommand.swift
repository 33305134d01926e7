// Shows what a run's nodes said: the run's own events, or a log file of a node.
package import ArgumentParser
import FoundationEssentials
import Runs
import Store

/// The command `loadfleet logs`.
package struct LogsCommand: Command {
    package static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Show a run's events, or a node's JMeter log.",
        discussion: """
            Without --node, the events of the run. A node's logs are in the store once its part \
            has ended. They are shown whole; with --json, the last 8 MiB.
            """)

    @Argument(help: ArgumentHelp("The run's id, or how it begins.", valueName: "run"))
    var run: String?

    @Option(help: ArgumentHelp("Whose log, as in worker-1.", valueName: "node"))
    var node: String?

    @Option(help: ArgumentHelp("jmeter.log, console.log or plan.jmx.", valueName: "file"))
    var file = "jmeter.log"

    @Flag(name: .shortAndLong, help: "Go on until the run is over.")
    var follow = false

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        let workplace = try await Workplace.open(invocation)
        let entry = try await RunHistory(store: workplace.store).find(run)
        if let node {
            try await show(node, of: entry, from: workplace.store, to: invocation.output)
        } else {
            try await showEvents(of: entry, from: workplace.store, to: invocation.output)
        }
        return .done
    }

    private func show(
        _ node: String, of entry: RunEntry, from store: any StoreWithLog, to output: Output
    ) async throws {
        let nodes = entry.request.workers + [entry.request.controller]
        guard nodes.contains(node) else {
            throw UsageFailure(
                message: "run \(entry.request.id) has no node '\(node)'",
                hint: "its nodes are \(nodes.joined(separator: ", "))")
        }
        let keys = RunKeys(entry.request.id).node(node)
        let key = try StoreKey(checking: keys.filesPrefix + file)
        let isThere = try await NodeLog.fetch(key, from: store) { log in
            guard output.isJSON else { return try log.lines { try output.print($0) } }
            let (text, omitted) = try log.end(of: Self.largestText)
            try output.print(document: [
                "run": .string(entry.request.id), "node": .string(node), "file": .string(file),
                "omitted_bytes": .int(Int64(omitted)), "text": .string(text),
            ])
        }
        guard !isThere else { return }
        let there = try await store.list(prefix: keys.filesPrefix)
            .map { String($0.key.path.dropFirst(keys.filesPrefix.count)) }
        throw CommandFailure(
            message: "there is no \(file) of \(node) for run \(entry.request.id)",
            hint: there.isEmpty
                ? "logs arrive when the node's part has ended"
                : "there are \(there.joined(separator: ", "))")
    }

    /// Bytes of a log that one JSON document may hold.
    private static let largestText = 8 << 20

    private func showEvents(
        of entry: RunEntry, from store: any StoreWithLog, to output: Output
    ) async throws {
        let events = output.isJSON ? try output.events() : nil
        let keys = RunKeys(entry.request.id)
        var position = LogPosition.start
        while true {
            let isOver = try await store.read(keys.outcome) != nil
            let news = try await store.liveLog(of: entry.request.id).read(after: position)
            position = news.position
            for case .event(let at, let text) in LiveLines.decode(news.lines) {
                let time = at.formatted(RecordCoding.milliseconds)
                if let events {
                    try events.write("event", ["at": .string(time), "message": .string(text)])
                } else {
                    try output.print("\(time) \(text)")
                }
            }
            if isOver || !follow { return }
            try await Task.sleep(for: max(.milliseconds(200), store.recommendedPoll))
        }
    }
}
