// Where the bulk reader adds up: one lane a label, and one more where the label is a transaction
// controller as well. Only plain numbers, in two cache lines; whatever is rare (other response
// codes, failures, odd rows) goes to an ordinary `Aggregate` beside it.

/// The running sums of one label.
///
/// The sums have 64 bits and every summand fewer than 27, so no file under 10^11 rows overflows
/// them; what has more digits is an odd row and is added with 128 bits.
struct Lane {
    /// Samples, elapsed, bytes, sent bytes.
    var first = Four(repeating: 0)
    /// Samples without a time stamp, latency, connect, errors.
    var second = Four(repeating: 0)
    var firstStart = Int64.max
    var lastEnd = Int64.min
    var maxThreads: UInt64 = 0
    /// How often each elapsed time below `denseCount` occurred.
    var dense: UnsafeMutablePointer<UInt32>
    var denseCount = 0
    /// The response code of the last row, and how many samples there were before its run began:
    /// equal codes come in runs, so most rows add nothing here.
    var code: UInt64 = 0
    var codeLength = -1
    var codeSince: UInt64 = 0

    init(dense: UnsafeMutablePointer<UInt32>) {
        self.dense = dense
    }
}

/// The array of a lane's histogram grows up to this; longer times are counted in a dictionary.
private let denseLimit = 1 << 14

extension Lane {
    /// Counts a time that the array does not reach yet, growing it if it may.
    @inline(never)
    mutating func growDense(for elapsed: Int) -> Bool {
        guard elapsed < denseLimit else { return false }
        var size = max(64, denseCount)
        while size <= elapsed { size *= 2 }
        let larger = UnsafeMutablePointer<UInt32>.allocate(capacity: size)
        larger.update(from: dense, count: denseCount)
        (larger + denseCount).initialize(repeating: 0, count: size - denseCount)
        if denseCount > 0 { dense.deallocate() }
        (dense, denseCount) = (larger, size)
        return true
    }
}
