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
    private let log: any LiveLog
    private var seconds: [Int64: [String: NodeInterval]] = [:]
    private var latest: [String: Int64] = [:]
    private var published: Int64 = 0
    private var totalSamples = 0
    private var totalErrors = 0

    /// A second older than this is published without waiting for more.
    private static let patience: Int64 = 4

    init(_ part: RunPart, nodes: [String], log: any LiveLog) {
        self.part = part
        self.nodes = nodes
        self.log = log
    }

    /// Publishes until the task is canceled, and then what is left.
    consuming func publish() async {
        while !Task.isCancelled {
            await step(atEnd: false)
            try? await Task.sleep(for: .milliseconds(500))
        }
        await step(atEnd: true)
    }

    private mutating func step(atEnd: Bool) async {
        for node in nodes {
            let live = try? await part.store.record(NodeLive.self, at: part.keys.node(node).live)
            for interval in live?.intervals ?? [] where interval.second > published {
                seconds[interval.second, default: [:]][node] = interval
                latest[node] = max(latest[node] ?? 0, interval.second)
            }
        }
        let now = Int64(Date.now.timeIntervalSince1970)
        let complete = nodes.map { latest[$0] ?? 0 }.min() ?? 0
        let due = seconds.keys.filter { atEnd || $0 <= complete || $0 < now - Self.patience }
        guard !due.isEmpty else { return }
        let lines = due.sorted().map { LiveLine.figures(figures(of: $0)) }
        do {
            try await log.append(LiveLines.encode(lines))
        } catch {
            part.note("cannot write the live log: \(sentence(error))")
        }
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
