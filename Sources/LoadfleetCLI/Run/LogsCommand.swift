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
            Without --node, the events of the run. With it, the log of the node's JMeter: while \
            it runs as far as it has come, with --follow line by line; afterwards whole (with \
            --json, the last 8 MiB). Other files are there once the node's part has ended.
            """)

    @Argument(help: ArgumentHelp("The run's id, or how it begins.", valueName: "run"))
    var run: String?

    @Option(help: ArgumentHelp("Whose log, as in worker-1.", valueName: "node"))
    var node: String?

    @Option(help: ArgumentHelp("jmeter.log, console.log or plan.jmx.", valueName: "file"))
    var file = Self.jmeterLog

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
        if isThere { return }
        if file == Self.jmeterLog, try await showLive(node, of: entry, from: store, to: output) {
            return
        }
        let there = try await store.list(prefix: keys.filesPrefix)
            .map { String($0.key.path.dropFirst(keys.filesPrefix.count)) }
        throw CommandFailure(
            message: "there is no \(file) of \(node) for run \(entry.request.id)",
            hint: there.isEmpty
                ? "logs arrive when the node's part has ended"
                : "there are \(there.joined(separator: ", "))")
    }

    private static let jmeterLog = "jmeter.log"

    /// Shows what a node's JMeter has logged so far, with --follow until the node's part has ended;
    /// `false` if it has said nothing yet and nobody waits for it.
    private func showLive(
        _ node: String, of entry: RunEntry, from store: any StoreWithLog, to output: Output
    ) async throws -> Bool {
        let keys = RunKeys(entry.request.id)
        let events = output.isJSON ? try output.events() : nil
        let end = try await read(
            store.liveLog(of: entry.request.id, node: node),
            until: [keys.node(node).outcome, keys.outcome], in: store
        ) { lines in
            for line in lines {
                if let events {
                    try events.write("log", ["node": .string(node), "line": .string(line)])
                } else {
                    try output.print(line)
                }
            }
        }
        return end != .start
    }

    /// Reads a live log as far as it has come, with --follow until one of the records is there;
    /// returns the position after its last line.
    private func read(
        _ log: any LiveLog, until ends: [StoreKey], in store: any StoreWithLog,
        _ show: ([String]) throws -> Void
    ) async throws -> LogPosition {
        var position = LogPosition.start
        while true {
            var isOver = false
            for end in ends where !isOver { isOver = try await store.read(end) != nil }
            let news = try await log.read(after: position)
            position = news.position
            try show(news.lines)
            if isOver || !follow { return position }
            try await Task.sleep(for: max(.milliseconds(200), store.recommendedPoll))
        }
    }

    /// Bytes of a log that one JSON document may hold.
    private static let largestText = 8 << 20

    private func showEvents(
        of entry: RunEntry, from store: any StoreWithLog, to output: Output
    ) async throws {
        let events = output.isJSON ? try output.events() : nil
        _ = try await read(
            store.liveLog(of: entry.request.id), until: [RunKeys(entry.request.id).outcome],
            in: store
        ) { lines in
            for case .event(let at, let text) in LiveLines.decode(lines) {
                let time = at.formatted(RecordCoding.milliseconds)
                if let events {
                    try events.write("event", ["at": .string(time), "message": .string(text)])
                } else {
                    try output.print("\(time) \(text)")
                }
            }
        }
    }
}
