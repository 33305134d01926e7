// Follows a run from the store until it is over. Whoever follows can be killed and another take
// over: everything it knows stands in the store.
//
// The controller says when a run is over. When the controller itself falls silent, the follower
// watches the workers instead, and concludes the run once the last of them has ended.

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

    package init(store: any StoreWithLog, request: RunRequest, lostAfter: Duration) {
        self.store = store
        self.request = request
        self.lostAfter = lostAfter
        keys = RunKeys(request.id)
        controller = HeartbeatWatch(
            fleet: request.fleet, nodes: [request.controller], lostAfter: lostAfter)
        workers = HeartbeatWatch(
            fleet: request.fleet, nodes: request.workers, lostAfter: lostAfter)
    }

    /// Follows until the run is over or `leaves` says so, at most for `limit`.
    ///
    /// - Throws: ``RunError/deadline(run:waitingFor:)`` when the run should long have ended.
    package mutating func follow(
        within limit: Duration?, leaves: () -> Bool, onLine: (LiveLine) -> Void
    ) async throws -> FollowEnd {
        // Getting ready, the load, the last samples, and then some: nodes keep the real deadline.
        let whole = Duration.seconds(request.readySeconds * 2 + request.deadlineSeconds + 180)
        let patience = min(limit ?? whole, whole)
        let deadline = ContinuousClock.now + patience
        while ContinuousClock.now < deadline {
            try await readLog(onLine)
            if let outcome = try await store.record(RunOutcome.self, at: keys.outcome) {
                try await readLog(onLine)
                return .over(outcome)
            }
            if try await isForgotten() {
                return .over(try await conclude(lost: request.controller))
            }
            if leaves() { return .left(pending: try await pending()) }
            if lost.contains(where: { $0.node == request.controller }) {
                if try await watchWorkers(onLine) { return .over(try await conclude()) }
            } else if try await !controller.silent(in: store).isEmpty {
                lost.append(LostNode(node: request.controller, at: .now))
                onLine(.event(at: .now, text: lossText(of: request.controller)))
            }
            try await Task.sleep(for: max(.milliseconds(200), store.recommendedPoll))
        }
        let waitingFor = try await pending().joined(separator: ", ")
        throw RunError.deadline(
            run: request.id,
            waitingFor: "no end of \(waitingFor) after \(Int(patience.inSeconds)) s")
    }

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
        for node in request.workers where !lost.contains(where: { $0.node == node }) {
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
        let outcome = RunOutcome(endedAt: .now, aborted: nil, lost: lost)
        try await store.conclude(request, outcome)
        return outcome
    }

    private func lossText(of node: String) -> String {
        "\(node) is lost: no sign of life for \(Int(lostAfter.inSeconds)) s"
    }
}
