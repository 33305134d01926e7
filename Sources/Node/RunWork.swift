// What a run gives a node to do, chosen by the node's role and the run's mode.

internal import FoundationEssentials
internal import JMeter
internal import Store

/// A node's part in one run, from the request to the outcome.
struct RunWork {
    let context: NodeContext
    let life: NodeLife
    let note: @Sendable (String) -> Void

    /// Does this node's part; whatever goes wrong becomes the node's outcome in the store.
    func perform(_ run: String) async {
        do {
            guard let (request, wasBegun) = try await request(for: run) else { return }
            note("run \(run): begins")
            let part = RunPart(context: context, life: life, request: request, note: note)
            defer { part.removeFolder() }
            switch (context.role, request.mode) {
            case (.controller, _):
                var conductor = Conductor(part)
                if wasBegun { await conductor.resume() } else { await conductor.conduct() }
            case (.worker, .standalone):
                var worker = StandaloneWorker(part)
                await worker.work()
            case (.worker, .remote): await RemoteWorker(part).work()
            }
            note("run \(run): ended")
        } catch {
            note("run \(run): \(sentence(error))")
        }
    }

    /// The request, if this node takes part in a run that is not over; and whether it is a controller
    /// that died here in the middle of it, and was started again.
    private func request(for run: String) async throws -> (RunRequest, wasBegun: Bool)? {
        let keys = RunKeys(run)
        guard let request = try await context.store.record(RunRequest.self, at: keys.request),
            request.controller == context.node || request.workers.contains(context.node),
            try await context.store.read(keys.outcome) == nil
        else { return nil }
        // Progress without an outcome is that of an agent which died here before us.
        let own = keys.node(context.node)
        guard try await context.store.read(own.progress) != nil else { return (request, false) }
        // A controller's part is in the store: it gathers anew, or goes on where the load has begun.
        guard context.role != .controller else {
            return (request, try await context.store.read(keys.go) != nil)
        }
        if try await context.store.read(own.outcome) == nil {
            let outcome = NodeOutcome(
                node: context.node, ending: .failed,
                message: "the agent was restarted during the run", endedAt: .now)
            try await context.store.put(outcome, at: own.outcome)
        }
        return nil
    }
}

/// What each kind of part in a run needs: who and where, and the words to say how it goes.
struct RunPart: Sendable {
    let context: NodeContext
    let life: NodeLife
    let request: RunRequest
    let note: @Sendable (String) -> Void

    var store: any StoreWithLog { context.store }
    var keys: RunKeys { RunKeys(request.id) }
    var ownKeys: NodeRunKeys { keys.node(context.node) }
    var folder: String { "\(context.folder)/\(request.id)" }

    /// How long to wait between two looks into the store: what it recommends, or longer.
    func pause(atLeast pause: Duration) -> Duration { max(pause, store.recommendedPoll) }

    /// How often a node's samples go to the store; no more than those of ten seconds may be lost
    /// with it.
    var deliveryInterval: Duration {
        context.writeInterval(
            usual: .seconds(context.tuning.deliverySeconds), limit: .seconds(7),
            nodes: request.workers.count)
    }

    func say(_ phase: NodeProgress.Phase, serverAddress: String? = nil) async throws {
        try await store.put(
            NodeProgress(
                node: context.node, phase: phase, at: .now, serverAddress: serverAddress,
                sharedAmong: phase == .ready ? request.workers.count : nil),
            at: ownKeys.progress)
    }

    /// The same part in a run that goes on with some of its workers only.
    func among(_ workers: [String]) -> RunPart {
        RunPart(context: context, life: life, request: request.among(workers), note: note)
    }

    /// Writes the node's outcome, over again if the store is away, for as long as the node lives.
    func conclude(_ outcome: NodeOutcome) async {
        for attempt in 1... {
            do {
                try await store.put(outcome, at: ownKeys.outcome)
                try await say(.ended)
                return
            } catch {
                note("cannot write the outcome (attempt \(attempt)): \(sentence(error))")
                guard life.mayTry(after: attempt) else { return }
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// Puts those files that exist into the store; returns their names there.
    func deliver(_ files: [(name: String, path: String)]) async throws -> [String] {
        var delivered: [String] = []
        for file in files where FileManager.default.isReadableFile(atPath: file.path) {
            try await store.upload(file: file.path, to: ownKeys.file(file.name))
            delivered.append(file.name)
        }
        return delivered
    }

    /// The likeliest reason of a failure, from a JMeter log in this part's folder.
    func reason(inLog name: String) -> String? {
        log(name).flatMap(JMeterLog.reason)
    }

    /// A log in this part's folder, invalid UTF-8 replaced; nil if there is none yet.
    func log(_ name: String) -> String? {
        (try? Data(contentsOf: URL(filePath: folder + "/" + name)))
            .map { String(decoding: $0, as: UTF8.self) }
    }

    func failed(_ message: String) -> NodeOutcome {
        NodeOutcome(node: context.node, ending: .failed, message: message, endedAt: .now)
    }

    /// What is left of the run on this node is in the store.
    func removeFolder() {
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Removes all but one of our own files, to get ready anew.
    func clearFolder(butFor file: String) throws {
        let manager = FileManager.default
        for name in try manager.contentsOfDirectory(atPath: folder) where name != Self.own {
            try manager.removeItem(atPath: folder + "/" + name)
        }
        for name in try manager.contentsOfDirectory(atPath: ownFolder) where name != file {
            try manager.removeItem(atPath: ownFolder + "/" + name)
        }
    }
}

/// An error as one sentence for an outcome or a log.
func sentence(_ error: any Error) -> String {
    switch error {
    case let error as JMeterError: error.message
    case let error as StoreError: error.message
    case let error as NodeError: error.message
    default: "\(error)"
    }
}

/// Why a node could not do its part.
package struct NodeError: Error, Sendable, Equatable {
    package let message: String

    init(_ message: String) { self.message = message }
}
