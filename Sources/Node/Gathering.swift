// How a controller gathers the workers of a run: all of them, or at the deadline those that are
// ready, if they are enough. It never waits for ever, and never begins with fewer than were asked for.

internal import FoundationEssentials
internal import Store

/// The workers that are ready for a run.
struct Gathering {
    private let part: RunPart
    private let tell: (String) async -> Void

    /// `tell` says what people should know.
    init(_ part: RunPart, tell: @escaping (String) async -> Void) {
        self.part = part
        self.tell = tell
    }

    /// Waits until all workers are ready, or enough of them at the deadline; returns them in the
    /// order of the request, with the addresses of their JMeter servers.
    ///
    /// Those who are there share out anew what they were to share with the others: that is a
    /// gathering of its own.
    ///
    /// - Throws: ``NodeError`` naming the workers that failed, fell silent or were too slow.
    func gather(_ roster: inout Roster) async throws -> [(worker: String, server: String)] {
        let present = try await present(&roster)
        guard present.count < part.request.workers.count else { return present }
        let names = present.map(\.worker)
        let absent = part.request.workers.filter { !names.contains($0) }
        await tell(
            "not ready: \(absent.joined(separator: ", ")); the run goes on with "
                + "\(names.count) workers, who share its load")
        try await part.store.put(Muster(workers: names), at: part.keys.muster)
        let smaller = part.among(names)
        roster = Roster(smaller)
        return try await Gathering(smaller, tell: tell).gather(&roster)
    }

    /// The fewest workers with which the run may begin.
    private var fewest: Int {
        guard part.request.mode == .standalone else { return part.request.workers.count }
        return part.request.minWorkers ?? part.request.workers.count
    }

    private func present(
        _ roster: inout Roster
    ) async throws -> [(worker: String, server: String)] {
        var watch = StopWatch(part)
        var progress = PrefixWatch(part.keys.progressPrefix)
        let deadline = ContinuousClock.now + .seconds(part.request.readySeconds)
        let workers = part.request.workers
        var ready: [String: String] = [:]
        while true {
            _ = try await roster.look()
            if let reason = watch.reason() { throw NodeError(reason.message) }
            for news in try await progress.changed(NodeProgress.self, in: part.store).values
            where workers.contains(news.node) {
                let isReady =
                    news.phase == .ready && news.sharedAmong ?? workers.count == workers.count
                ready[news.node] = isReady ? news.serverAddress ?? "" : nil
            }
            let gone = Set(roster.failures.map(\.node))
            if let failure = roster.failures.first, workers.count - gone.count < fewest {
                throw NodeError("\(failure.node): \(failure.message)")
            }
            let there = workers.filter { ready[$0] != nil && !gone.contains($0) }
            let isOver = ContinuousClock.now >= deadline
            if there.count + gone.count == workers.count || isOver && there.count >= fewest {
                return there.map { ($0, ready[$0] ?? "") }
            }
            if isOver {
                let missing = workers.filter { !there.contains($0) }
                throw NodeError(
                    "not ready after \(Int(part.request.readySeconds)) s: "
                        + missing.joined(separator: ", "))
            }
            try await Task.sleep(for: part.pause(atLeast: .milliseconds(100)))
        }
    }
}
