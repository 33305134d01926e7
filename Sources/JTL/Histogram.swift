// An exact histogram: how often each elapsed time occurred. Elapsed times are whole milliseconds
// and most are short, so counts below a bound sit in an array indexed by the value, and all other
// values, including negative ones, in a dictionary. Nothing is ever rounded to a bucket.
//
// The bulk reader brings sorted counts, which stay as they are: of thousands of labels with a few
// hundred rows each, arrays by value would fill the memory with zeros.

/// How often each whole number occurs; any Int64 may.
public struct Histogram: Sendable {
    /// A value and how often it occurs.
    struct Count: Sendable {
        let value: Int64
        var times: Int
    }

    private var dense: [Int] = []
    private var sparse: [Int64: Int] = [:]
    /// Counts beside the others, the smallest value first.
    private var sorted: [Count] = []
    /// Values below this may be counted in the array, of which only as much exists as is needed.
    private let denseLimit: Int64

    /// A histogram of nothing.
    public init() {
        denseLimit = 1 << 14
    }

    /// A histogram without an array: slower, and small when it holds few values.
    init(sparse: Void) {
        denseLimit = 0
    }

    /// Counts a value `times` times.
    @inline(__always)
    public mutating func add(_ value: Int64, times: Int = 1) {
        // As an unsigned number every negative value is beyond the array.
        let place = UInt64(bitPattern: value)
        if place < UInt64(dense.count) {
            dense[Int(place)] += times
        } else {
            addBeyond(value, times: times)
        }
    }

    private mutating func addBeyond(_ value: Int64, times: Int) {
        guard times != 0 else { return }
        guard value >= 0, value < denseLimit else {
            sparse[value, default: 0] += times
            return
        }
        // Doubling, so that growing costs no more than the counting.
        var size = max(64, dense.count)
        while size <= Int(value) { size *= 2 }
        dense.append(contentsOf: repeatElement(0, count: size - dense.count))
        dense[Int(value)] += times
    }

    /// Takes out a value that was counted before, `times` times.
    mutating func remove(_ value: Int64, times: Int) {
        let place = UInt64(bitPattern: value)
        if place < UInt64(dense.count), dense[Int(place)] >= times {
            dense[Int(place)] -= times
        } else if let counted = sparse[value], counted >= times {
            sparse[value] = counted == times ? nil : counted - times
        } else {
            // It was counted in more than one way: all counts in one list have it.
            var left = inOrder
            guard let index = left.firstIndex(where: { $0.value == value }) else { return }
            left[index].times -= times
            if left[index].times <= 0 { left.remove(at: index) }
            (dense, sparse, sorted) = ([], [:], left)
        }
    }

    /// Adds the counts of another histogram.
    public mutating func merge(_ other: Histogram) {
        for (value, times) in other.dense.enumerated() where times != 0 {
            add(Int64(value), times: times)
        }
        for (value, times) in other.sparse { add(value, times: times) }
        if dense.isEmpty, sorted.count <= 4 * other.sorted.count {
            merge(sorted: other.sorted)
        } else {
            // A total over many labels: too much to be sorted anew for each of them.
            let all = sorted
            sorted = []
            for count in all { add(count.value, times: count.times) }
            for count in other.sorted { add(count.value, times: count.times) }
        }
    }

    /// Adds counts that are sorted by their values, each of which occurs once.
    mutating func merge(sorted more: [Count]) {
        sorted = sorted.isEmpty ? more : Self.merged(sorted, more)
    }

    private static func merged(_ left: [Count], _ right: [Count]) -> [Count] {
        var all: [Count] = []
        all.reserveCapacity(left.count + right.count)
        var (first, second) = (0, 0)
        while first < left.count, second < right.count {
            var next = left[first]
            if right[second].value < next.value {
                next = right[second]
            } else {
                first += 1
                if right[second].value == next.value { next.times += right[second].times }
            }
            if right[second].value == next.value { second += 1 }
            all.append(next)
        }
        return all + left[first...] + right[second...]
    }

    /// The values that occurred with their counts, smallest first.
    public var counts: [(value: Int64, times: Int)] {
        inOrder.map { (value: $0.value, times: $0.times) }
    }

    /// The same; what the bulk reader brought is not copied.
    var inOrder: [Count] {
        if dense.isEmpty, sparse.isEmpty { return sorted }
        let far = sparse.sorted { $0.key < $1.key }.map { Count(value: $0.key, times: $0.value) }
        let near = dense.enumerated().lazy.filter { $0.element != 0 }
            .map { Count(value: Int64($0.offset), times: $0.element) }
        let all = far.prefix { $0.value < 0 } + near + far.drop { $0.value < 0 }
        return Self.merged(Array(all), sorted)
    }
}

extension Histogram: Equatable {
    /// Equal when every value occurs as often in both, however the counts are kept.
    public static func == (left: Histogram, right: Histogram) -> Bool {
        left.counts.elementsEqual(right.counts) { $0.value == $1.value && $0.times == $1.times }
    }
}

extension Histogram: Codable {
    /// Reads a flat list of value, count, value, count.
    ///
    /// - Throws: `DecodingError` where a count is missing or not positive.
    public init(from decoder: any Decoder) throws {
        self.init(sparse: ())
        var list = try decoder.unkeyedContainer()
        while !list.isAtEnd {
            let value = try list.decode(Int64.self)
            let times = try list.decode(Int.self)
            guard times > 0 else {
                throw DecodingError.dataCorruptedError(
                    in: list, debugDescription: "a count must be positive, not \(times)")
            }
            sparse[value, default: 0] += times
        }
    }

    /// Writes a flat list of value, count, value, count, smallest value first.
    public func encode(to encoder: any Encoder) throws {
        var list = encoder.unkeyedContainer()
        for (value, times) in counts {
            try list.encode(value)
            try list.encode(times)
        }
    }
}
