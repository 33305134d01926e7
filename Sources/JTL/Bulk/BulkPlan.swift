// The column plan as the bulk reader's inner loops need it: plain places, and for each column of
// numbers the word of a `PlainRow` that its value goes to.
//
// `RowInterpreter` is where the slow, obvious reader does the same; the tests hold the two against
// each other. All eight words are taken: "Where to add a column" in `JTL.docc/JTL.md` says what one
// more number needs.

import CVectors

/// The places of the columns in a row, for the inner loops.
struct BulkPlan {
    let fields: Int
    /// The columns of numbers, and the one that tells success, for the loops in C.
    private(set) var columns = lf_columns()
    let timeStamp: Int
    let label: Int
    let responseCode: Int
    let responseMessage: Int
    let failureMessage: Int

    init(_ plan: ColumnPlan) {
        fields = plan.count
        timeStamp = plan[.timeStamp]
        label = plan[.label]
        responseCode = plan[.responseCode]
        responseMessage = plan[.responseMessage]
        failureMessage = plan[.failureMessage]
        setColumns(plan)
    }

    private mutating func setColumns(_ plan: ColumnPlan) {
        columns.success = UInt32(max(0, plan[.success]))
        columns.is_narrow = 1
        columns.code = UInt32(max(0, responseCode))
        columns.has_code = responseCode >= 0 ? .max : 0
        let words: [(Column, Int32)] = [
            (.timeStamp, 0), (.elapsed, 1), (.bytes, 2), (.sentBytes, 3), (.allThreads, 4),
            (.latency, 5), (.connect, 6),
        ]
        for (column, word) in words where plan[column] >= 0 {
            lf_columns_set(&columns, word, UInt32(plan[column]))
        }
    }
}
