// Where the bulk reader adds up: one lane a label, and one more where the label is a transaction
// controller as well. Only plain numbers, in three cache lines; whatever is rare (third response
// codes, failures, odd rows) goes to an ordinary `Aggregate` beside it.

import CVectors

/// The running sums of one label, laid out as `lf_sums` to begin with.
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
    var codes = CodePair()
    var times: LaneTimes
    /// The lane of this label's transaction controllers; -1 if there is none.
    var controllers = -1

    /// Adds the sums of a cell, which counts the same two codes; its times and texts come apart.
    mutating func add(_ cell: borrowing OpenCell) {
        first &+= cell.first
        second &+= cell.second
        firstStart = min(firstStart, cell.firstStart)
        lastEnd = max(lastEnd, cell.lastEnd)
        maxThreads = max(maxThreads, cell.maxThreads)
        codes.times.0 &+= cell.codes.times.0
        codes.times.1 &+= cell.codes.times.1
    }
}

/// Two response codes and how often each occurred; most labels have no others.
struct CodePair {
    var keys = (CodeKey.none, CodeKey.none)
    var times = (0, 0)

    /// Counts a code; false if it is neither of the two.
    @inline(__always)
    mutating func count(_ key: CodeKey) -> Bool {
        // Both counts in any case: which one it is cannot be foretold.
        let isFirst = key == keys.0
        let isSecond = key == keys.1
        times.0 &+= isFirst ? 1 : 0
        times.1 &+= isSecond ? 1 : 0
        return isFirst || isSecond
    }

    /// Makes a code one of the two, if there is room.
    mutating func learn(_ key: CodeKey) -> Bool {
        if keys.0 == .none {
            keys.0 = key
        } else if keys.1 == .none {
            keys.1 = key
        } else {
            return false
        }
        return true
    }
}

/// A short response code as one word, its length in the highest byte.
struct CodeKey: Equatable {
    let word: UInt64

    /// Stands for a place that is free.
    static let none = CodeKey(word: .max)
    /// Stands for a code of more than seven bytes.
    static let unknown = CodeKey(word: lf_long_code)

    private init(word: UInt64) { self.word = word }

    /// Calls `body` with the code's bytes.
    func withBytes(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        Swift.withUnsafeBytes(of: word.littleEndian) { bytes in
            bytes.prefix(Int(word >> 56)).withMemoryRebound(to: UInt8.self, body)
        }
    }
}
