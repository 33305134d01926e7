// Follows a run from the store until it is over. Whoever follows can be killed and another take
// over: everything it knows stands in the store.
//
// The controller says when a run is over. When the controller itself falls silent, the follower
// watches the workers instead, and concludes the run once the last of them has ended.
//
// A store that can't be reached says nothing about the run, which goes on without us: the follower
// says so, tries again, and gives up only after a good while.

internal import FoundationEssentials
package import Store
internal import Units

/// How following ended.
package enum FollowEnd: Sendable, Equatable {
    case over(RunOutcome)
    /// The caller wanted to wait no longer; these nodes had not ended.
    case left(pending: [String])
}

/// Follows one run.
package struct RunFollower {
    private let store: any StoreWithLog
    private let request: RunRequest
    private let keys: RunKeys
    private var controller: HeartbeatWatch
    private var workers: HeartbeatWatch
    private var position = LogPosition.start
    private var lost: [LostNode] = []
    private let lostAfter: Duration
    private var forgottenSince: ContinuousClock.Instant?
    private let outage: Duration
    private var awaySince: ContinuousClock.Instant?

    /// Follows a run of whose nodes one counts as lost after `lostAfter` of silence; `outage` is
    /// how long the store may be away.
    package init(
        store: any StoreWithLog, request: RunRequest, lostAfter: Duration,
        outage: Duration = .seconds(600)
    ) {
        self.store = store
        self.request = request
        self.lostAfter = lostAfter
        self.outage = outage
        keys = RunKeys(request.id)
        controller = HeartbeatWatch(
            fleet: request.fleet, nodes: [request.controller], lostAfter: lostAfter)
        workers = HeartbeatWatch(
            fleet: request.fleet, nodes: request.workers, lostAfter: lostAfter)
    }

    /// Follows until the run is over or `leaves` says so, at most for `limit`.
    ///
    /// - Throws: ``RunError/deadline(run:waitingFor:)`` when the run should long have ended, and
    ///   ``RunError/storeAway(run:reason:)`` when the store was away for too long.
    package mutating func follow(
        within limit: Duration?, leaves: () -> Bool, onLine: (LiveLine) -> Void
    ) async throws -> FollowEnd {
        // Getting ready, the load, the last samples, and then some: nodes keep the real deadline.
        // Each worker that does not get ready may cost the others the time to do so once more.
        let spare = request.minWorkers.map { max(0, request.workers.count - $0) } ?? 0
        let whole = Duration.seconds(
            request.readySeconds * Double(2 + spare) + request.deadlineSeconds + 180)
        let patience = min(limit ?? whole, whole)
        let deadline = ContinuousClock.now + patience
        while ContinuousClock.now < deadline {
            do {
                if let outcome = try await look(onLine) { return .over(outcome) }
                storeAnswered(onLine)
                if leaves() { return .left(pending: try await pending()) }
            } catch let error as StoreError where error.mayPass {
                try wait(out: error, onLine)
                if leaves() { return .left(pending: notLost) }
            }
            try await Task.sleep(for: max(.milliseconds(200), store.recommendedPoll))
        }
        let waitingFor = ((try? await pending()) ?? notLost).joined(separator: ", ")
        throw RunError.deadline(
            run: request.id,
            waitingFor: "no end of \(waitingFor) after \(Int(patience.inSeconds)) s")
    }

    /// Looks once at everything; the run's outcome if it has one.
    private mutating func look(_ onLine: (LiveLine) -> Void) async throws -> RunOutcome? {
        try await readLog(onLine)
        if let outcome = try await store.record(RunOutcome.self, at: keys.outcome) {
            try await readLog(onLine)
            return outcome
        }
        if try await isForgotten() { return try await conclude(lost: request.controller) }
        let isSilent = try await !controller.silent(in: store).isEmpty
        if lost.contains(where: { $0.node == request.controller }) {
            if !isSilent {
                // Its supervisor started it again, and it goes on with the run.
                let controller = request.controller
                lost.removeAll { $0.node == controller }
                onLine(.event(at: .now, text: "\(request.controller) is back"))
            } else if try await watchWorkers(onLine) {
                return try await conclude()
            }
        } else if isSilent {
            lost.append(LostNode(node: request.controller, at: .now))
            onLine(.event(at: .now, text: lossText(of: request.controller)))
        }
        return nil
    }

    // MARK: - A store that is away

    private mutating func wait(out error: StoreError, _ onLine: (LiveLine) -> Void) throws {
        controller.interrupt()
        workers.interrupt()
        forgottenSince = nil
        guard let since = awaySince else {
            awaySince = .now
            onLine(
                .event(
                    at: .now,
                    text: "the store does not answer: \(error.message); the run goes on, and we "
                        + "try again for \(Int(outage.inSeconds)) s"))
            return
        }
        guard ContinuousClock.now - since < outage else {
            throw RunError.storeAway(run: request.id, reason: error.message)
        }
    }

    private mutating func storeAnswered(_ onLine: (LiveLine) -> Void) {
        guard let since = awaySince else { return }
        awaySince = nil
        let seconds = Int((ContinuousClock.now - since).inSeconds.rounded())
        onLine(.event(at: .now, text: "the store answers again, after \(seconds) s"))
    }

    /// The workers of whom nobody has said that they are lost.
    private var notLost: [String] {
        request.workers.filter { node in !lost.contains { $0.node == node } }
    }

    // MARK: - Looking

    /// Whether no fleet works on this run: it was never handed over, or its fleet has another by
    /// now.
    private mutating func isForgotten() async throws -> Bool {
        let current = try await store.record(CurrentRun.self, at: FleetKeys(request.fleet).run)
        guard current?.run != request.id else {
            forgottenSince = nil
            return false
        }
        let since = forgottenSince ?? .now
        forgottenSince = since
        return ContinuousClock.now - since > lostAfter
    }

    private mutating func conclude(lost node: String) async throws -> RunOutcome {
        lost.append(LostNode(node: node, at: .now))
        return try await conclude()
    }

    private mutating func readLog(_ onLine: (LiveLine) -> Void) async throws {
        let news = try await store.liveLog(of: request.id).read(after: position)
        position = news.position
        for line in LiveLines.decode(news.lines) { onLine(line) }
    }

    private func pending() async throws -> [String] {
        var pending: [String] = []
        for node in notLost {
            if try await store.read(keys.node(node).outcome) == nil { pending.append(node) }
        }
        return pending
    }

    /// Watches in the controller's place; true once nothing more will come.
    private mutating func watchWorkers(_ onLine: (LiveLine) -> Void) async throws -> Bool {
        let pending = try await pending()
        for node in try await workers.silent(in: store) {
            workers.forget(node)
            guard pending.contains(node) else { continue }
            lost.append(LostNode(node: node, at: .now))
            onLine(.event(at: .now, text: lossText(of: node)))
        }
        return try await self.pending().isEmpty
    }

    private func conclude() async throws -> RunOutcome {
        var outcome = RunOutcome(endedAt: .now, aborted: nil, lost: lost)
        if let muster = try await store.record(Muster.self, at: keys.muster) {
            let absent = request.workers.filter { !muster.workers.contains($0) }
            outcome.absent = absent
            outcome.lost.removeAll { absent.contains($0.node) }
        }
        try await store.conclude(request, outcome)
        return outcome
    }

    private func lossText(of node: String) -> String {
        "\(node) is lost: no sign of life for \(Int(lostAfter.inSeconds)) s"
    }
}
