// Stage 2, second half: texts of plain rows, and the sums. A label becomes a lane, the response
// message tells transaction controllers apart, and everything is added to the lane.

import CVectors

/// Adds plain rows to the lanes of their labels.
struct TextStage {
    let bytes: UnsafePointer<UInt8>
    let separators: UnsafePointer<UInt32>
    let plan: BulkPlan
    let tally: Tally
    let loops: lf_loops

    /// Adds the rows in three loops, each of which waits for one part of memory: with many labels
    /// the processor then fetches what several rows need at once.
    func add(_ rows: UnsafeMutableBufferPointer<PlainRow>) {
        findLanes(rows)
        if !tally.isByCell {
            addSums(rows)
            countTimes(rows)
        }
        tally.cells?.add(rows, self)
        tally.windows?.add(rows)
    }

    @inline(never)
    private func findLanes(_ rows: UnsafeMutableBufferPointer<PlainRow>) {
        findKnown(rows)
        let isWide = tally.slots.is_wide != 0
        for index in rows.indices {
            if rows[index].lane < 0 { findNew(&rows[index]) }
            let lane = rows[index].lane
            // Thousands of lanes are not in the cache.
            if isWide { lf_prefetch(tally.lanes + lane, MemoryLayout<Lane>.size) }
            guard let message = controllerMessage(separators + rows[index].place) else { continue }
            let began = plan.timeStamp >= 0 ? rows[index].start : nil
            rows[index].lane = tally.lane(ofController: lane, message, began)
        }
    }

    /// Finds the lanes of labels that are known and not too long.
    private func findKnown(_ rows: UnsafeMutableBufferPointer<PlainRow>) {
        guard let first = rows.baseAddress else { return }
        UnsafeMutableRawPointer(first).withMemoryRebound(to: lf_row.self, capacity: rows.count) {
            loops.find_lanes(bytes, separators, Int64(plan.label), tally.slots, $0, rows.count)
        }
    }

    /// Finds the lane of a label that is long, or was new when the others were looked for.
    @inline(never)
    private func findNew(_ row: inout PlainRow) {
        let label = field(separators + row.place, plan.label)
        withUnsafeMutablePointer(to: &row) {
            findKnown(UnsafeMutableBufferPointer(start: $0, count: 1))
        }
        guard row.lane < 0 else { return }
        row.lane = tally.lane(ofNew: label.baseAddress ?? bytes, count: label.count)
    }

    @inline(never)
    private func addSums(_ rows: UnsafeMutableBufferPointer<PlainRow>) {
        let isTimed = plan.timeStamp >= 0
        let lanes = tally.lanes
        for index in rows.indices where rows[index].lane >= 0 {
            let row = rows.baseAddress.unsafelyUnwrapped + index
            let number = row.pointee.lane
            let lane = lanes + number
            let ends = separators + row.pointee.place
            lane.pointee.first &+= row.pointee.first
            lane.pointee.second &+= row.pointee.second
            // Written in any case: whether a row extends them cannot be foretold.
            if isTimed {
                let start = row.pointee.start
                let end = start &+ Int64(truncatingIfNeeded: row.pointee.first[1])
                lane.pointee.firstStart = min(lane.pointee.firstStart, start)
                lane.pointee.lastEnd = max(lane.pointee.lastEnd, end)
            }
            lane.pointee.maxThreads = max(lane.pointee.maxThreads, row.pointee.threads)
            let code = code(ends)
            if !lane.pointee.codes.count(code.key) { tally.addCode(code.field, to: number) }
            if row.pointee.second[3] != 0 { addFailure(ends, to: number) }
        }
    }

    @inline(never)
    private func countTimes(_ rows: UnsafeMutableBufferPointer<PlainRow>) {
        let lanes = tally.lanes
        for index in rows.indices where rows[index].lane >= 0 {
            let elapsed = rows[index].first[1]
            if let time = UInt16(exactly: elapsed) {
                if lanes[rows[index].lane].times.append(time) { continue }
                tally.makeRoom(in: rows[index].lane)
            } else {
                tally.addFar(elapsed, to: rows[index].lane)
            }
        }
    }

    /// The response message, if it may be a transaction controller's by its first eight bytes.
    @inline(__always)
    private func controllerMessage(
        _ ends: UnsafePointer<UInt32>
    ) -> UnsafeBufferPointer<UInt8>? {
        guard plan.responseMessage >= 0 else { return nil }
        let start = Int(ends[plan.responseMessage &- 1] &+ 1)
        let quotes = bytes[start] == quote ? 1 : 0
        // "Number o", the first letter lowest.
        guard word(at: bytes + start + quotes) == 0x6F20_7265_626D_754E else { return nil }
        let length = Int(ends[plan.responseMessage]) &- start &- 2 &* quotes
        // Doubled quotes need no care: there are none in the words that are looked for.
        return UnsafeBufferPointer(start: bytes + start + quotes, count: max(0, length))
    }

    @inline(never)
    private func addFailure(_ ends: UnsafePointer<UInt32>, to lane: Int) {
        tally.addFailure(
            to: lane, code: field(ends, plan.responseCode),
            message: field(ends, plan.responseMessage),
            failureMessage: field(ends, plan.failureMessage))
    }

    /// A row's response code, and its key; one that has none gets a key that no code has.
    @inline(__always)
    func code(
        _ ends: UnsafePointer<UInt32>
    ) -> (field: UnsafeBufferPointer<UInt8>, key: CodeKey) {
        let field = field(ends, plan.responseCode)
        let key = CodeKey(field.baseAddress ?? bytes, count: field.count)
        return (field, key ?? .unknown)
    }

    /// A field as the file has it; empty where there is no such column.
    @inline(__always)
    func field(
        _ ends: UnsafePointer<UInt32>, _ place: Int
    ) -> UnsafeBufferPointer<UInt8> {
        guard place >= 0 else { return UnsafeBufferPointer(start: bytes, count: 0) }
        let start = Int(ends[place &- 1] &+ 1)
        return UnsafeBufferPointer(start: bytes + start, count: Int(ends[place]) &- start)
    }
}
