// A cell that the bulk reader is filling: plain sums as in `Lane`, and the elapsed times one behind
// the other. Sorting and packing them waits until the second is over.

/// One second of one lane.
struct OpenCell {
    /// Samples, elapsed, bytes, sent bytes.
    var first = Four(repeating: 0)
    /// Samples without a time stamp, latency, connect, errors.
    var second = Four(repeating: 0)
    var firstStart = Int64.max
    var lastEnd = Int64.min
    var maxThreads: UInt64 = 0
    /// The response code of the last row as in `Lane`, its number, and how many samples there were
    /// before its run began.
    var code: UInt64 = 0
    var codeLength = -1
    var codeNumber = -1
    var codeSince: UInt64 = 0
    var times: UnsafeMutablePointer<UInt32>
    var capacity = 16
    var lane = 0
    var emptyControllers = 0
    var codes: [TextTimes] = []
    var failures: [TextTimes] = []

    /// A cell is put away when it has so many samples, and another one begun.
    static let limit: UInt64 = 1 << 14

    init() { times = .allocate(capacity: capacity) }

    /// Makes the cell one of nothing again, with the memory that it has.
    mutating func clear(lane: Int) {
        first = Four(repeating: 0)
        second = Four(repeating: 0)
        firstStart = .max
        lastEnd = .min
        maxThreads = 0
        codeLength = -1
        codeSince = 0
        self.lane = lane
        emptyControllers = 0
        codes.removeAll(keepingCapacity: true)
        failures.removeAll(keepingCapacity: true)
    }

    @inline(never)
    mutating func growTimes() {
        let larger = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity * 2)
        larger.update(from: times, count: capacity)
        times.deallocate()
        (times, capacity) = (larger, capacity * 2)
    }

    /// Ends the run of the last code.
    mutating func endRun() {
        if codeLength >= 0, first[0] > codeSince {
            CellFigures.add(Int(first[0] - codeSince), of: codeNumber, to: &codes)
        }
        codeSince = first[0]
        codeLength = -1
    }

    /// The figures of the cell.
    func write(to figures: inout CellFigures) {
        figures.clear()
        figures.samples = Int(first[0])
        figures.emptyControllers = emptyControllers
        figures.errors = Int(second[3])
        figures.elapsed = Int128(first[1])
        figures.bytes = Int128(first[2])
        figures.sentBytes = Int128(first[3])
        figures.latency = Int128(second[1])
        figures.connect = Int128(second[2])
        figures.maxThreads = Int64(maxThreads)
        figures.firstStart = firstStart
        figures.lastEnd = lastEnd
        figures.codes += codes
        figures.failures += failures
    }
}
