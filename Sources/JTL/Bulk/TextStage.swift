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
        guard !rows.isEmpty else { return }
        findLanes(rows)
        tally.total?.add(rows, self)
        if let cells = tally.cells {
            cells.add(rows, self)
        } else {
            addSums(rows)
            countTimes(rows)
        }
        tally.total?.addLeftOut(rows, self)
        tally.windows?.add(rows)
    }

    @inline(never)
    private func findLanes(_ rows: UnsafeMutableBufferPointer<PlainRow>) {
        findKnown(rows)
        let isWide = tally.slots.is_wide != 0
        for index in rows.indices {
            if rows[index].lane < 0 { findNew(&rows[index]) }
            let lane = Int(rows[index].lane)
            // Thousands of lanes are not in the cache.
            if isWide { lf_prefetch(tally.lanes + lane, MemoryLayout<Lane>.size) }
            guard let message = controllerMessage(ends(of: rows[index])) else { continue }
            let began = plan.timeStamp >= 0 ? rows[index].start : nil
            rows[index].lane = Int32(tally.lane(ofController: lane, message, began))
        }
    }

    /// Finds the lanes of labels that are known and not too long.
    private func findKnown(_ rows: UnsafeMutableBufferPointer<PlainRow>) {
        asLoopsKnow(rows) {
            loops.find_lanes(bytes, separators, Int64(plan.label), tally.slots, $0, rows.count)
        }
    }

    /// Finds the lane of a label that is long, or was new when the others were looked for.
    @inline(never)
    private func findNew(_ row: inout PlainRow) {
        let label = field(ends(of: row), plan.label)
        withUnsafeMutablePointer(to: &row) {
            findKnown(UnsafeMutableBufferPointer(start: $0, count: 1))
        }
        guard row.lane < 0 else { return }
        row.lane = Int32(tally.lane(ofNew: label.baseAddress ?? bytes, count: label.count))
    }

    private func addSums(_ rows: UnsafeMutableBufferPointer<PlainRow>) {
        let rest = tally.scratch(for: rows.count)
        let count = asLoopsKnow(rows) {
            loops.add_to_lanes(
                $0, rows.count, tally.lanes, MemoryLayout<Lane>.stride,
                plan.timeStamp >= 0 ? 1 : 0, rest)
        }
        for index in 0..<count {
            let row = rows[Int(rest[index] >> 3)]
            let lane = Int(row.lane)
            let ends = ends(of: row)
            if rest[index] & UInt32(LF_OTHER_CODE) != 0 {
                tally.addCode(field(ends, plan.responseCode), row.code, to: lane)
            }
            guard rest[index] & UInt32(LF_FAILED) != 0 else { continue }
            withFailure(ends) {
                tally.addFailure($0, to: lane)
                tally.total?.addFailure($0, of: row)
            }
        }
    }

    @inline(never)
    private func countTimes(_ rows: UnsafeMutableBufferPointer<PlainRow>) {
        let lanes = tally.lanes
        for index in rows.indices where rows[index].lane >= 0 {
            let elapsed = rows[index].first[1]
            let lane = Int(rows[index].lane)
            if let time = UInt16(exactly: elapsed) {
                if lanes[lane].times.append(time) { continue }
                tally.makeRoom(in: lane)
            } else {
                tally.addFar(elapsed, to: lane)
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

    /// Calls `body` with what a failed row is counted as.
    @inline(never)
    func withFailure(
        _ ends: UnsafePointer<UInt32>, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        let message = field(ends, plan.responseMessage)
        let failure = field(ends, plan.failureMessage)
        withUnquoted(field(ends, plan.responseCode)) { code in
            withUnquoted(message) { message in
                withUnquoted(failure) { failure in
                    CountedTexts.withFailure(code, message, failure, body)
                }
            }
        }
    }

    /// The separators of a row.
    @inline(__always)
    func ends(of row: PlainRow) -> UnsafePointer<UInt32> { separators + Int(row.place) }

    /// Calls `body` with rows as the loops in C know them.
    @inline(__always)
    func asLoopsKnow<Result>(
        _ rows: UnsafeMutableBufferPointer<PlainRow>,
        _ body: (UnsafeMutablePointer<lf_row>) -> Result
    ) -> Result {
        rows.withMemoryRebound(to: lf_row.self) { body($0.baseAddress.unsafelyUnwrapped) }
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
