// Puts the elapsed times of one cell in order and writes them as gaps. Times are milliseconds, most
// of them short, so they are sorted by counting: a count and a bit for each value, and a walk over
// the bits, which costs a few steps a value however many there are. The others are sorted as usual.

/// How the times of a cell are written, beside their bits.
struct TimesShape: Equatable {
    /// The smallest time, in ms.
    var least: Int64 = 0
    /// The parameter of the gaps' code.
    var k = 0
    /// Whether each gap is followed by how often the value occurs (less one, by the code of k = 0);
    /// otherwise a value that occurs again is a gap of 0.
    var isCounted = false

    /// `k` and `isCounted` as one number.
    var number: UInt64 { UInt64(k) << 1 | (isCounted ? 1 : 0) }

    init() {}

    /// Stands for blocks, which are in no file.
    static let blocks: UInt64 = 128

    /// A shape read from a file; nil for a number that stands for none.
    init?(least: Int64, number: UInt64) {
        guard number < 128 else { return nil }
        self.least = least
        k = Int(number >> 1)
        isCounted = number & 1 == 1
    }
}

/// Gathers times and writes them in order.
struct ElapsedSorter: ~Copyable {
    private typealias Run = Histogram.Count

    /// Times below this are counted.
    private static let bound = 1 << 14
    private let counts: UnsafeMutablePointer<Int>
    private let marks: UnsafeMutablePointer<UInt64>
    private var least = bound
    private var most = -1
    private var far: [Run] = []
    private var runs: UnsafeMutablePointer<Run>
    private var capacity = 256
    private var runCount = 0
    /// How many gaps there are of so many bits.
    private let lengths: UnsafeMutablePointer<Int>

    init() {
        counts = .allocate(capacity: Self.bound)
        counts.initialize(repeating: 0, count: Self.bound)
        marks = .allocate(capacity: Self.bound / 64)
        marks.initialize(repeating: 0, count: Self.bound / 64)
        runs = .allocate(capacity: capacity)
        lengths = .allocate(capacity: 66)
        lengths.initialize(repeating: 0, count: 66)
    }

    deinit {
        counts.deallocate()
        marks.deallocate()
        runs.deallocate()
        lengths.deallocate()
    }

    /// Adds one value as often as it occurs.
    mutating func add(_ value: Int64, times: Int) {
        guard value >= 0, value < Self.bound else {
            return far.append(Run(value: value, times: times))
        }
        count(Int(value), times)
    }

    /// Adds many values.
    @inline(never)
    mutating func add(_ values: UnsafePointer<UInt32>, count: Int) {
        for index in 0..<count {
            let value = Int(values[index])
            if value < Self.bound {
                self.count(value, 1)
            } else {
                far.append(Run(value: Int64(value), times: 1))
            }
        }
    }

    @inline(__always)
    private mutating func count(_ value: Int, _ times: Int) {
        counts[value] &+= times
        marks[value &>> 6] |= 1 &<< UInt64(truncatingIfNeeded: value & 63)
        least = min(least, value)
        most = max(most, value)
    }

    /// The values that were added since the last call with their counts, smallest first; good until
    /// the next value is added.
    mutating func sorted() -> UnsafeBufferPointer<Histogram.Count> {
        sort()
        return last
    }

    /// What was sorted last, again.
    var last: UnsafeBufferPointer<Histogram.Count> {
        UnsafeBufferPointer(start: runs, count: runCount)
    }

    /// Makes the runs of equal values, in order, and forgets the counts.
    private mutating func sort() {
        runCount = 0
        far.sort { $0.value < $1.value }
        var index = 0
        while index < far.count, far[index].value < 0 { append(far[index], &index) }
        if most >= 0 {
            for block in (least &>> 6)...(most &>> 6) { appendMarked(block) }
        }
        while index < far.count { append(far[index], &index) }
        if !far.isEmpty { far.removeAll(keepingCapacity: true) }
        (least, most) = (Self.bound, -1)
    }

    @inline(__always)
    private mutating func appendMarked(_ block: Int) {
        var bits = marks[block]
        guard bits != 0 else { return }
        marks[block] = 0
        reserve(64)
        while bits != 0 {
            let value = block &* 64 &+ bits.trailingZeroBitCount
            bits &= bits &- 1
            runs[runCount] = Run(value: Int64(value), times: counts[value])
            counts[value] = 0
            runCount &+= 1
        }
    }

    private mutating func append(_ run: Run, _ index: inout Int) {
        index += 1
        if runCount > 0, runs[runCount - 1].value == run.value {
            runs[runCount - 1].times += run.times
            return
        }
        reserve(1)
        runs[runCount] = run
        runCount += 1
    }

    private mutating func reserve(_ more: Int) {
        guard runCount + more > capacity else { return }
        let larger = UnsafeMutablePointer<Run>.allocate(capacity: capacity * 2 + more)
        larger.update(from: runs, count: runCount)
        runs.deallocate()
        (runs, capacity) = (larger, capacity * 2 + more)
    }
}

// MARK: - Writing

/// What an ``ElapsedSorter`` found about the times it was given.
struct SortedTimes {
    var shape = TimesShape()
    var most: Int64 = 0
    /// How many bits the gaps take.
    var bits = 0
}

extension ElapsedSorter {
    /// Sorts the `samples` values that were added since the last call, and tells how they are going
    /// to be written.
    mutating func finish(_ samples: Int) -> SortedTimes {
        sort()
        var found = SortedTimes()
        guard runCount > 0 else { return found }
        found.shape.least = runs[0].value
        found.most = runs[runCount - 1].value
        let again = samples &- runCount
        found.shape.isCounted = again > 7 &* runCount
        // Of as many bits as the longest gap has, the tally of lengths needs no more entries.
        var all: UInt64 = 0
        var last = found.shape.least
        for index in 1..<max(1, runCount) {
            let gap = UInt64(bitPattern: runs[index].value &- last)
            last = runs[index].value
            all |= gap
            lengths[64 &- gap.leadingZeroBitCount] &+= 1
        }
        if !found.shape.isCounted { lengths[0] &+= again }
        chooseCode(&found, longest: 64 - all.leadingZeroBitCount)
        if found.shape.isCounted { found.bits &+= countBits() }
        return found
    }

    /// The code with the fewest bits: from k to k + 1 each gap of at most k bits takes one bit more
    /// and each of more than k + 1 bits one bit less, so k grows while the latter are more.
    ///
    /// Forgets the lengths of the gaps.
    private func chooseCode(_ found: inout SortedTimes, longest: Int) {
        var gaps = 0
        for length in 0...longest { gaps &+= lengths[length] }
        var k = 0
        var short = lengths[0]
        while k < 63, gaps &- short &- lengths[k + 1] > short {
            k += 1
            short &+= lengths[k]
        }
        found.shape.k = k
        var bits = short &* (k + 1)
        for length in 0...longest {
            if length > k { bits &+= lengths[length] &* (2 &* length &- k) }
            lengths[length] = 0
        }
        found.bits = bits
    }

    /// How many bits the counts behind the gaps take.
    private func countBits() -> Int {
        var bits = 0
        for index in 0..<runCount {
            bits &+= max(1, 2 &* (64 &- (runs[index].times &- 1).leadingZeroBitCount))
        }
        return bits
    }

    /// Writes the gaps of what ``finish(_:)`` described.
    @inline(never)
    func write(_ shape: TimesShape, to target: UnsafeMutableRawPointer) {
        var writer = GapWriter(at: target)
        guard !shape.isCounted else { return writeCounted(shape, &writer) }
        var last = shape.least
        let k = shape.k
        writer.addZeros(runs[0].times &- 1, k)
        for index in 1..<max(1, runCount) {
            let run = runs[index]
            writer.add(UInt64(bitPattern: run.value &- last), k, zeros: run.times &- 1)
            last = run.value
        }
    }

    private func writeCounted(_ shape: TimesShape, _ writer: inout GapWriter) {
        var last = shape.least
        for index in 0..<runCount {
            let run = runs[index]
            if index > 0 { writer.add(UInt64(bitPattern: run.value &- last), shape.k) }
            last = run.value
            writer.add(UInt64(truncatingIfNeeded: run.times &- 1), 0)
        }
    }
}

extension GapReader {
    /// Hands out the values of a cell with so many samples, each with its times, smallest first.
    ///
    /// - Returns: false where the bits are not what was written.
    @inline(__always)
    mutating func forEachRun(
        of samples: Int, _ shape: TimesShape, _ body: (_ value: Int64, _ times: Int) -> Void
    ) -> Bool {
        guard samples > 0 else { return true }
        // Moved so that the smallest Int64 is 0, values in order have no overflow but a real one.
        var value = UInt64(bitPattern: shape.least) ^ 1 << 63
        var left = samples
        var times = 0
        let width = ZeroWidth(shape.k)
        while true {
            let more = shape.isCounted ? next(0) : 0
            guard !isOverrun, more < UInt64(left) else { return false }
            times += Int(more) + 1
            left -= Int(more) + 1
            if !shape.isCounted {
                // Values that occur again, many at once.
                let again = zeros(width, limit: left)
                times += again
                left -= again
            }
            guard left > 0 else { break }
            let gap = next(shape.k)
            guard gap != 0 else { continue }
            body(Int64(bitPattern: value ^ 1 << 63), times)
            times = 0
            let (sum, overflow) = value.addingReportingOverflow(gap)
            if overflow { return false }
            value = sum
        }
        body(Int64(bitPattern: value ^ 1 << 63), times)
        return !isOverrun
    }
}
