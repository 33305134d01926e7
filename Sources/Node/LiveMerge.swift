// Merges the workers' last seconds into one line a second, while the run goes on.
//
// Seconds merge by addition of exact histograms; percentiles are taken from the sum, never merged.

internal import FoundationEssentials
internal import JTL
internal import Store

/// Publishes a run's live figures.
struct LiveMerge {
    private let part: RunPart
    private let nodes: [String]
    private let log: LiveWriter
    private var news: PrefixWatch
    private var seconds: [Int64: [String: NodeInterval]] = [:]
    private var latest: [String: Int64] = [:]
    private var published: Int64 = 0
    private var totalSamples = 0
    private var totalErrors = 0

    /// A second older than this is published without waiting for more.
    private var patience: Int64 { 3 + part.publishInterval.components.seconds }

    init(_ part: RunPart, nodes: [String], log: LiveWriter) {
        self.part = part
        self.nodes = nodes
        self.log = log
        news = PrefixWatch(part.keys.nodesLivePrefix)
    }

    /// Publishes until the task is canceled, and then what is left.
    consuming func publish() async {
        while !Task.isCancelled {
            await stepWhole(atEnd: false)
            try? await Task.sleep(for: part.pause(atLeast: .milliseconds(500)))
        }
        await stepWhole(atEnd: true)
    }

    /// Takes a step that no cancellation cuts short: a store would answer nothing more.
    private mutating func stepWhole(atEnd: Bool) async {
        self = await Task { [self] in
            var next = self
            await next.step(atEnd: atEnd)
            return next
        }.value
    }

    private mutating func step(atEnd: Bool) async {
        let news = (try? await news.changed(NodeLive.self, in: part.store)) ?? [:]
        for live in news.values where nodes.contains(live.node) {
            for interval in live.intervals where interval.second > published {
                seconds[interval.second, default: [:]][live.node] = interval
                latest[live.node] = max(latest[live.node] ?? 0, interval.second)
            }
        }
        let now = Int64(Date.now.timeIntervalSince1970)
        let complete = nodes.map { latest[$0] ?? 0 }.min() ?? 0
        let due = seconds.keys.filter { atEnd || $0 <= complete || $0 < now - patience }
        guard !due.isEmpty else { return }
        await log.write(due.sorted().map { LiveLine.figures(figures(of: $0)) })
        published = due.max() ?? published
        for second in due { seconds[second] = nil }
    }

    private mutating func figures(of second: Int64) -> LiveFigures {
        let intervals = (seconds[second] ?? [:]).values
        var elapsed = Histogram()
        var elapsedSum = 0.0
        for pair in intervals.flatMap(\.elapsed) where pair.count == 2 {
            elapsed.add(pair[0], times: Int(pair[1]))
            elapsedSum += Double(pair[0]) * Double(pair[1])
        }
        let samples = intervals.reduce(0) { $0 + $1.samples }
        let errors = intervals.reduce(0) { $0 + $1.errors }
        let distribution = Distribution(elapsed)
        totalSamples += samples
        totalErrors += errors
        return LiveFigures(
            second: second, workers: intervals.count, samples: samples, errors: errors,
            activeThreads: intervals.reduce(0) { $0 + $1.activeThreads },
            meanMs: samples > 0 ? elapsedSum / Double(samples) : nil,
            p50Ms: distribution.percentile(50), p95Ms: distribution.percentile(95),
            p99Ms: distribution.percentile(99),
            receivedBytes: intervals.reduce(0) { $0 + $1.receivedBytes },
            totalSamples: totalSamples, totalErrors: totalErrors)
    }
}
