// The three definitions of a percentile that people compare reports by. They differ by whole
// milliseconds on small sets of samples, so every output names the one it used.

/// How a percentile is made from sorted values x1...xn.
public enum PercentileMethod: String, CaseIterable, Codable, Sendable {
    /// JMeter's dashboard (LEGACY of Apache Commons Math): between the neighbors of (p/100)·(n+1).
    case jmeter

    /// JMeter's Aggregate Report: the value at n·p/100 rounded to the nearest whole place.
    case aggregate

    /// The nearest rank: the smallest value that at least p percent do not exceed.
    case nearest
}

/// Sorted values with their counts, for asking many percentiles.
public struct Distribution: Sendable {
    /// Shared with the histogram: of many thousands of labels, copies would fill the memory.
    private let counts: [Histogram.Count]
    /// How many samples.
    public let count: Int

    /// The distribution of all values of a histogram.
    public init(_ histogram: Histogram) {
        self.init(sorted: histogram.inOrder)
    }

    /// The distribution of the values in a window.
    public init(_ window: SampleWindow) {
        var histogram = Histogram()
        for value in window.values { histogram.add(value) }
        self.init(histogram)
    }

    /// The distribution of values that occur so often.
    public init(counts times: [Int64: Int]) {
        self.init(
            sorted: times.sorted { $0.key < $1.key }
                .map { Histogram.Count(value: $0.key, times: $0.value) })
    }

    /// The distribution of counts that are sorted by their values, each of which occurs once.
    init(sorted counts: [Histogram.Count]) {
        self.counts = counts
        count = counts.reduce(0) { $0 + $1.times }
    }

    /// The largest value; nil without samples.
    package var largest: Int64? { counts.last?.value }

    /// How many samples are at most so long.
    package func count(upTo value: Int64) -> Int {
        counts.reduce(0) { $1.value <= value ? $0 + $1.times : $0 }
    }

    /// The values that occurred with their counts, smallest first.
    package var values: some Sequence<(value: Int64, times: Int)> {
        counts.lazy.map { (value: $0.value, times: $0.times) }
    }

    /// The percentile `p` (0 to 100) in the values' own unit; nil without samples.
    public func percentile(_ p: Double, _ method: PercentileMethod = .jmeter) -> Double? {
        guard count > 0 else { return nil }
        switch method {
        case .jmeter: return legacy(p)
        case .aggregate: return Double(value(atRank: Int((Double(count) * (p / 100) + 0.5))))
        case .nearest:
            // The tolerance takes back what 99.9 and its like lose by being binary fractions.
            let rank = p * Double(count) / 100
            return Double(value(atRank: Int((rank * (1 - 1e-14)).rounded(.up))))
        }
    }

    /// The order of operations is Commons Math's, to the bit: (p/100)·(n+1).
    private func legacy(_ p: Double) -> Double {
        let position = (p / 100) * Double(count + 1)
        if position < 1 { return Double(value(atRank: 1)) }
        if position >= Double(count) { return Double(value(atRank: count)) }
        let whole = position.rounded(.down)
        let lower = Double(value(atRank: Int(whole)))
        let upper = Double(value(atRank: Int(whole) + 1))
        return lower + (position - whole) * (upper - lower)
    }

    /// The value at a place counted from 1; places outside are moved to the nearest end.
    private func value(atRank rank: Int) -> Int64 {
        var left = max(rank, 1)
        for entry in counts {
            left -= entry.times
            if left <= 0 { return entry.value }
        }
        return counts[counts.count - 1].value
    }
}
