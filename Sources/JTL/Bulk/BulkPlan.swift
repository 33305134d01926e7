// The column plan as the bulk reader's inner loop needs it: plain numbers in a struct, and absent
// columns expressed as a mask, so that one loop without branches serves every header.
//
// To read one more column: add it to `Column`, give it a place here, put it into one of the free
// lanes in `NumberStage`, and add it up in `Lane`. `RowInterpreter` is where the slow, obvious
// reader does the same; the tests hold the two against each other.

/// The places of the columns in a row, for the inner loop.
struct BulkPlan {
    /// A column of whole numbers.
    struct Number {
        /// Its place; 0 where the file has no such column.
        let place: Int
        /// All ones, or zero where the file has no such column: its value is then 0.
        let presence: UInt64

        init(_ plan: ColumnPlan, _ column: Column) {
            place = max(0, plan[column])
            presence = plan[column] < 0 ? 0 : .max
        }
    }

    let fields: Int
    let elapsed, bytes, sentBytes, allThreads, latency, connect: Number
    let timeStamp: Int
    let label: Int
    let success: Int
    let responseCode: Int
    let responseMessage: Int
    let failureMessage: Int

    init(_ plan: ColumnPlan) {
        fields = plan.count
        elapsed = Number(plan, .elapsed)
        bytes = Number(plan, .bytes)
        sentBytes = Number(plan, .sentBytes)
        allThreads = Number(plan, .allThreads)
        latency = Number(plan, .latency)
        connect = Number(plan, .connect)
        timeStamp = plan[.timeStamp]
        label = plan[.label]
        success = plan[.success]
        responseCode = plan[.responseCode]
        responseMessage = plan[.responseMessage]
        failureMessage = plan[.failureMessage]
    }
}
