// What can be seen of a run while it goes on: the lines of its live log, written by the controller,
// read by whoever follows. They are for people and for tools that watch; the verdict is made from
// the samples.
//
// A second is a second of the run's clock in which samples were written down. Nothing about it is
// final: an interval that comes late changes it, and it is written again. The last line of a second
// is the one that counts, so the seconds of a whole log add up to the run.

package import FoundationEssentials

/// One second of a run.
package struct LiveFigures: Codable, Sendable, Equatable {
    /// Seconds since the epoch.
    package var second: Int64
    /// Nodes whose interval of this second is in these figures.
    package var workers: Int
    package var samples: Int
    package var errors: Int
    package var activeThreads: Int
    package var meanMs: Double?
    package var p50Ms: Double?
    package var p95Ms: Double?
    package var p99Ms: Double?
    package var receivedBytes: Int64
    /// Since the run began, as far as was known when this line was written.
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

/// One label since the run began; exact, like the summary that it becomes.
package struct LiveLabel: Codable, Sendable, Equatable {
    package var label: String
    /// Whether it is a transaction controller's, which is no part of the total.
    package var isController: Bool
    package var samples: Int
    package var errors: Int
    package var meanMs: Double?
    package var p50Ms: Double?
    package var p95Ms: Double?
    package var p99Ms: Double?
    package var maxMs: Int64?

    package init(
        label: String, isController: Bool, samples: Int, errors: Int, meanMs: Double? = nil,
        p50Ms: Double? = nil, p95Ms: Double? = nil, p99Ms: Double? = nil, maxMs: Int64? = nil
    ) {
        self.label = label
        self.isController = isController
        self.samples = samples
        self.errors = errors
        self.meanMs = meanMs
        self.p50Ms = p50Ms
        self.p95Ms = p95Ms
        self.p99Ms = p99Ms
        self.maxMs = maxMs
    }
}

/// All labels since the run began; the last such line of a log counts.
package struct LiveLabels: Codable, Sendable, Equatable {
    /// The last second that is in these figures.
    package var second: Int64
    /// In the order in which they were first seen; at most ``limit``, those with most samples.
    package var labels: [LiveLabel]
    /// Labels that are left out.
    package var others: Int

    /// A line must stay small enough for a log.
    package static let limit = 200

    package init(second: Int64, labels: [LiveLabel], others: Int = 0) {
        self.second = second
        self.labels = labels
        self.others = others
    }
}

/// One node as the controller sees it.
package struct LiveNode: Codable, Sendable, Equatable {
    package enum State: String, Codable, Sendable {
        case waiting
        case running
        /// Nothing has come of it for some seconds.
        case silent
        case lost
        case ended
    }

    package var node: String
    package var state: State
    /// Samples of its last second.
    package var samples: Int
    package var activeThreads: Int
    package var health: NodeHealth?
    /// Why its figures cannot be trusted: `CPU 97 % for 12 s`.
    package var warning: String?

    package init(
        node: String, state: State, samples: Int = 0, activeThreads: Int = 0,
        health: NodeHealth? = nil, warning: String? = nil
    ) {
        self.node = node
        self.state = state
        self.samples = samples
        self.activeThreads = activeThreads
        self.health = health
        self.warning = warning
    }
}

/// The nodes of a run; the last such line of a log counts.
package struct LiveNodes: Codable, Sendable, Equatable {
    package var second: Int64
    /// All of them, or of many those that need to be looked at, at most ``limit``.
    package var nodes: [LiveNode]
    /// How many nodes are in each state, also those that are left out.
    package var counts: [String: Int]

    /// A line must stay small enough for a log.
    package static let limit = 50

    package init(second: Int64, nodes: [LiveNode], counts: [String: Int]) {
        self.second = second
        self.nodes = nodes
        self.counts = counts
    }
}

/// How a gate stands while the run goes on.
package struct LiveGate: Codable, Sendable, Equatable {
    package enum State: String, Codable, Sendable {
        /// Too little is known, or the grace period lasts.
        case open
        case met
        /// Not met now; for a gate with a duration, not for long enough yet.
        case turning
        case broken
    }

    package var expression: String
    package var state: State
    /// The figure, in the gate's unit; nil where it is not known.
    package var actual: Double?
    /// One line saying how it stands.
    package var reason: String

    package init(expression: String, state: State, actual: Double?, reason: String) {
        self.expression = expression
        self.state = state
        self.actual = actual
        self.reason = reason
    }
}

/// All gates; the last such line of a log counts.
package struct LiveGates: Codable, Sendable, Equatable {
    package var second: Int64
    package var gates: [LiveGate]

    package init(second: Int64, gates: [LiveGate]) {
        self.second = second
        self.gates = gates
    }
}

/// A line of a run's live log.
package enum LiveLine: Codable, Sendable, Equatable {
    case figures(LiveFigures)
    case labels(LiveLabels)
    case nodes(LiveNodes)
    case gates(LiveGates)
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
