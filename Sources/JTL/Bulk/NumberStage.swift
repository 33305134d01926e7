// Stage 2, first half: numbers, truth and times of all rows of a batch, and with them the decision
// which rows are plain. A plain row has the right number of fields, short unsigned numbers and
// "true" or "false"; all others are odd, and the slow reader judges them. So this stage needs no
// rules for damage: what it does not understand completely it does not touch.
//
// Three steps: digits are gathered from the fields of each row into the eight words that will hold
// the values; one of the `CVectors` loops makes numbers of all of them; and what turns out to hold
// something else than digits is taken out again.

import CVectors

/// One plain row, ready to be added to its label's lane.
struct PlainRow {
    /// 1, elapsed, bytes, sent bytes: summands of `Lane.first`.
    var first = Four(repeating: 0)
    /// 1 without a time stamp, latency, connect, 1 for an error: summands of `Lane.second`.
    var second = Four(repeating: 0)
    /// Milliseconds since 1970.
    var start: Int64 = 0
    var threads: UInt64 = 0
    /// Where in the batch's separators the row's own begin.
    var place = 0
    /// The lane of its label; -1 for an empty transaction controller.
    var lane = 0
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
    private let masks = DigitMasks()
    private let loops: lf_loops
    private var memo: StampMemo
    /// The first eight of 13 digits, which change every 100 seconds, and what they mean.
    private var stampHead: UInt64 = 0
    private var stampBase: Int64 = 0
    private let times: ClosedRange<Int64>

    init(timestamps: TimestampFormat, times: ClosedRange<Int64>, loops: lf_loops) {
        memo = StampMemo(timestamps)
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
        clear()
    }

    /// Makes the words of columns which the file does not have zero; no row writes them.
    mutating func clear() {
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
        let gathered = gather(bytes, finder, found, limit: limit, plan: plan)
        // As many words as a row of eight digits each begins with.
        let stride = MemoryLayout<PlainRow>.stride / MemoryLayout<UInt64>.stride
        let faulty = UnsafeMutableRawPointer(plain).withMemoryRebound(
            to: UInt64.self, capacity: capacity * stride
        ) { loops.read($0, gathered.plain, stride, faults) }
        let untimed: UInt64 = plan.timeStamp < 0 ? 1 : 0
        for index in 0..<gathered.plain {
            let row = plain + index
            row.pointee.start &+= Int64(truncatingIfNeeded: row.pointee.first[0])
            row.pointee.threads = row.pointee.second[0]
            row.pointee.first[0] = 1
            row.pointee.second[0] = untimed
        }
        guard faulty != 0 || times != .min ... .max else { return gathered }
        let kept = sift(gathered.plain, separators: finder.separators, fields: plan.fields)
        return (kept, gathered.rows, gathered.end)
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
                let ends = separators + plain[index].place
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

// MARK: - Gathering

extension NumberStage {
    /// Puts the digits of all rows before `limit` in place, and notes which rows are odd anyway.
    @inline(never)
    private mutating func gather(
        _ bytes: UnsafePointer<UInt8>, _ finder: borrowing StructureFinder, _ found: Structure,
        limit: Int, plan: BulkPlan
    ) -> (plain: Int, rows: Int, end: Int) {
        let (separators, lineEnds) = (finder.separators, finder.lineEnds)
        var (count, rows, place, entry, start) = (0, 0, 0, 0, 0)
        while entry < found.lineEnds, start < limit {
            let end = Int(lineEnds[entry])
            let last = place &+ plan.fields &- 1
            // Both lists are sorted and the second is part of the first: if they agree here, there
            // are exactly as many separators between as the header has.
            let isWhole = last < found.separators && Int(separators[last]) == end
            if isWhole, gatherRow(bytes, separators + place, plan, into: plain + count) {
                plain[count].place = place
                count &+= 1
            } else {
                odd.append(OddRow(position: count, row: rows, start: start, end: end))
            }
            place =
                isWhole ? last &+ 1 : Self.behind(end, separators, from: place, found.separators)
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

    /// Gathers the digits of one row of the right number of fields; false if it is odd.
    @inline(__always)
    private mutating func gatherRow(
        _ bytes: UnsafePointer<UInt8>, _ ends: UnsafePointer<UInt32>, _ plan: BulkPlan,
        into row: UnsafeMutablePointer<PlainRow>
    ) -> Bool {
        let zeros: UInt64 = 0x3030_3030_3030_3030
        let (isError, isTruth) = truth(bytes, ends, plan.success)
        let words = UnsafeMutableRawPointer(row).assumingMemoryBound(to: UInt64.self)
        // Less one, the lengths from 1 to 8 and no others have nothing above the three lowest bits.
        var lengths: UInt32 = 0
        words[4] = 0
        plan.numbers.withUnsafeBufferPointer { numbers in
            for number in numbers {
                let end = ends[number.place]
                let length = end &- ends[number.place &- 1] &- 1
                lengths |= length &- 1
                words[number.word] = (word(at: bytes + Int(end) - 8) ^ zeros) & masks[length]
            }
        }
        guard isTruth, lengths & ~7 == 0 else { return false }
        // The last of eight digits, as which the value comes out again.
        words[7] = isError &<< 56
        let place = max(plan.timeStamp, 0)
        let start = Int(ends[place &- 1] &+ 1)
        if word(at: bytes + start) == stampHead, Int(ends[place]) == start &+ 13,
            plan.timeStamp >= 0
        {
            words[0] = (word(at: bytes + start + 5) ^ zeros) & 0xFFFF_FFFF_FF00_0000
            row.pointee.start = stampBase
            return true
        }
        guard let time = readStamp(bytes, ends, plan) else { return false }
        words[0] = 0
        row.pointee.start = time
        return true
    }

    /// Reads a stamp that is not in 13 digits with a known beginning.
    @inline(never)
    private mutating func readStamp(
        _ bytes: UnsafePointer<UInt8>, _ ends: UnsafePointer<UInt32>, _ plan: BulkPlan
    ) -> Int64? {
        guard plan.timeStamp >= 0 else { return times == .min ... .max ? 0 : nil }
        let start = Int(ends[plan.timeStamp - 1] &+ 1)
        let length = Int(ends[plan.timeStamp]) - start
        guard let time = memo.read(bytes + start, count: length) else { return nil }
        // Only plain digits: a sign or a blank would count among the 13.
        let digits = UnsafeBufferPointer(start: bytes + start, count: length)
        if length == 13, time >= 0, digits.allSatisfy({ (0x30...0x39).contains($0) }) {
            stampHead = word(at: bytes + start)
            stampBase = time - time % 100_000
        }
        return time
    }

    /// Whether the field says that the sample failed, and whether it says either at all.
    @inline(__always)
    private func truth(
        _ bytes: UnsafePointer<UInt8>, _ ends: UnsafePointer<UInt32>, _ place: Int
    ) -> (isError: UInt64, isTruth: Bool) {
        let start = Int(ends[place &- 1] &+ 1)
        let length = Int(ends[place]) &- start
        let text = word(at: bytes + start)
        // "true" and "false", the first letter lowest.
        let isTrue = text & 0xFFFF_FFFF == 0x6575_7274 && length == 4
        let isFalse = text & 0xFF_FFFF_FFFF == 0x65_736C_6166 && length == 5
        return (isTrue ? 0 : 1, isTrue || isFalse)
    }
}
