// How a node's machine and its JMeter fared in one second, and what that says about the load: a
// generator that was itself the bottleneck measures itself.

package import FoundationEssentials

/// A node in one second.
package struct NodeHealth: Codable, Sendable, Equatable {
    /// Processor time of JMeter in percent of what this node may use: all of its processors, or
    /// less where a cgroup limits it.
    package var cpuPercent: Double?
    /// Heap in use after the last collection, in percent of the largest it may become.
    package var heapPercent: Double?
    /// Time in which garbage collection held all threads, in percent of the second.
    package var gcPercent: Double?
    /// TCP ports in use, in percent of those the kernel may give to connections.
    package var portsPercent: Double?
    /// Open files of JMeter, in percent of its limit.
    package var filesPercent: Double?
    /// Bytes that the machine received and sent, loopback included.
    package var receivedBytes: Int64?
    package var sentBytes: Int64?
    /// How far the node's clock is ahead of the controller's, milliseconds.
    package var clockOffsetMs: Double?

    package init(
        cpuPercent: Double? = nil, heapPercent: Double? = nil, gcPercent: Double? = nil,
        portsPercent: Double? = nil, filesPercent: Double? = nil, receivedBytes: Int64? = nil,
        sentBytes: Int64? = nil, clockOffsetMs: Double? = nil
    ) {
        self.cpuPercent = cpuPercent
        self.heapPercent = heapPercent
        self.gcPercent = gcPercent
        self.portsPercent = portsPercent
        self.filesPercent = filesPercent
        self.receivedBytes = receivedBytes
        self.sentBytes = sentBytes
        self.clockOffsetMs = clockOffsetMs
    }
}

/// A node over the whole of its load.
package struct HealthSummary: Codable, Sendable, Equatable {
    /// The mean and the highest second of what ``NodeHealth`` has under these names.
    package var cpuPercent: Double?
    package var cpuPeakPercent: Double?
    package var gcPercent: Double?
    package var gcPeakPercent: Double?
    /// The highest second.
    package var heapPeakPercent: Double?
    package var portsPeakPercent: Double?

    package init(
        cpuPercent: Double? = nil, cpuPeakPercent: Double? = nil, gcPercent: Double? = nil,
        gcPeakPercent: Double? = nil, heapPeakPercent: Double? = nil,
        portsPeakPercent: Double? = nil
    ) {
        self.cpuPercent = cpuPercent
        self.cpuPeakPercent = cpuPeakPercent
        self.gcPercent = gcPercent
        self.gcPeakPercent = gcPeakPercent
        self.heapPeakPercent = heapPeakPercent
        self.portsPeakPercent = portsPeakPercent
    }
}

/// That a node was the bottleneck of its own load.
package struct Saturation: Codable, Sendable, Equatable {
    package enum Kind: String, Codable, Sendable {
        case cpu
        case gc
        case heap
        case ports
        case files
        /// No space was left where JMeter writes its samples.
        case disk
        /// Fewer threads ran than the plan states.
        case threads
        /// Fewer samples a second than a throughput timer states.
        case rate
    }

    package var node: String
    package var kind: Kind
    /// Since when, and for how many seconds in all.
    package var since: Date
    package var seconds: Double
    /// One line with the figure: `CPU 97 % for 12 s`.
    package var text: String

    package init(node: String, kind: Kind, since: Date, seconds: Double, text: String) {
        self.node = node
        self.kind = kind
        self.since = since
        self.seconds = seconds
        self.text = text
    }
}
