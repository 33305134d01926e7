// The controller's live side of a run, from the announcement of its link to the agreement of what was
// seen with what arrived: links bring the workers' seconds, the merge adds them up, and what has
// changed goes to the run's live log and to the watchers several times a second.
//
// A run never fails for want of live figures: where nothing can be listened at, or the store is away,
// the figures come late or not at all, and that is noted.

internal import FoundationEssentials
internal import JTL
internal import Store
internal import Synchronization

/// Live figures of one run.
actor LiveChannel {
    private let part: RunPart
    private let log: LiveWriter
    private let merge: LiveMerge
    private var listener: LinkListener?
    private var watchers: [any LiveWatcher]
    private var warnings: [String: String] = [:]
    private var stop: String?
    private var looking = Pace(every: .seconds(2))
    private var work: Task<Void, Never>?
    private var isFinishing = false
    /// Samples that lost nodes are known to have made.
    private var known: [String: Int] = [:]
    /// The bytes of a node's JTL that are in the figures, by the last agreement.
    private var settled: [String: Int64] = [:]

    /// How often what has changed is looked for.
    private static let pause: Duration = .milliseconds(200)

    /// The watchers of a run: what is to look on is made here.
    private static func watchers(of part: RunPart) -> [any LiveWatcher] {
        let gates: (any LiveWatcher)? = GateWatcher(part.request.watch)
        return [SaturationWatcher()] + [gates].compactMap(\.self)
    }

    /// A channel for what the nodes of a run will tell, with the run's watchers or others.
    init(_ part: RunPart, log: LiveWriter, watchers: [any LiveWatcher]? = nil) {
        self.part = part
        self.log = log
        // In standalone mode a controller only conducts.
        let own = part.request.mode == .remote ? [part.context.node] : []
        merge = LiveMerge(nodes: part.request.workers + own)
        self.watchers = watchers ?? Self.watchers(of: part)
    }

    /// What takes in the seconds of this node, where it makes samples itself.
    nonisolated func feed() -> any IntervalFeed { MergeFeed(merge, node: part.context.node) }

    /// Listens for the workers, says so in the store, and begins to publish.
    func begin() async {
        do {
            let listener = try LinkListener(
                at: part.context.address, nodes: part.request.workers, receiver: merge,
                note: part.note)
            self.listener = listener
            try await part.store.put(
                RunLink(
                    address: part.context.address, port: listener.port, key: listener.secret.hex),
                at: part.keys.link)
        } catch let fault as LinkFault {
            part.note("live figures come at the end only: \(fault.message)")
        } catch {
            part.note("live figures come at the end only: \(sentence(error))")
        }
        work = Task { await self.publish() }
    }

    // MARK: - Publishing

    private func publish() async {
        while !isFinishing {
            await step(atEnd: false)
            try? await Task.sleep(for: Self.pause)
        }
    }

    private func step(atEnd: Bool) async {
        var lines: [LiveLine] = []
        for (figures, merged) in merge.takeDue(atEnd: atEnd, watched: !watchers.isEmpty) {
            lines.append(.figures(figures))
            guard let merged else { continue }
            for index in watchers.indices { watchers[index].see(merged) }
        }
        for index in watchers.indices {
            let news = watchers[index].news()
            lines += news.lines
            if let news = news.warnings { warnings = news }
            stop = stop ?? news.stop
        }
        if looking.isDue || atEnd {
            if let labels = merge.labels() { lines.append(.labels(labels)) }
            lines.append(.nodes(merge.nodes(warnings: warnings)))
        }
        if !lines.isEmpty { await log.write(lines) }
        if let stop, await part.askToStop(by: stop) { self.stop = nil }
    }

    // MARK: - Fates

    /// A node is lost: what it told of samples that did not arrive is taken back.
    func lost(_ node: String) async {
        merge.mark(node, .lost)
        if part.request.mode == .standalone { await agree(node, nil) }
    }

    /// Ends the channel: takes in what workers could only put into the store, and makes the figures
    /// agree with what arrived of each node that makes samples.
    func finish(_ outcome: inout RunOutcome, nodes: [String: NodeOutcome?]) async {
        isFinishing = true
        await work?.value
        for (node, own) in nodes.sorted(by: { $0.key < $1.key }) {
            if own != nil, !merge.isWhole(node) { await takeRest(of: node) }
            await agree(node, own)
            if own != nil { merge.mark(node, .ended) }
        }
        listener?.close()
        await step(atEnd: true)
        for index in watchers.indices { watchers[index].conclude(&outcome) }
        let last = watchers.indices.flatMap { watchers[$0].news().lines }
        if !last.isEmpty { await log.write(last) }
        outcome.lost = outcome.lost.map { lost in
            var lost = lost
            lost.samples = known[lost.node]
            lost.settledBytes = settled[lost.node]
            lost.clockOffsetMs = merge.clockOffsetMs(of: lost.node)
            return lost
        }
    }

    /// Ends the channel without a word: others conclude the run.
    func leave() async {
        isFinishing = true
        await work?.value
        listener?.close()
        await step(atEnd: true)
    }

    private func takeRest(of node: String) async {
        do {
            for object in try await part.store.list(prefix: part.keys.node(node).intervalsPrefix) {
                guard let offset = part.keys.node(node).offset(of: object.key),
                    let bytes = try await part.store.read(object.key)
                else { continue }
                _ = merge.have(of: node)
                _ = try merge.take(Array(bytes), from: offset, of: node)
            }
        } catch let fault as LinkFault {
            part.note("\(node): \(fault.message)")
        } catch {
            part.note("cannot read the last live figures of \(node): \(sentence(error))")
        }
    }

    /// Makes the live figures of a node those of the samples that arrived.
    private func agree(_ node: String, _ outcome: NodeOutcome?) async {
        for attempt in 1... {
            do {
                let before = merge.samples(of: node)
                settled[node] = try await Agreement(part, merge, node).settle(outcome)
                // What it told is what it is known to have made, also when it is asked twice.
                let now = merge.samples(of: node)
                known[node] = max(known[node] ?? 0, before, now)
                let missing = (known[node] ?? 0) - now
                if outcome == nil, now < before {
                    await log.write([
                        .event(
                            at: .now,
                            text: "\(node): \(missing) samples that were seen live did not arrive")
                    ])
                }
                return
            } catch {
                part.note("cannot compare the samples of \(node): \(sentence(error))")
                guard attempt < 3 else { return }
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }
}

/// Brings seconds of the controller itself to the merge, as if they came over a link.
private final class MergeFeed: IntervalFeed {
    private let merge: LiveMerge
    private let node: String
    private let encoder = Mutex(IntervalLogEncoder())

    init(_ merge: LiveMerge, node: String) {
        self.merge = merge
        self.node = node
    }

    var clockOffsetMs: Double? { nil }

    func add(_ record: IntervalRecord) {
        let bytes = encoder.withLock { $0.encode(record) }
        // What we encoded ourselves has no gaps.
        _ = try? merge.take(bytes, from: merge.have(of: node), of: node)
    }

    func finish() async { merge.end(of: node, at: merge.have(of: node)) }
}

extension RunPart {
    /// Asks all nodes to stop in an orderly way; whether that is done.
    fileprivate func askToStop(by whom: String) async -> Bool {
        do {
            // Somebody else's wish is as good.
            _ = try await store.create(StopRequest(by: whom, at: .now, now: false), at: keys.stop)
            return true
        } catch {
            note("cannot ask for a stop yet: \(sentence(error))")
            return false
        }
    }
}
