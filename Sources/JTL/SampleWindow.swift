// The last N elapsed times, for those who must compare with a JMeter dashboard made with its
// default settings: there percentiles cover only the last 20,000 rows.

/// A ring of the last values.
public struct SampleWindow: Sendable, Equatable {
    private let capacity: Int
    private var ring: [Int64] = []
    private var next = 0

    init(capacity: Int) {
        precondition(capacity > 0, "a window holds at least one sample")
        self.capacity = capacity
    }

    /// The values, oldest first.
    public var values: [Int64] { Array(ring[next...] + ring[..<next]) }

    mutating func add(_ value: Int64) {
        if ring.count < capacity {
            ring.append(value)
        } else {
            ring[next] = value
            next = next + 1 == capacity ? 0 : next + 1
        }
    }

    /// Equal when the values are, wherever in the ring they lie.
    public static func == (left: SampleWindow, right: SampleWindow) -> Bool {
        left.capacity == right.capacity && left.values == right.values
    }

    /// Goes on with the values of another window, as if its file followed.
    mutating func merge(_ other: SampleWindow) {
        for value in other.values { add(value) }
    }
}
