// The runs a store knows.

internal import FoundationEssentials
package import Store

/// One run, as a list shows it.
package struct RunEntry: Sendable, Equatable {
    package enum State: String, Sendable {
        case running
        /// Over, and not fetched yet.
        case over
        case fetched
    }

    package var request: RunRequest
    package var state: State
    package var outcome: RunOutcome?
    package var fetched: FetchedResults?
}

/// Lists and finds runs.
package struct RunHistory: Sendable {
    private let store: any ObjectStore

    package init(store: any ObjectStore) { self.store = store }

    /// Every run, the latest last.
    package func entries() async throws -> [RunEntry] {
        let suffix = "/request.json"
        var entries: [RunEntry] = []
        for object in try await store.list(prefix: "runs/") where object.key.path.hasSuffix(suffix)
        {
            let id = String(object.key.path.dropFirst("runs/".count).dropLast(suffix.count))
            // A damaged record of one run must not hide the others.
            guard !id.contains("/"), let entry = try? await entry(id) else { continue }
            entries.append(entry)
        }
        return entries.sorted { $0.request.requestedAt < $1.request.requestedAt }
    }

    /// The run with an id, or with the only id that begins so; without a name the latest run.
    ///
    /// - Throws: ``RunError/none(run:)``, ``RunError/noRuns``.
    package func find(_ name: String?) async throws -> RunEntry {
        guard let name else {
            guard let latest = try await entries().last else { throw RunError.noRuns }
            return latest
        }
        if let entry = try await entry(name) { return entry }
        let matches = try await entries().filter { $0.request.id.hasPrefix(name) }
        guard matches.count == 1, let match = matches.first else { throw RunError.none(run: name) }
        return match
    }

    private func entry(_ id: String) async throws -> RunEntry? {
        guard let key = try? StoreKey(checking: RunKeys(id).request.path),
            let request = try await store.record(RunRequest.self, at: key)
        else { return nil }
        let keys = RunKeys(id)
        let outcome = try await store.record(RunOutcome.self, at: keys.outcome)
        let fetched = try await store.record(FetchedResults.self, at: keys.fetched)
        let state: RunEntry.State =
            outcome == nil ? .running : fetched == nil ? .over : .fetched
        return RunEntry(request: request, state: state, outcome: outcome, fetched: fetched)
    }
}
