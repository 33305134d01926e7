// Counts samples while JMeter writes them.
//
// Live figures go by the second in which a sample was written down, not the one it started in: such
// a second is complete once it has passed, and the sum of all seconds is the run.

internal import FoundationEssentials
internal import JTL
internal import Store

/// Follows a JTL and adds up what is in it.
struct SampleTail: ~Copyable {
    private var tail: FileTail
    private var reader = SampleReader()
    private var past = Statistics()
    private var current = Statistics()
    private var second = Int64(Date.now.timeIntervalSince1970)
    private var recent: [NodeInterval] = []
    /// Why the file cannot be read as a JTL; nil if it can.
    private(set) var fault: String?

    /// Seconds kept for readers that come late.
    private static let memory = 20

    init(path: String) { tail = FileTail(path: path) }

    /// Reads what has been added.
    mutating func read() {
        turnSecond()
        guard fault == nil else { return }
        tail.readNew { chunk in
            guard fault == nil else { return }
            do throws(JTLError) {
                try reader.consume(chunk, into: &current)
            } catch {
                fault = error.message
            }
        }
    }

    /// Reads the rest, a last line without its end included.
    mutating func finish() {
        read()
        guard fault == nil else { return }
        do throws(JTLError) {
            try reader.finish(into: &current)
        } catch {
            fault = error.message
        }
        closeSecond()
    }

    /// The last complete seconds, oldest first.
    mutating func recentIntervals() -> [NodeInterval] {
        turnSecond()
        return recent
    }

    /// What a node tells of itself while it makes samples.
    mutating func live(of node: String) -> NodeLive {
        let intervals = recentIntervals()
        return NodeLive(node: node, intervals: intervals, totalSamples: past.total.samples)
    }

    private mutating func turnSecond() {
        if Int64(Date.now.timeIntervalSince1970) > second { closeSecond() }
    }

    private mutating func closeSecond() {
        let total = current.total
        recent.append(
            NodeInterval(
                second: second, samples: total.samples, errors: total.errors,
                receivedBytes: Int64(clamping: total.bytes),
                activeThreads: Int(clamping: total.maxThreads),
                elapsed: total.elapsed.counts.map { [$0.value, Int64($0.times)] }))
        recent = recent.suffix(Self.memory)
        past.merge(current)
        current = Statistics()
        second = max(second + 1, Int64(Date.now.timeIntervalSince1970))
    }

    // MARK: - Totals, complete after `finish`

    var samples: Int { past.total.samples }
    var errors: Int { past.total.errors }
    var unusableLines: Int { past.unusable.count }

    /// The start of the earliest sample, epoch milliseconds.
    var firstSampleMs: Int64? {
        let first = past.total.firstStart
        return first == .max ? nil : first
    }
}
