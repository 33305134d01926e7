// Stage 2, first half: numbers, truth and times of all rows of a batch, and with them the decision
// which rows are plain. A plain row has the right number of fields, short unsigned numbers and
// "true" or "false"; all others are odd, and the slow reader judges them. So this stage needs no
// rules for damage: what it does not understand completely it does not touch.
//
// Three steps: rows are told apart by their line ends and the number of their separators; one of the
// `CVectors` loops reads the numbers of all of them; and what turns out to hold something else than
// digits is taken out again.

import CVectors

/// One plain row, ready to be added to its label's lane: what the loops know as `lf_row`.
struct PlainRow {
    /// 1, elapsed, bytes, sent bytes: summands of `Lane.first`.
    var first = Four(repeating: 0)
    /// 1 without a time stamp, latency, connect, 1 for an error: summands of `Lane.second`.
    var second = Four(repeating: 0)
    /// Milliseconds since 1970.
    var start: Int64 = 0
    var threads: UInt64 = 0
    var code = CodeKey.unknown
    /// Where in the batch's separators the row's own begin.
    var place: Int32 = 0
    /// The lane of its label; -1 for an empty transaction controller.
    var lane: Int32 = 0
}

extension PlainRow {
    /// A sample of the slow reader's as a row; nil if it has longer numbers than rows have.
    init?(_ sample: Sample) {
        let numbers = [
            sample.elapsed, sample.bytes, sample.sentBytes, sample.latency, sample.connect,
            sample.allThreads,
        ]
        guard numbers.allSatisfy({ (0..<1 << 27).contains($0) }) else { return nil }
        self.init()
        first = Four(1, UInt64(sample.elapsed), UInt64(sample.bytes), UInt64(sample.sentBytes))
        second = Four(
            sample.timestamp == nil ? 1 : 0, UInt64(sample.latency), UInt64(sample.connect),
            sample.isSuccess ? 0 : 1)
        start = sample.timestamp ?? 0
        threads = UInt64(sample.allThreads)
    }
}

/// A row for the slow reader.
struct OddRow {
    /// How many plain rows come before it.
    var position: Int
    /// Which row of the batch it is.
    let row: Int
    let start: Int
    let end: Int
}

/// Reads the numbers of a batch's rows.
struct NumberStage: ~Copyable {
    private(set) var plain: UnsafeMutablePointer<PlainRow>
    private(set) var odd: [OddRow] = []
    /// For each plain row, bits wherever something is no digit.
    private var faults: UnsafeMutablePointer<UInt64>
    private var capacity = 0
    private let loops: lf_loops
    private var memo: StampMemo
    /// The beginning of the last time stamp; "00000000" to begin with.
    private var stamp: lf_stamp
    private let clockOffset: Int64
    private let times: ClosedRange<Int64>

    init(_ options: ReaderOptions, times: ClosedRange<Int64>, loops: lf_loops) {
        memo = StampMemo(options.timestamps)
        clockOffset = options.clockOffset
        stamp = lf_stamp(head: 0x3030_3030_3030_3030, base: 0 &- clockOffset)
        self.times = times
        self.loops = loops
        plain = .allocate(capacity: 1)
        faults = .allocate(capacity: 1)
        reserve(512)
    }

    deinit {
        plain.deallocate()
        faults.deallocate()
    }

    private mutating func reserve(_ rows: Int) {
        guard rows > capacity else { return }
        capacity = rows
        plain.deallocate()
        plain = .allocate(capacity: capacity)
        faults.deallocate()
        faults = .allocate(capacity: capacity)
        plain.initialize(repeating: PlainRow(), count: capacity)
    }

    /// Sorts the rows before `limit` into plain and odd ones.
    ///
    /// - Returns: How many rows are plain, how many rows there are, and where they end.
    mutating func read(
        _ bytes: UnsafePointer<UInt8>, _ finder: borrowing StructureFinder, _ found: Structure,
        limit: Int, plan: BulkPlan
    ) -> (plain: Int, rows: Int, end: Int) {
        reserve(found.lineEnds)
        odd.removeAll(keepingCapacity: true)
        let split = split(bytes, finder, found, limit: limit, fields: plan.fields)
        let untimed: UInt64 = plan.timeStamp < 0 ? 1 : 0
        let (loops, stamp, faults) = (loops, stamp, faults)
        var columns = plan.columns
        let any = UnsafeMutableRawPointer(plain).withMemoryRebound(
            to: lf_row.self, capacity: split.plain
        ) {
            loops.read(
                bytes, finder.separators, &columns, stamp, untimed, $0, split.plain, faults)
        }
        let needsTimes = plan.timeStamp < 0 && times != .min ... .max
        guard any != 0 || needsTimes || times != .min ... .max else { return split }
        if needsTimes || any & UInt64(LF_OTHER_STAMP) != 0 {
            readStamps(split.plain, bytes, finder.separators, plan)
        }
        let kept = sift(split.plain, separators: finder.separators, fields: plan.fields)
        return (kept, split.rows, split.end)
    }

    /// Takes faulty rows and those of other times out of the plain ones; returns how many are left.
    private mutating func sift(
        _ count: Int, separators: UnsafePointer<UInt32>, fields: Int
    ) -> Int {
        var kept = 0
        var all: [OddRow] = []
        var others = odd[...]
        for index in 0...count {
            while let next = others.first, next.position == index {
                others.removeFirst()
                all.append(next)
                all[all.count - 1].position = kept
            }
            guard index < count else { break }
            if faults[index] != 0 {
                let ends = separators + Int(plain[index].place)
                all.append(
                    OddRow(
                        position: kept, row: index + odd.count - others.count,
                        start: Int(ends[-1] &+ 1), end: Int(ends[fields - 1])))
            } else if times.contains(plain[index].start) {
                plain[kept] = plain[index]
                kept += 1
            }
        }
        odd = all
        return kept
    }
}

// MARK: - Rows

extension NumberStage {
    /// Tells the rows before `limit` apart: places of those with as many fields as the header has,
    /// and which rows are odd anyway.
    @inline(never)
    private mutating func split(
        _ bytes: UnsafePointer<UInt8>, _ finder: borrowing StructureFinder, _ found: Structure,
        limit: Int, fields: Int
    ) -> (plain: Int, rows: Int, end: Int) {
        let (separators, lineEnds) = (finder.separators, finder.lineEnds)
        var (count, rows, place, entry, start) = (0, 0, 0, 0, 0)
        while entry < found.lineEnds, start < limit {
            let end = Int(lineEnds[entry])
            let last = place &+ fields &- 1
            // Both lists are sorted and the second is part of the first: if they agree here, there
            // are exactly as many separators between as the header has.
            if last < found.separators, Int(separators[last]) == end {
                plain[count].place = Int32(truncatingIfNeeded: place)
                count &+= 1
                place = last &+ 1
            } else {
                odd.append(OddRow(position: count, row: rows, start: start, end: end))
                place = Self.behind(end, separators, from: place, found.separators)
            }
            entry &+= 1
            rows &+= 1
            start = end &+ 1
            if bytes[end] == carriageReturn, entry < found.lineEnds,
                Int(lineEnds[entry]) == start, bytes[start] == lineFeed
            {
                entry &+= 1
                place &+= 1
                start &+= 1
            }
        }
        return (count, rows, start)
    }

    /// The place behind the separator at `end`.
    @inline(never)
    private static func behind(
        _ end: Int, _ separators: UnsafePointer<UInt32>, from place: Int, _ count: Int
    ) -> Int {
        var place = place
        while place < count, Int(separators[place]) <= end { place += 1 }
        return place
    }
}

// MARK: - Time stamps

extension NumberStage {
    /// Reads the stamps of rows that are good but for not beginning like the last one.
    @inline(never)
    private mutating func readStamps(
        _ count: Int, _ bytes: UnsafePointer<UInt8>, _ separators: UnsafePointer<UInt32>,
        _ plan: BulkPlan
    ) {
        for index in 0..<count where faults[index] & ~UInt64(LF_OTHER_STAMP) == 0 {
            guard plan.timeStamp >= 0 else {
                // Whether it is wanted the slow reader knows.
                faults[index] = UInt64(LF_ODD)
                continue
            }
            guard faults[index] != 0 else { continue }
            let ends = separators + Int(plain[index].place)
            if let time = readStamp(bytes, ends, plan.timeStamp) {
                plain[index].start = time
                faults[index] = 0
            } else {
                faults[index] = UInt64(LF_ODD)
            }
        }
    }

    private mutating func readStamp(
        _ bytes: UnsafePointer<UInt8>, _ ends: UnsafePointer<UInt32>, _ place: Int
    ) -> Int64? {
        let start = Int(ends[place - 1] &+ 1)
        let length = Int(ends[place]) - start
        guard let written = memo.read(bytes + start, count: length) else { return nil }
        // Only plain digits: a sign or a blank would count among the 13.
        let digits = UnsafeBufferPointer(start: bytes + start, count: length)
        if length == 13, written >= 0, digits.allSatisfy({ (0x30...0x39).contains($0) }) {
            stamp = lf_stamp(
                head: word(at: bytes + start), base: written - written % 100_000 &- clockOffset)
        }
        return written &- clockOffset
    }
}
