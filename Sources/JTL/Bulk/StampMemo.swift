// Time stamps, one after the other, differ in their last digits. The memo keeps what the bytes
// before the last three mean, and adds the milliseconds; a stamp whose beginning is new is read
// the slow way. Only beginnings for which that addition was shown to be right are kept.

/// Remembers the beginnings of time stamps.
struct StampMemo: ~Copyable {
    private struct Entry {
        var first: UInt64 = 0
        var second: UInt64 = 0
        var third: UInt64 = 0
        var length = -1
        /// Milliseconds since 1970 of the beginning followed by 000.
        var base: Int64 = 0
    }

    /// A power of two: as many seconds as rows written at the same time may have begun in.
    private static let size = 256
    private let entries: UnsafeMutablePointer<Entry>
    private var slow: TimestampReader

    init(_ format: TimestampFormat) {
        slow = TimestampReader(format: format)
        entries = .allocate(capacity: Self.size)
        entries.initialize(repeating: Entry(), count: Self.size)
    }

    deinit { entries.deallocate() }

    /// Milliseconds since 1970, or nil where the text is no time stamp.
    ///
    /// 24 bytes behind `text` must be readable.
    @inline(__always)
    mutating func read(_ text: UnsafePointer<UInt8>, count: Int) -> Int64? {
        guard count > 10, count < 27 else { return readSlowly(text, count: count) }
        let length = count &- 3
        // 10 to 23 bytes: the first eight, and what is left of the next 16.
        let first = word(at: text)
        let kept = UInt64(truncatingIfNeeded: 8 &* (length & 7))
        let partial = ~(UInt64.max &<< kept)
        let second = word(at: text + 8) & (length < 16 ? partial : .max)
        let third = length < 16 ? 0 : word(at: text + 16) & partial
        let mixed = (first ^ second &* 31 ^ third) &* 0x9E37_79B9_7F4A_7C15
        let place = Int(truncatingIfNeeded: mixed &>> 56)
        let entry = entries + place
        let isKnown =
            (entry.pointee.first ^ first) | (entry.pointee.second ^ second)
            | (entry.pointee.third ^ third) == 0 && entry.pointee.length == length
        guard isKnown else {
            learn(text, count: count, Entry(first: first, second: second, third: third), place)
            return readSlowly(text, count: count)
        }
        let hundreds = text[length] &- 0x30
        let tens = text[length &+ 1] &- 0x30
        let ones = text[length &+ 2] &- 0x30
        guard hundreds <= 9, tens <= 9, ones <= 9 else { return readSlowly(text, count: count) }
        return entry.pointee.base &+ (Int64(hundreds) &* 100 &+ Int64(tens) &* 10 &+ Int64(ones))
    }

    @inline(never)
    private mutating func readSlowly(_ text: UnsafePointer<UInt8>, count: Int) -> Int64? {
        slow.read(UnsafeBufferPointer(start: text, count: count))
    }

    /// Keeps a beginning if its last three digits are milliseconds: each counts what it should.
    @inline(never)
    private mutating func learn(
        _ text: UnsafePointer<UInt8>, count: Int, _ entry: Entry, _ place: Int
    ) {
        var copy = Array(UnsafeBufferPointer(start: text, count: count))
        func value(_ digits: String, _ memo: inout StampMemo) -> Int64? {
            copy.replaceSubrange((count - 3)..<count, with: digits.utf8)
            return copy.withUnsafeBufferPointer { memo.slow.read($0) }
        }
        guard let base = value("000", &self), value("001", &self) == base &+ 1,
            value("010", &self) == base &+ 10, value("100", &self) == base &+ 100,
            value("999", &self) == base &+ 999
        else { return }
        entries[place] = entry
        entries[place].length = count - 3
        entries[place].base = base
    }
}
