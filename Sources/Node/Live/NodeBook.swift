// What the controller knows of one node of a run: how far its log has come, and those seconds of it
// that could still turn out not to count, because their samples are not in the store yet.

internal import JTL
internal import Store

/// One node's log, as far as it has come.
struct NodeBook: Sendable {
    /// A second that was merged and whose samples may not arrive.
    struct Kept: Sendable {
        let second: Int64
        /// Where the JTL's bytes end that are counted in it.
        let counted: Int64
        /// The record, to be read again.
        let bytes: [UInt8]
    }

    var log = IntervalLogDecoder()
    /// Bytes that came and are in no whole record yet.
    var unfinished = 0
    /// The log makes no sense, and nothing more is taken.
    var isRefused = false
    /// The node counts as lost: what it tells from now on does not count.
    var isFrozen = false
    /// The node has said that its log is whole, and all of it has come.
    var isWhole = false
    var state = LiveNode.State.waiting
    var heard: ContinuousClock.Instant?
    /// The last second it told of.
    var latest: Int64?
    var last = NodeSecond()
    /// All samples it told of that are in the figures.
    var samples = 0
    var errors = 0
    /// The bytes of its JTL whose samples are in the figures.
    var counted: Int64 = 0
    /// The oldest first; what is before ``keptFrom`` is in the store.
    var kept: [Kept] = []
    var keptFrom: Int64 = 0

    /// So many seconds are kept at most, for a store that is away.
    private static let memory = 600

    /// Keeps a record until its samples are delivered.
    mutating func keep(_ record: IntervalRecord, _ bytes: [UInt8]) {
        if record.counted > counted {
            kept.append(Kept(second: record.second, counted: record.counted, bytes: bytes))
        }
        counted = max(counted, record.counted)
        var gone = kept.prefix { $0.counted <= record.delivered }.count
        gone = max(gone, kept.count - Self.memory)
        if gone > 0 {
            keptFrom = kept[gone - 1].counted
            kept.removeFirst(gone)
        }
    }

    /// What the node is to whoever looks on now.
    func stateNow(_ now: ContinuousClock.Instant) -> LiveNode.State {
        guard state == .running, let heard else { return state }
        return now - heard > .seconds(5) ? .silent : .running
    }
}
