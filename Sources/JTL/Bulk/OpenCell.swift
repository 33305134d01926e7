// A cell that the bulk reader is filling: plain sums as in `Lane`, and the elapsed times one behind
// the other. Sorting and packing them waits until the second is over.

/// One second of one lane, laid out as `lf_cell` to begin with.
struct OpenCell {
    /// Samples, elapsed, bytes, sent bytes.
    var first = Four(repeating: 0)
    /// Samples without a time stamp, latency, connect, errors.
    var second = Four(repeating: 0)
    var firstStart = Int64.max
    var lastEnd = Int64.min
    var maxThreads: UInt64 = 0
    /// How often the two codes of its lane occurred; others are among the figures.
    var codes = CodePair()
    var times: UnsafeMutablePointer<UInt32>
    var capacity = 16
    var lane = 0
    /// Texts and empty controllers, as they come.
    var figures = CellFigures()

    /// A cell is put away when it has so many samples, and another one begun.
    static let limit: UInt64 = 1 << 14

    init() { times = .allocate(capacity: capacity) }

    /// Makes the cell one of nothing again, with the memory that it has.
    mutating func clear(lane: Int, codes keys: (CodeKey, CodeKey)) {
        first = Four(repeating: 0)
        second = Four(repeating: 0)
        firstStart = .max
        lastEnd = .min
        maxThreads = 0
        codes = CodePair(keys: keys)
        self.lane = lane
        figures.clear()
    }

    /// Adds what a row has beside texts; there must be room for its time.
    @inline(__always)
    mutating func add(_ row: borrowing PlainRow, isTimed: Bool) {
        times[Int(truncatingIfNeeded: first[0])] = UInt32(truncatingIfNeeded: row.first[1])
        first &+= row.first
        second &+= row.second
        maxThreads = max(maxThreads, row.threads)
        guard isTimed else { return }
        firstStart = min(firstStart, row.start)
        lastEnd = max(lastEnd, row.start &+ Int64(truncatingIfNeeded: row.first[1]))
    }

    @inline(never)
    mutating func growTimes() {
        let larger = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity * 2)
        larger.update(from: times, count: capacity)
        times.deallocate()
        (times, capacity) = (larger, capacity * 2)
    }

    /// Completes the figures; the two codes have these numbers.
    mutating func finish(_ numbers: (Int, Int)) {
        if codes.times.0 > 0 { CellFigures.add(codes.times.0, of: numbers.0, to: &figures.codes) }
        if codes.times.1 > 0 { CellFigures.add(codes.times.1, of: numbers.1, to: &figures.codes) }
        figures.set(first, second, maxThreads: maxThreads)
        figures.firstStart = firstStart
        figures.lastEnd = lastEnd
    }
}
