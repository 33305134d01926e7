// Stage 2, second half: texts of plain rows, and the sums. A label becomes a lane, the response
// message tells transaction controllers apart, and everything is added to the lane.

/// Adds plain rows to the lanes of their labels.
struct TextStage {
    let bytes: UnsafePointer<UInt8>
    let separators: UnsafePointer<UInt32>
    let plan: BulkPlan
    let tally: Tally

    /// Adds the rows in three loops, each of which waits for one part of memory: with many labels
    /// the processor then fetches what several rows need at once.
    func add(_ rows: UnsafeMutableBufferPointer<PlainRow>) {
        findLanes(rows)
        addSums(rows)
        countTimes(rows)
        tally.cells?.add(rows, self)
        tally.windows?.add(rows)
    }

    @inline(never)
    private func findLanes(_ rows: UnsafeMutableBufferPointer<PlainRow>) {
        for index in rows.indices {
            let ends = separators + rows[index].place
            let lane = label(ends)
            guard let message = controllerMessage(ends) else {
                rows[index].lane = lane
                continue
            }
            let start = plan.timeStamp >= 0 ? rows[index].start : nil
            rows[index].lane = tally.lane(ofController: lane, message, start)
        }
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
            count(codeOf: ends, in: number)
            lane.pointee.first &+= row.pointee.first
            lane.pointee.second &+= row.pointee.second
            if isTimed {
                let start = row.pointee.start
                let end = start &+ Int64(truncatingIfNeeded: row.pointee.first[1])
                if start < lane.pointee.firstStart { lane.pointee.firstStart = start }
                if end > lane.pointee.lastEnd { lane.pointee.lastEnd = end }
            }
            if row.pointee.threads > lane.pointee.maxThreads {
                lane.pointee.maxThreads = row.pointee.threads
            }
            if row.pointee.second[3] != 0 { addFailure(ends, to: number) }
        }
    }

    @inline(never)
    private func countTimes(_ rows: UnsafeMutableBufferPointer<PlainRow>) {
        let lanes = tally.lanes
        for index in rows.indices where rows[index].lane >= 0 {
            let lane = lanes + rows[index].lane
            let elapsed = rows[index].first[1]
            if elapsed < UInt64(truncatingIfNeeded: lane.pointee.denseCount) {
                // Safe: only more than four billion equal times in one stretch would wrap.
                lane.pointee.dense[Int(truncatingIfNeeded: elapsed)] &+= 1
            } else {
                tally.addFar(elapsed, to: rows[index].lane)
            }
        }
    }

    @inline(__always)
    private func label(_ ends: UnsafePointer<UInt32>) -> Int {
        let start = Int(ends[plan.label &- 1] &+ 1)
        return tally.lane(bytes + start, count: Int(ends[plan.label]) &- start)
    }

    /// The response message, if it may be a transaction controller's: those begin with an N.
    @inline(__always)
    private func controllerMessage(
        _ ends: UnsafePointer<UInt32>
    ) -> UnsafeBufferPointer<UInt8>? {
        guard plan.responseMessage >= 0 else { return nil }
        let start = Int(ends[plan.responseMessage &- 1] &+ 1)
        let isQuoted = bytes[start] == quote
        guard bytes[start &+ (isQuoted ? 1 : 0)] == UInt8(ascii: "N") else { return nil }
        let end = Int(ends[plan.responseMessage]) &- (isQuoted ? 1 : 0)
        let first = start &+ (isQuoted ? 1 : 0)
        // Doubled quotes need no care: there are none in the words that are looked for.
        return UnsafeBufferPointer(start: bytes + first, count: max(0, end &- first))
    }

    @inline(__always)
    private func count(codeOf ends: UnsafePointer<UInt32>, in number: Int) {
        let lane = tally.lanes + number
        let field = field(ends, plan.responseCode)
        let length = field.count
        let kept = length < 8 ? ~(UInt64.max &<< UInt64(truncatingIfNeeded: 8 &* length)) : .max
        let code = word(at: field.baseAddress ?? bytes) & kept
        if code != lane.pointee.code || length != lane.pointee.codeLength {
            tally.changeCode(of: number, to: field, word: code, before: lane.pointee.first[0])
        }
    }

    @inline(never)
    private func addFailure(_ ends: UnsafePointer<UInt32>, to lane: Int) {
        tally.addFailure(
            to: lane, code: field(ends, plan.responseCode),
            message: field(ends, plan.responseMessage),
            failureMessage: field(ends, plan.failureMessage))
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
