// Where the bulk reader adds up: one lane a label, and one more where the label is a transaction
// controller as well. Only plain numbers, in three cache lines; whatever is rare (third response
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
    /// Two response codes and how often each occurred; most labels have no others.
    var codes = (CodeKey.none, CodeKey.none)
    var codeCounts = (0, 0)
    var times: LaneTimes
    /// The lane of this label's transaction controllers; -1 if there is none.
    var controllers = -1
}

/// A short response code as one word.
struct CodeKey: Equatable {
    private let word: UInt64

    /// What no code is equal to.
    static let none = CodeKey(word: .max)

    private init(word: UInt64) { self.word = word }

    /// The key of a field of at most seven bytes; nil for longer ones.
    ///
    /// Eight bytes from `field` must be readable.
    @inline(__always)
    init?(_ field: UnsafePointer<UInt8>, count: Int) {
        guard count < 8 else { return nil }
        let length = UInt64(truncatingIfNeeded: count)
        word = JTL.word(at: field) & ((1 &<< (length &* 8)) &- 1) | length &<< 56
    }

    /// Calls `body` with the code's bytes.
    func withBytes(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        Swift.withUnsafeBytes(of: word.littleEndian) { bytes in
            bytes.prefix(Int(word >> 56)).withMemoryRebound(to: UInt8.self, body)
        }
    }
}
