// Hands a prepared run to the fleet. The fleet is taken last, by creating the one object that says
// whose it is: before that nothing has happened, after it the controller knows.

package import FoundationEssentials
package import Store

/// What can go wrong on the CLI's side of a run.
package enum RunError: Error, Sendable, Equatable {
    /// Somebody else's run has the fleet.
    case locked(run: String, by: String, since: Date)
    /// The wait for somebody else's run to end was over before the run.
    case queued(run: String, by: String)
    case none(run: String)
    case noRuns
    case resultsFolder(path: String, reason: String)
    /// The wait for a run to end was over before the run.
    case deadline(run: String, waitingFor: String)
    /// Something that is no run's results.
    case notResults(path: String, reason: String)
    /// Two runs that say nothing about each other, and why.
    case notAlike(run: String, baseline: String, differences: [String])
    case badTag(String)
    case noTag(String)
    /// The store could not be reached for so long that we no longer follow.
    case storeAway(run: String, reason: String)

    package var message: String {
        switch self {
        case .locked(let run, let by, let since):
            "the fleet is taken by run \(run) of \(by), since "
                + since.formatted(RecordCoding.milliseconds) + "; --queue waits for its end"
        case .queued(let run, let by):
            "gave up waiting for the fleet, which run \(run) of \(by) still has"
        case .none(let run): "there is no run '\(run)'"
        case .noRuns: "there has been no run yet"
        case .resultsFolder(let path, let reason): "cannot write results to \(path): \(reason)"
        case .deadline(let run, let waitingFor):
            "gave up waiting for run \(run): \(waitingFor)"
        case .notResults(let path, let reason): "\(path) is no run's results: \(reason)"
        case .notAlike(let run, let baseline, let differences):
            "\(run) and \(baseline) are not alike: " + differences.joined(separator: "; ")
        case .badTag(let name): "'\(name)' can't be a tag"
        case .noTag(let name): "no run is tagged '\(name)'"
        case .storeAway(let run, let reason):
            "run \(run) goes on, but can't be followed: \(reason)"
        }
    }

    package var hint: String? {
        switch self {
        case .locked(let run, _, _), .queued(let run, _): "follow it with: loadfleet attach \(run)"
        case .none, .noTag: "list them with: loadfleet runs"
        case .notResults: "name a run, a tag, a run's folder or files of samples"
        case .notAlike: "compare them all the same with --force"
        case .badTag: "use letters, digits, '.', '_' and '-', a letter first, 64 at most"
        case .noRuns: "start one with: loadfleet run PLAN"
        case .resultsFolder: "name another folder with --results"
        case .deadline(let run, _), .storeAway(let run, _):
            "pick it up again with: loadfleet attach \(run)"
        }
    }
}

extension PreparedRun {
    /// Ships the bundle and takes the fleet; cancelled, it does both or neither.
    ///
    /// - Throws: ``RunError/locked(run:by:since:)`` when somebody else has it, or errors of the
    ///   store; then nothing of the run is left in the store.
    package func submit(to store: any ObjectStore) async throws {
        let keys = RunKeys(request.id)
        let lock = FleetKeys(request.fleet).run
        try await Self.requireFree(lock, in: store)
        do {
            for item in items {
                let key = try keys.bundled(item.name)
                switch item.source {
                case .bytes(let bytes): try await store.write(Data(bytes), to: key)
                case .file(let path): try await store.upload(file: path, to: key)
                }
            }
            try await store.put(request, at: keys.request)
            try Task.checkCancellation()
            // In a task of its own: cancelled, this one could have the fleet without knowing.
            try await Task { try await take(lock, in: store) }.value
        } catch {
            try await Task {
                try await store.delete(try await store.list(prefix: keys.prefix).map(\.key))
            }.value
            throw error
        }
    }

    private func take(_ lock: StoreKey, in store: any ObjectStore) async throws {
        let mine = CurrentRun(
            run: request.id, by: request.requestedBy, since: request.requestedAt)
        while try await !store.create(mine, at: lock) {
            try await Self.requireFree(lock, in: store)
        }
    }

    /// Frees the fleet from a run that is over, whoever forgot to.
    private static func requireFree(_ lock: StoreKey, in store: any ObjectStore) async throws {
        guard let current = try await store.record(CurrentRun.self, at: lock) else { return }
        guard try await store.read(RunKeys(current.run).outcome) != nil else {
            throw RunError.locked(run: current.run, by: current.by, since: current.since)
        }
        try await store.delete(lock)
    }
}

/// Reads and ends runs by their id.
package struct RunControl: Sendable {
    private let store: any ObjectStore

    package init(store: any ObjectStore) { self.store = store }

    /// The run that has a fleet, if one does.
    package func current(of fleet: String) async throws -> CurrentRun? {
        try await store.record(CurrentRun.self, at: FleetKeys(fleet).run)
    }

    /// The run that has a fleet and is not over.
    package func holder(of fleet: String) async throws -> CurrentRun? {
        guard let current = try await current(of: fleet), try await !isOver(current.run) else {
            return nil
        }
        return current
    }

    /// Asks the nodes to stop; `now` breaks samples in flight off.
    package func stop(_ run: String, by: String, at time: Date, now: Bool) async throws {
        try await store.put(StopRequest(by: by, at: time, now: now), at: RunKeys(run).stop)
    }

    /// Whether a run has an outcome.
    package func isOver(_ run: String) async throws -> Bool {
        try await store.read(RunKeys(run).outcome) != nil
    }
}
