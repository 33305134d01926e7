// The last elapsed times in the bulk reader: a ring a label and one of all samples, which rows are
// added to in their order. Parts of a file are drained in their order as well, so what a later part
// holds goes on where an earlier one ended.

/// The windows of one stretch of a file.
final class WindowTally {
    private struct LaneUse {
        let entry: Int
        let isController: Bool
        let isWanted: Bool
    }

    private let capacity: Int
    private var lanes: [LaneUse] = []
    private(set) var labels: [SampleWindow] = []
    private(set) var total: SampleWindow

    init(_ capacity: Int) {
        self.capacity = capacity
        total = SampleWindow(capacity: capacity)
    }

    /// Makes room for the next lane.
    func addLane(entry: Int, isController: Bool, isWanted: Bool) {
        lanes.append(LaneUse(entry: entry, isController: isController, isWanted: isWanted))
        while labels.count <= entry { labels.append(SampleWindow(capacity: capacity)) }
    }

    /// Adds the rows of a batch, which have their lanes.
    func add(_ rows: UnsafeMutableBufferPointer<PlainRow>) {
        for row in rows where row.lane >= 0 {
            add(Int64(truncatingIfNeeded: row.first[1]), lane: Int(row.lane))
        }
    }

    /// Adds one row.
    @inline(__always)
    func add(_ elapsed: Int64, lane: Int) {
        let use = lanes[lane]
        guard use.isWanted else { return }
        labels[use.entry].add(elapsed)
        if !use.isController { total.add(elapsed) }
    }
}
