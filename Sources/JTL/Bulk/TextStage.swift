// Stage 2, second half: texts of plain rows, and the sums. A label becomes a lane, the response
// message tells transaction controllers apart, and everything is added to the lane.

/// Adds plain rows to the lanes of their labels.
struct TextStage {
    let bytes: UnsafePointer<UInt8>
    let separators: UnsafePointer<UInt32>
    let plan: BulkPlan
    let tally: Tally

    @inline(never)
    func add(_ rows: UnsafeBufferPointer<PlainRow>) {
        let isTimed = plan.timeStamp >= 0
        for row in rows {
            let ends = separators + row.place
            var number = label(ends)
            if let message = controllerMessage(ends) {
                number = tally.lane(ofController: number, message)
                if number < 0 { continue }
            }
            let lane = tally.lanes + number
            count(codeOf: ends, in: number)
            lane.pointee.first &+= row.first
            lane.pointee.second &+= row.second
            let elapsed = row.first[1]
            if isTimed {
                let end = row.start &+ Int64(truncatingIfNeeded: elapsed)
                if row.start < lane.pointee.firstStart { lane.pointee.firstStart = row.start }
                if end > lane.pointee.lastEnd { lane.pointee.lastEnd = end }
            }
            if row.threads > lane.pointee.maxThreads { lane.pointee.maxThreads = row.threads }
            if elapsed < UInt64(truncatingIfNeeded: lane.pointee.denseCount) {
                lane.pointee.dense[Int(truncatingIfNeeded: elapsed)] &+= 1
            } else {
                tally.addFar(elapsed, to: number)
            }
            if row.second[3] != 0 { addFailure(ends, to: number) }
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
    private func field(
        _ ends: UnsafePointer<UInt32>, _ place: Int
    ) -> UnsafeBufferPointer<UInt8> {
        guard place >= 0 else { return UnsafeBufferPointer(start: bytes, count: 0) }
        let start = Int(ends[place &- 1] &+ 1)
        return UnsafeBufferPointer(start: bytes + start, count: Int(ends[place]) &- start)
    }
}
