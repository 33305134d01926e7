// The bytes that the bulk reader works on. There is room before and behind them, because the
// reader loads whole words that reach beyond a field; a buffer of the size of the processor's
// second cache is filled, read and filled again before its bytes fall out of that cache.

/// A buffer with readable room on both sides.
struct ReadBuffer: ~Copyable {
    private static let margin = 128
    private var storage: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private var count = 0

    init(capacity: Int) {
        self.capacity = capacity
        storage = .allocate(capacity: capacity + 2 * Self.margin)
        storage.initialize(repeating: 0, count: capacity + 2 * Self.margin)
    }

    deinit { storage.deallocate() }

    /// What was appended and not discarded.
    var bytes: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: storage + Self.margin, count: count)
    }

    /// Where to put more bytes; never empty, the buffer grows if it must.
    mutating func room(_ wanted: Int = 1) -> UnsafeMutableRawBufferPointer {
        if capacity - count < wanted { grow(to: max(capacity * 2, count + wanted)) }
        return UnsafeMutableRawBufferPointer(
            start: storage + Self.margin + count, count: capacity - count)
    }

    /// Takes in bytes that were put into the room.
    mutating func append(_ more: Int) { count += more }

    /// Forgets the first bytes and moves the others to the front.
    mutating func discard(_ read: Int) {
        guard read > 0 else { return }
        count -= read
        (storage + Self.margin).update(from: storage + Self.margin + read, count: count)
    }

    private mutating func grow(to larger: Int) {
        let next = UnsafeMutablePointer<UInt8>.allocate(capacity: larger + 2 * Self.margin)
        next.initialize(repeating: 0, count: larger + 2 * Self.margin)
        (next + Self.margin).update(from: storage + Self.margin, count: count)
        storage.deallocate()
        (storage, capacity) = (next, larger)
    }
}
