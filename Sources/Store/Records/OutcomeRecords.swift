// What a run leaves in the store when it is over: what became of each node, of the run, and of the
// fetching of its results.

package import FoundationEssentials

/// How a node's part in a run ended.
package struct NodeOutcome: Record, Equatable {
    package enum Ending: String, Codable, Sendable {
        /// JMeter said that the plan had ended, and its process ended.
        case completed
        case failed
        /// Someone asked for it.
        case stopped
        /// The run's deadline passed.
        case deadline
        /// The fleet's lease ended.
        case lease
        /// The node's machine was taken away, after a warning.
        case interrupted
    }

    package var node: String
    package var ending: Ending
    /// Why it did not complete.
    package var message: String?
    /// The exit code of JMeter's process, which proves nothing.
    package var jmeterExit: Int32?
    /// Threads this node was to run, where the plan states a number.
    package var threads: Int?
    package var startedAt: Date?
    package var endedAt: Date
    /// The start of the earliest sample, epoch milliseconds.
    package var firstSampleMs: Int64?
    package var samples: Int
    package var errors: Int
    /// Lines of the JTL that could not be used.
    package var unusableLines: Int
    package var parts: [DeliveredPart]
    package var files: [String]
    package var notes: [String]
    /// How this node was the bottleneck of its own load, if it was.
    package var saturations: [Saturation]?
    /// From the first to the last start of a thread, milliseconds.
    package var rampMs: Int64?
    /// How far the node's clock was ahead of the controller's, milliseconds, where that is known; its
    /// samples have the times of its own clock.
    package var clockOffsetMs: Double?
    /// Who asked for it, of a node that was stopped: a user, or the controller.
    package var stoppedBy: String?
    /// How its machine and its JMeter fared under the load.
    package var health: HealthSummary?

    package init(
        node: String, ending: Ending, message: String? = nil, jmeterExit: Int32? = nil,
        threads: Int? = nil, startedAt: Date? = nil, endedAt: Date, firstSampleMs: Int64? = nil,
        samples: Int = 0, errors: Int = 0, unusableLines: Int = 0, parts: [DeliveredPart] = [],
        files: [String] = [], notes: [String] = []
    ) {
        self.node = node
        self.ending = ending
        self.message = message
        self.jmeterExit = jmeterExit
        self.threads = threads
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.firstSampleMs = firstSampleMs
        self.samples = samples
        self.errors = errors
        self.unusableLines = unusableLines
        self.parts = parts
        self.files = files
        self.notes = notes
    }
}

/// A part of a node's samples that is in the store.
package struct DeliveredPart: Codable, Sendable, Equatable {
    package var number: Int
    /// Bytes before compression.
    package var bytes: Int64

    package init(number: Int, bytes: Int64) {
        self.number = number
        self.bytes = bytes
    }
}

/// The controller's word that a run is over; what it was worth is judged from the nodes' outcomes.
package struct RunOutcome: Record, Equatable {
    package var endedAt: Date
    /// Why the load never began.
    package var aborted: String?
    /// Nodes that fell silent, each with the last second of theirs that was seen.
    package var lost: [LostNode]
    /// Gates on windows that were broken, in the order in which they were.
    package var brokenGates: [BrokenGate]?
    /// Nodes that were the bottleneck of their own load.
    package var saturations: [Saturation]?
    /// Workers that were not ready in time, without which the run began.
    package var absent: [String]?

    package init(
        endedAt: Date, aborted: String? = nil, lost: [LostNode] = [],
        brokenGates: [BrokenGate]? = nil, saturations: [Saturation]? = nil, absent: [String]? = nil
    ) {
        self.endedAt = endedAt
        self.aborted = aborted
        self.lost = lost
        self.brokenGates = brokenGates
        self.saturations = saturations
        self.absent = absent
    }
}

/// A gate on a window that a run broke.
package struct BrokenGate: Codable, Sendable, Equatable {
    /// The gate as it was written.
    package var expression: String
    /// The end of the window that broke it.
    package var at: Date
    /// The figure of that window, in the gate's unit.
    package var actual: Double?
    /// How many samples the figure is made from.
    package var samples: Int?
    /// One line with the figure and the window.
    package var reason: String
    /// Whether it ended the run.
    package var ended: Bool

    package init(
        expression: String, at: Date, actual: Double?, samples: Int? = nil, reason: String,
        ended: Bool
    ) {
        self.expression = expression
        self.at = at
        self.actual = actual
        self.samples = samples
        self.reason = reason
        self.ended = ended
    }
}

extension BrokenGate {
    /// On whose behalf a run is stopped that it ends.
    package var stopper: String {
        expression.hasPrefix("auto-stop: ") ? expression : "gate \(expression)"
    }
}

/// A node that fell silent during a run.
package struct LostNode: Codable, Sendable, Equatable {
    package var node: String
    package var at: Date
    /// All samples that it is known to have made.
    package var samples: Int?
    /// How far its clock was ahead of the controller's when it last told, milliseconds.
    package var clockOffsetMs: Double?
    /// The bytes of its JTL that are in the run's figures, in whole parts; nil where nobody settled it.
    ///
    /// What a node that was given up delivers later does not count.
    package var settledBytes: Int64?

    package init(node: String, at: Date, samples: Int? = nil, settledBytes: Int64? = nil) {
        self.node = node
        self.at = at
        self.samples = samples
        self.settledBytes = settledBytes
    }
}

/// That results were fetched, by whom and where to.
package struct FetchedResults: Record, Equatable {
    package var by: String
    package var at: Date
    package var folder: String

    package init(by: String, at: Date, folder: String) {
        self.by = by
        self.at = at
        self.folder = folder
    }
}
