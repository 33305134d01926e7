// Live figures: what a node saw in its last seconds, and what the controller makes of all of them.

package import FoundationEssentials

/// One second of one node, exact, so that seconds of many nodes merge by addition.
package struct NodeInterval: Codable, Sendable, Equatable {
    /// Seconds since the epoch; a sample belongs to the second it started in.
    package var second: Int64
    package var samples: Int
    package var errors: Int
    package var receivedBytes: Int64
    package var activeThreads: Int
    /// Pairs of elapsed milliseconds and how many samples took that long.
    package var elapsed: [[Int64]]

    package init(
        second: Int64, samples: Int, errors: Int, receivedBytes: Int64, activeThreads: Int,
        elapsed: [[Int64]]
    ) {
        self.second = second
        self.samples = samples
        self.errors = errors
        self.receivedBytes = receivedBytes
        self.activeThreads = activeThreads
        self.elapsed = elapsed
    }
}

/// A node's last intervals.
package struct NodeLive: Record, Equatable {
    package var node: String
    package var intervals: [NodeInterval]
    /// All samples until the end of these intervals: when the node is lost, that many were made.
    package var totalSamples: Int?

    package init(node: String, intervals: [NodeInterval], totalSamples: Int? = nil) {
        self.node = node
        self.intervals = intervals
        self.totalSamples = totalSamples
    }
}

/// One second of a run: a line of its live log.
package struct LiveFigures: Codable, Sendable, Equatable {
    package var second: Int64
    /// Workers that said something about this second.
    package var workers: Int
    package var samples: Int
    package var errors: Int
    package var activeThreads: Int
    package var meanMs: Double?
    package var p50Ms: Double?
    package var p95Ms: Double?
    package var p99Ms: Double?
    package var receivedBytes: Int64
    /// Since the run began.
    package var totalSamples: Int
    package var totalErrors: Int

    package init(
        second: Int64, workers: Int, samples: Int, errors: Int, activeThreads: Int, meanMs: Double?,
        p50Ms: Double?, p95Ms: Double?, p99Ms: Double?, receivedBytes: Int64, totalSamples: Int,
        totalErrors: Int
    ) {
        self.second = second
        self.workers = workers
        self.samples = samples
        self.errors = errors
        self.activeThreads = activeThreads
        self.meanMs = meanMs
        self.p50Ms = p50Ms
        self.p95Ms = p95Ms
        self.p99Ms = p99Ms
        self.receivedBytes = receivedBytes
        self.totalSamples = totalSamples
        self.totalErrors = totalErrors
    }
}

/// A line of a run's live log.
package enum LiveLine: Codable, Sendable, Equatable {
    case figures(LiveFigures)
    /// Something a person should know: a phase, a loss.
    case event(at: Date, text: String)
}

/// Live lines as they stand in the log: one JSON object each.
package enum LiveLines {
    package static func encode(_ lines: [LiveLine]) throws -> [String] {
        let encoder = RecordCoding.encoder()
        return try lines.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
    }

    /// Lines of a newer loadfleet that cannot be read are left out: they are only live.
    package static func decode(_ lines: [String]) -> [LiveLine] {
        let decoder = RecordCoding.decoder()
        return lines.compactMap { try? decoder.decode(LiveLine.self, from: Data($0.utf8)) }
    }
}
