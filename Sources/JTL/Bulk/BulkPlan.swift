// The column plan as the bulk reader's inner loops need it: plain places, and for each column of
// numbers the word of a `PlainRow` that its value goes to.
//
// To read one more column of numbers: add it to `Column`, give it a word here, and add it up in
// `Lane`. `RowInterpreter` is where the slow, obvious reader does the same; the tests hold the two
// against each other.

/// The places of the columns in a row, for the inner loops.
struct BulkPlan {
    /// A column of whole numbers.
    struct Number {
        /// Its place in a row.
        let place: Int
        /// Where its value goes: a word of `PlainRow`, counted from its beginning.
        let word: Int
    }

    let fields: Int
    /// The columns of numbers that the file has.
    let numbers: [Number]
    let timeStamp: Int
    let label: Int
    let success: Int
    let responseCode: Int
    let responseMessage: Int
    let failureMessage: Int

    init(_ plan: ColumnPlan) {
        fields = plan.count
        let columns: [(Column, Int)] = [
            (.elapsed, 1), (.bytes, 2), (.sentBytes, 3), (.allThreads, 4), (.latency, 5),
            (.connect, 6),
        ]
        numbers = columns.filter { plan[$0.0] >= 0 }.map { Number(place: plan[$0.0], word: $0.1) }
        timeStamp = plan[.timeStamp]
        label = plan[.label]
        success = plan[.success]
        responseCode = plan[.responseCode]
        responseMessage = plan[.responseMessage]
        failureMessage = plan[.failureMessage]
    }
}
