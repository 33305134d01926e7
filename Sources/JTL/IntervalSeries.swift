// Intervals that are being gathered, by the second. A node takes out those that are over and
// publishes them; whoever receives them merges them into a series of its own.

/// The intervals of one or many sources.
public struct IntervalSeries: Equatable, Sendable {
    private var seconds: [Int64: Interval] = [:]

    /// A series of nothing.
    public init() {}

    /// The intervals so far, sorted by second; seconds without samples are absent.
    public var intervals: [Interval] { seconds.values.sorted { $0.second < $1.second } }

    mutating func add(_ sample: Sample, label: String) {
        guard let start = sample.timestamp else { return }
        // Division rounds towards zero; times before 1970 must go down as well.
        let second = start / 1000 - (start % 1000 < 0 ? 1 : 0)
        let key = CellKey(label: label, isController: sample.kind == .controller)
        seconds[second, default: Interval(second: second)]
            .cells[key, default: IntervalCell()].add(sample)
    }

    /// Adds one interval, whatever its source.
    public mutating func merge(_ interval: Interval) {
        seconds[interval.second, default: Interval(second: interval.second)].merge(interval)
    }

    /// Adds the intervals of another series.
    public mutating func merge(_ other: IntervalSeries) {
        for interval in other.seconds.values { merge(interval) }
    }

    /// Takes out the intervals before a second, sorted.
    public mutating func take(before second: Int64 = .max) -> [Interval] {
        let taken = intervals.filter { $0.second < second }
        for interval in taken { seconds[interval.second] = nil }
        return taken
    }
}
