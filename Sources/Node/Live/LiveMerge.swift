// Merges what the nodes of a run tell of their seconds, exactly and each second once.
//
// Seconds merge by addition of exact histograms; percentiles are taken from the sum, never merged.
// A node's log is taken in order and without gaps, and how far it has come is known to the byte, so a
// log that is sent again, from wherever, adds nothing twice.

internal import FoundationEssentials
internal import JTL
internal import Store
internal import Synchronization

/// The merged figures of a run.
///
/// Links bring logs on their thread, and a task publishes what has changed.
final class LiveMerge: LinkReceiver {
    fileprivate struct State {
        var nodes: [String: NodeBook] = [:]
        var seconds = SecondBook()
        var labels = Statistics()
        var samples = 0
        var errors = 0
    }

    private let names: [String]
    private let state = Mutex(State())

    /// A merge of nothing yet, of these nodes.
    init(nodes: [String]) {
        names = nodes
        state.withLock { state in
            for node in nodes { state.nodes[node] = NodeBook() }
        }
    }

    // MARK: - Logs

    func have(of node: String) -> Int64 {
        state.withLock { state in
            // A new connection begins with a whole record.
            state.nodes[node]?.log.dropUnfinished()
            state.nodes[node]?.unfinished = 0
            return state.nodes[node]?.log.position ?? 0
        }
    }

    func take(_ bytes: [UInt8], from offset: Int64, of node: String) throws(LinkFault) -> Int64 {
        let result = state.withLock { state -> Result<Int64, LinkFault> in
            guard var book = state.nodes[node], !book.isRefused else {
                return .failure(LinkFault("the log of \(node) is damaged"))
            }
            let due = book.log.position + Int64(book.unfinished)
            guard offset >= 0, offset <= due else {
                return .failure(LinkFault("a gap in the log of \(node)"))
            }
            // What came before is in the figures already.
            let news = bytes.dropFirst(Int(min(Int64(bytes.count), due - offset)))
            // Taken out while it is changed, so that nothing is copied.
            state.nodes[node] = nil
            defer { state.nodes[node] = book }
            do {
                let before = book.log.position
                for (record, bytes) in try book.log.read(news) {
                    state.merge(record, bytes, of: node, &book)
                }
                book.unfinished += news.count - Int(book.log.position - before)
                return .success(book.log.position)
            } catch {
                book.isRefused = true
                return .failure(LinkFault("the log of \(node) is damaged"))
            }
        }
        return try result.get()
    }

    func end(of node: String, at length: Int64) {
        state.withLock { state in
            guard state.nodes[node]?.log.position == length else { return }
            state.nodes[node]?.isWhole = true
            if state.nodes[node]?.state != .lost { state.nodes[node]?.state = .ended }
        }
    }

    /// Whether all of a node's log has come.
    func isWhole(_ node: String) -> Bool {
        state.withLock { $0.nodes[node]?.isWhole ?? false }
    }

    // MARK: - Fates

    /// A node has ended, or is lost; what a lost one tells from now on does not count.
    func mark(_ node: String, _ fate: LiveNode.State) {
        state.withLock { state in
            state.nodes[node]?.state = fate
            if fate == .lost { state.nodes[node]?.isFrozen = true }
        }
    }

    /// What is known of a node's samples against what arrived of them.
    struct Settlement: Equatable {
        /// Samples that the node is known to have made.
        var known: Int
        /// Those of them that are taken out of the figures.
        var removed: Int
        /// The bytes of its JTL whose samples are in the figures now.
        var counted: Int64
    }

    /// Takes out of the figures what is beyond the first `delivered` bytes of a node's JTL; nil where
    /// that is not possible any more.
    func settle(_ node: String, delivered: Int64) -> Settlement? {
        state.withLock { $0.settle(node, delivered: delivered) }
    }

    /// Adds samples of a node that arrived though it never told of them, up to a byte of its JTL.
    func add(unseen packed: PackedStatistics, of node: String, upTo end: Int64) {
        state.withLock { state in
            guard var book = state.nodes[node] else { return }
            book.samples += packed.samples
            book.errors += packed.errors
            (book.counted, book.keptFrom) = (end, end)
            let now = Int64(Date.now.timeIntervalSince1970)
            let second = book.latest ?? state.seconds.newest ?? now
            state.nodes[node] = book
            state.labels.add(packed)
            state.samples += packed.samples
            state.errors += packed.errors
            state.seconds.add(unseen: packed, in: second)
        }
    }

    /// Samples of a node that are in the figures.
    func samples(of node: String) -> Int { state.withLock { $0.nodes[node]?.samples ?? 0 } }

    /// How far a node's clock is ahead of the controller's, as it last told, milliseconds.
    func clockOffsetMs(of node: String) -> Double? {
        state.withLock { $0.nodes[node]?.last.health?.clockOffsetMs }
    }

    // MARK: - Publishing

    /// What has changed and is due: each second with its figures, and what watchers see of it.
    func takeDue(atEnd: Bool, watched: Bool) -> [(figures: LiveFigures, merged: MergedSecond?)] {
        state.withLock { state in
            let due = state.seconds.takeDue(passed: state.passed, atEnd: atEnd)
            let found = due.compactMap { second in
                state.seconds.publish(second, watched: watched).map { figures, merged in
                    var figures = figures
                    figures.totalSamples = state.samples
                    figures.totalErrors = state.errors
                    return (figures: figures, merged: merged)
                }
            }
            state.seconds.tidy()
            return found
        }
    }

    /// All labels since the run began; nil before there is anything.
    func labels() -> LiveLabels? {
        let (labels, second) = state.withLock { ($0.labels.labels, $0.seconds.newest) }
        guard let second, !labels.isEmpty else { return nil }
        return LiveLabels(labels, second: second)
    }

    /// All nodes as they are now.
    func nodes(warnings: [String: String]) -> LiveNodes {
        let now = ContinuousClock.now
        let (nodes, second) = state.withLock { state in
            (names.map { name in (name, state.nodes[name] ?? NodeBook()) }, state.seconds.newest)
        }
        let all = nodes.map { name, book in
            LiveNode(
                node: name, state: book.stateNow(now), samples: book.last.samples,
                activeThreads: book.last.activeThreads, health: book.last.health,
                warning: warnings[name])
        }
        return LiveNodes(all, second: second ?? Int64(Date.now.timeIntervalSince1970))
    }
}

extension LiveMerge.State {
    /// The second that every node which makes samples now has told of.
    fileprivate var passed: Int64 {
        let now = ContinuousClock.now
        return nodes.values.filter { $0.stateNow(now) == .running }.compactMap(\.latest).min() ?? 0
    }

    fileprivate mutating func merge(
        _ record: IntervalRecord, _ bytes: [UInt8], of node: String, _ book: inout NodeBook
    ) {
        book.heard = .now
        if book.state == .waiting { book.state = .running }
        guard !book.isFrozen else { return }
        book.latest = max(book.latest ?? record.second, record.second)
        let packed = record.statistics ?? PackedStatistics()
        let told = NodeSecond(
            samples: packed.samples, activeThreads: Int(clamping: packed.maxThreads),
            health: record.health)
        book.last = told
        book.keep(record, bytes)
        book.samples += packed.samples
        book.errors += packed.errors
        samples += packed.samples
        errors += packed.errors
        labels.add(packed)
        seconds.add(
            packed, of: node, told, in: record.second, counts: record.statistics != nil)
    }

    fileprivate mutating func settle(
        _ node: String, delivered: Int64
    ) -> LiveMerge.Settlement? {
        guard var book = nodes[node], book.keptFrom <= delivered else { return nil }
        var settlement = LiveMerge.Settlement(
            known: book.samples, removed: 0, counted: book.keptFrom)
        var staying: [NodeBook.Kept] = []
        for kept in book.kept {
            if kept.counted <= delivered {
                settlement.counted = kept.counted
                staying.append(kept)
            } else if let record = try? book.log.decode(again: kept.bytes),
                let packed = record.statistics
            {
                remove(packed, of: node, in: kept.second, &book)
                settlement.removed += packed.samples
            }
        }
        book.kept = staying
        book.counted = settlement.counted
        nodes[node] = book
        return settlement
    }

    private mutating func remove(
        _ packed: PackedStatistics, of node: String, in second: Int64, _ book: inout NodeBook
    ) {
        book.samples -= packed.samples
        book.errors -= packed.errors
        samples -= packed.samples
        errors -= packed.errors
        labels.remove(packed)
        seconds.remove(
            packed, of: node, activeThreads: Int(clamping: packed.maxThreads), in: second)
    }
}

// MARK: - Lines

extension LiveLabels {
    init(_ labels: [LabelStatistics], second: Int64) {
        // Of what was taken out again to the last nothing is left to say.
        let all = labels.filter { $0.all.samples > 0 || $0.emptyControllers > 0 }
        var shown = Set(all.indices)
        if all.count > Self.limit {
            let order = all.indices.sorted { all[$0].all.samples > all[$1].all.samples }
            shown = Set(order.prefix(Self.limit))
        }
        let lines = all.indices.filter(shown.contains).map { LiveLabel(all[$0]) }
        self.init(second: second, labels: lines, others: all.count - lines.count)
    }
}

extension LiveLabel {
    init(_ statistics: LabelStatistics) {
        let rows = statistics.all
        let distribution = Distribution(rows.elapsed)
        self.init(
            label: statistics.label, isController: statistics.isController, samples: rows.samples,
            errors: rows.errors, meanMs: rows.meanElapsed, p50Ms: distribution.percentile(50),
            p95Ms: distribution.percentile(95), p99Ms: distribution.percentile(99),
            maxMs: rows.samples > 0 ? rows.maxElapsed : nil)
    }
}

extension LiveNodes {
    init(_ all: [LiveNode], second: Int64) {
        var counts: [String: Int] = [:]
        for node in all { counts[node.state.rawValue, default: 0] += 1 }
        let needy = all.filter { $0.state == .lost || $0.state == .silent || $0.warning != nil }
        var shown = Set((needy + all).prefix(Self.limit).map(\.node))
        if all.count <= Self.limit { shown = Set(all.map(\.node)) }
        self.init(second: second, nodes: all.filter { shown.contains($0.node) }, counts: counts)
    }
}
