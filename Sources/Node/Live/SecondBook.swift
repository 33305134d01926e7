// A run's seconds, each with what all nodes told of it. Nothing is final: a node that was cut off
// tells of seconds that were published long ago, and what a lost node told is taken out again.
//
// The last seconds are kept ready to be added to. Older ones are packed, which takes a few kilobytes
// each; of those older than ten minutes only the total is kept, so a day of a run fits into memory.

internal import FoundationEssentials
internal import JTL
internal import Store

/// The seconds of a run.
struct SecondBook: Sendable {
    fileprivate struct Second {
        /// What is in it, ready to be added to; else it is packed.
        var statistics: Statistics?
        var packed: [UInt8] = []
        var isTotalOnly = false
        var workers = 0
        var activeThreads = 0
        var nodes: [String: NodeSecond] = [:]
        /// When something of it came first, and last.
        let began = ContinuousClock.now
        var touched = ContinuousClock.now
        var published: ContinuousClock.Instant?
    }

    private var seconds: [Int64: Second] = [:]
    private var ready: Set<Int64> = []
    private var changed: Set<Int64> = []
    private(set) var newest: Int64?

    /// How long a second stays ready.
    private static let readiness: Duration = .seconds(15)
    /// For how many seconds labels are kept.
    static let memory: Int64 = 600
    /// How long a second waits for nodes that have not told of it.
    static let patience: Duration = .seconds(2)
    /// A second that changes is published again no more often than this.
    private static let repetition: Duration = .seconds(1)

    // MARK: - Changing

    /// Adds what a node told of a second.
    mutating func add(
        _ packed: PackedStatistics, of node: String, _ told: NodeSecond, in second: Int64,
        counts: Bool
    ) {
        change(second) { entry in
            entry.add(packed)
            entry.workers += counts ? 1 : 0
            entry.activeThreads += told.activeThreads
            entry.nodes[node] = told
        }
    }

    /// Adds samples of a node which it did not tell of.
    mutating func add(unseen packed: PackedStatistics, in second: Int64) {
        change(second) { $0.add(packed) }
    }

    /// Takes out what a node told of a second.
    mutating func remove(
        _ packed: PackedStatistics, of node: String, activeThreads: Int, in second: Int64
    ) {
        change(second) { entry in
            entry.remove(packed)
            entry.workers -= 1
            entry.activeThreads -= activeThreads
            entry.nodes[node] = nil
        }
    }

    private mutating func change(_ second: Int64, _ body: (inout Second) -> Void) {
        newest = max(newest ?? second, second)
        // Taken out while it is changed, so that nothing is copied.
        var entry = seconds.removeValue(forKey: second) ?? Second()
        entry.unpack(second)
        entry.touched = .now
        body(&entry)
        seconds[second] = entry
        ready.insert(second)
        changed.insert(second)
    }

    /// Packs what was not touched for a while.
    mutating func tidy() {
        let now = ContinuousClock.now
        let oldest = (newest ?? 0) - Self.memory
        for second in ready where !changed.contains(second) {
            guard var entry = seconds[second], now - entry.touched > Self.readiness else {
                continue
            }
            seconds[second] = nil
            entry.pack(second, totalOnly: second < oldest)
            seconds[second] = entry
            ready.remove(second)
        }
        for second in stale(before: oldest) {
            seconds[second]?.unpack(second)
            seconds[second]?.pack(second, totalOnly: true)
        }
    }

    /// The packed seconds that have become too old to keep their labels: those which did so since the
    /// last look, of which there are few.
    private func stale(before oldest: Int64) -> [Int64] {
        ((oldest - 20)..<oldest).filter { second in
            guard let entry = seconds[second], entry.statistics == nil else { return false }
            return !entry.isTotalOnly
        }
    }

    // MARK: - Publishing

    /// The changed seconds that are due: all of them at the end; else those that all nodes have
    /// passed, those that have waited for long enough, and those published before.
    mutating func takeDue(passed: Int64, atEnd: Bool) -> [Int64] {
        let now = ContinuousClock.now
        let due = changed.filter { second in
            guard !atEnd, let entry = seconds[second] else { return true }
            if let published = entry.published { return now - published >= Self.repetition }
            return second <= passed || now - entry.began >= Self.patience
        }
        changed.subtract(due)
        return due.sorted()
    }

    /// A second's figures, totals apart; and what watchers see of it, where they still can.
    mutating func publish(_ second: Int64, watched: Bool) -> (LiveFigures, MergedSecond?)? {
        guard var entry = seconds[second] else { return nil }
        seconds[second] = nil
        entry.unpack(second)
        let isChange = entry.published != nil
        entry.published = .now
        let statistics = entry.statistics ?? Statistics()
        seconds[second] = entry
        let total = statistics.total
        let distribution = Distribution(total.elapsed)
        let figures = LiveFigures(
            second: second, workers: entry.workers, samples: total.samples, errors: total.errors,
            activeThreads: entry.activeThreads, meanMs: total.meanElapsed,
            p50Ms: distribution.percentile(50), p95Ms: distribution.percentile(95),
            p99Ms: distribution.percentile(99), receivedBytes: Int64(clamping: total.bytes),
            totalSamples: 0, totalErrors: 0)
        guard watched, !entry.isTotalOnly else { return (figures, nil) }
        return (
            figures,
            MergedSecond(
                second: second, statistics: statistics, nodes: entry.nodes, isChange: isChange)
        )
    }
}

extension SecondBook.Second {
    fileprivate mutating func add(_ packed: PackedStatistics) {
        statistics?.add(isTotalOnly ? packed.totalOnly : packed)
    }

    fileprivate mutating func remove(_ packed: PackedStatistics) {
        statistics?.remove(isTotalOnly ? packed.totalOnly : packed)
    }

    fileprivate mutating func unpack(_ second: Int64) {
        guard statistics == nil else { return }
        var whole = Statistics()
        var reader = PackedStatisticsReader()
        if !packed.isEmpty, let content = try? reader.read(packed[...], second: second) {
            whole.add(content)
        }
        statistics = whole
        packed = []
    }

    fileprivate mutating func pack(_ second: Int64, totalOnly: Bool) {
        guard let whole = statistics else { return }
        var content = PackedStatistics(whole)
        if totalOnly, !isTotalOnly {
            var total = Statistics()
            total.add(content.totalOnly)
            content = PackedStatistics(total)
            isTotalOnly = true
        }
        var writer = PackedStatisticsWriter()
        writer.write(content, second: second, to: &packed)
        statistics = nil
        nodes = [:]
    }
}
