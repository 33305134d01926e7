// Stage 2, first half: numbers, truth and times of all rows of a batch, and with them the decision
// which rows are plain. A plain row has the right number of fields, short unsigned numbers and
// "true" or "false"; all others are odd, and the slow reader judges them. So this stage needs no
// rules for damage: what it does not understand completely it does not touch.

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
    let position: Int
    /// Which row of the batch it is.
    let row: Int
    let start: Int
    let end: Int
}

/// Reads the numbers of a batch's rows.
struct NumberStage: ~Copyable {
    private(set) var plain: UnsafeMutablePointer<PlainRow>
    private(set) var odd: [OddRow] = []
    private var capacity = 512
    private let masks = DigitMasks()
    private var memo: StampMemo
    /// The first eight of 13 digits, which change every 100 seconds, and what they mean.
    private var stampHead: UInt64 = 0
    private var stampBase: Int64 = 0
    private let times: ClosedRange<Int64>

    init(timestamps: TimestampFormat, times: ClosedRange<Int64>) {
        memo = StampMemo(timestamps)
        self.times = times
        plain = .allocate(capacity: capacity)
        plain.initialize(repeating: PlainRow(), count: capacity)
    }

    deinit { plain.deallocate() }

    private mutating func reserve(_ rows: Int) {
        guard rows > capacity else { return }
        plain.deallocate()
        capacity = rows
        plain = .allocate(capacity: capacity)
        plain.initialize(repeating: PlainRow(), count: capacity)
    }

    /// Sorts the rows before `limit` into plain and odd ones.
    ///
    /// - Returns: How many rows are plain, and how many rows there are.
    mutating func read(
        _ bytes: UnsafePointer<UInt8>, _ finder: borrowing StructureFinder, _ found: Structure,
        limit: Int, plan: BulkPlan
    ) -> (plain: Int, rows: Int, end: Int) {
        reserve(found.lineEnds)
        odd.removeAll(keepingCapacity: true)
        let separators = finder.separators
        let lineEnds = finder.lineEnds
        let plain = plain
        var count = 0
        var rows = 0
        var place = 0
        var entry = 0
        var start = 0
        while entry < found.lineEnds, start < limit {
            let end = Int(lineEnds[entry])
            let last = place &+ plan.fields &- 1
            // Both lists are sorted and the second is part of the first: if they agree here, there
            // are exactly as many separators between as the header has.
            let isWhole = last < found.separators && Int(separators[last]) == end
            if isWhole, readRow(bytes, separators + place, plan, into: plain + count) {
                plain[count].place = place
                let isWanted = times.contains(plain[count].start)
                count &+= isWanted ? 1 : 0
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

    /// Reads one row of the right number of fields; false if it is odd.
    @inline(__always)
    private mutating func readRow(
        _ bytes: UnsafePointer<UInt8>, _ ends: UnsafePointer<UInt32>, _ plan: BulkPlan,
        into row: UnsafeMutablePointer<PlainRow>
    ) -> Bool {
        // A bit wherever something is no number of one to eight digits.
        var faults: UInt64 = 0
        let (stampDigits, stampMask) = stamp(bytes, ends, plan)
        let (elapsed, elapsedMask) = number(bytes, ends, plan.elapsed, &faults)
        let (received, receivedMask) = number(bytes, ends, plan.bytes, &faults)
        let (sent, sentMask) = number(bytes, ends, plan.sentBytes, &faults)
        let (threads, threadsMask) = number(bytes, ends, plan.allThreads, &faults)
        let (latency, latencyMask) = number(bytes, ends, plan.latency, &faults)
        let (connect, connectMask) = number(bytes, ends, plan.connect, &faults)
        var first = FourNumbers(
            digits: Four(stampDigits, elapsed, received, sent),
            masks: Four(stampMask, elapsedMask, receivedMask, sentMask)
        ).values(&faults)
        var second = FourNumbers(
            digits: Four(threads, latency, connect, 0),
            masks: Four(threadsMask, latencyMask, connectMask, 0)
        ).values(&faults)
        let (isError, isTruth) = truth(bytes, ends, plan.success)
        guard faults == 0, isTruth else { return false }
        if stampMask != 0 {
            row.pointee.start = stampBase &+ Int64(first[0])
        } else {
            guard let start = readStamp(bytes, ends, plan) else { return false }
            row.pointee.start = start
        }
        row.pointee.threads = second[0]
        first[0] = 1
        second[0] = plan.timeStamp < 0 ? 1 : 0
        second[3] = isError
        row.pointee.first = first
        row.pointee.second = second
        return true
    }

    @inline(__always)
    private func number(
        _ bytes: UnsafePointer<UInt8>, _ ends: UnsafePointer<UInt32>, _ column: BulkPlan.Number,
        _ faults: inout UInt64
    ) -> (digits: UInt64, mask: UInt64) {
        let end = ends[column.place]
        let length = end &- ends[column.place &- 1] &- 1
        let mask = masks[length] & column.presence
        // Less one, the lengths from 1 to 8 and no others have nothing above the three lowest bits.
        faults |= UInt64(truncatingIfNeeded: (length &- 1) & ~7) & column.presence
        return (word(at: bytes + Int(end) - 8), mask)
    }

    /// The last five of 13 digits, if the first eight are those of the row before.
    @inline(__always)
    private func stamp(
        _ bytes: UnsafePointer<UInt8>, _ ends: UnsafePointer<UInt32>, _ plan: BulkPlan
    ) -> (digits: UInt64, mask: UInt64) {
        let place = max(plan.timeStamp, 0)
        let start = Int(ends[place &- 1] &+ 1)
        let length = Int(ends[place]) &- start
        let isKnown =
            word(at: bytes + start) == stampHead && length == 13 && plan.timeStamp >= 0
        return (word(at: bytes + start + 5), isKnown ? 0xFFFF_FFFF_FF00_0000 : 0)
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
