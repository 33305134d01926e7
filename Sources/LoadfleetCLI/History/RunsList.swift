// Lists runs.
package import ArgumentParser
import FoundationEssentials
import Results
import Runs
import Store

/// The command `loadfleet runs list`, which is also `loadfleet runs`.
package struct RunsList: Command {
    package static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the runs the store knows, the latest last.",
        discussion: """
            Below the list is a line for each plan that ran twice and more: how a figure went, as \
            far as the results are on this machine.
            """)

    @Option(help: "The figure that is followed: mean, p50, p95, p99, errors or rate.")
    var figure: ComparedFigure = .p95

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        let workplace = try await Workplace.open(invocation)
        let entries = try await RunHistory(store: workplace.store).entries()
        let tags = try await RunTags(store: workplace.store).byRun()
        let summaries = entries.map { summary(of: $0, workplace) }
        if invocation.output.isJSON {
            try invocation.output.print(document: [
                "runs": .array(
                    zip(entries, summaries).map { json($0, tags[$0.request.id] ?? [], $1) })
            ])
            return .done
        }
        if entries.isEmpty { invocation.output.note("there has been no run yet") }
        let width = entries.map(\.request.id.count).max() ?? 0
        for (entry, summary) in zip(entries, summaries) {
            let id = entry.request.id
            let padding = String(repeating: " ", count: width - id.count)
            let place = entry.fetched.map { "  \($0.folder)" } ?? ""
            let names = (tags[id] ?? []).map { "  [\($0)]" }.joined()
            try invocation.output.print(
                "\(id)\(padding)  \(entry.state.rawValue)  \(entry.request.planPath), "
                    + "\(entry.request.mode.rawValue), \(entry.request.workers.count) workers"
                    + text(summary) + names + place)
        }
        let runs = zip(entries, summaries).map { (plan: $0.request.planPath, summary: $1) }
        let trends = RunTrend.all(runs, figure)
        if !trends.isEmpty { try invocation.output.print("") }
        for trend in trends { try invocation.output.print(trend.line) }
        return .done
    }

    /// The results of a run, where they are on this machine and can be read.
    private func summary(of entry: RunEntry, _ workplace: Workplace) -> Summary? {
        let places =
            [workplace.results.folder(of: entry.request.id)]
            + [entry.fetched?.folder].compactMap(\.self)
        for place in places {
            guard let data = FileManager.default.contents(atPath: place + "/summary.json") else {
                continue
            }
            return try? Summary(json: data)
        }
        return nil
    }

    private func text(_ summary: Summary?) -> String {
        guard let value = summary.flatMap({ figure.value(of: $0.total) }) else { return "" }
        let number = FixedPoint.text(value, places: figure.places)
        return ", \(figure.title.lowercased()) \(number)\(figure.unit)"
    }

    private func json(_ entry: RunEntry, _ tags: [String], _ summary: Summary?) -> JSON {
        [
            "run": .string(entry.request.id), "state": .string(entry.state.rawValue),
            "plan": .string(entry.request.planPath), "fleet": .string(entry.request.fleet),
            "mode": .string(entry.request.mode.rawValue),
            "workers": .int(Int64(entry.request.workers.count)),
            "requested_at": .string(entry.request.requestedAt.formatted(RecordCoding.milliseconds)),
            "requested_by": .string(entry.request.requestedBy),
            "tags": .array(tags.map { .string($0) }),
            "folder": entry.fetched.map { .string($0.folder) } ?? .null,
            "verdict": summary?.verdict.map { .string($0.status.rawValue) } ?? .null,
            "figures": summary.map { .object(figures(of: $0.total)) } ?? .null,
        ]
    }

    private func figures(of row: SummaryRow) -> [JSON.Member] {
        ComparedFigure.allCases.map { figure in
            JSON.Member(
                name: figure.rawValue, value: figure.value(of: row).map { .double($0) } ?? .null)
        }
    }
}
