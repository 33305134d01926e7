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
    private let values: [Int64]
    /// How many samples are at or below the value at the same place.
    private let ranks: [Int]

    /// How many samples.
    public var count: Int { ranks.last ?? 0 }

    /// The distribution of all values of a histogram.
    public init(_ histogram: Histogram) {
        self.init(counts: histogram.counts)
    }

    /// The distribution of the values in a window.
    public init(_ window: SampleWindow) {
        var histogram = Histogram()
        for value in window.values { histogram.add(value) }
        self.init(histogram)
    }

    private init(counts: [(value: Int64, times: Int)]) {
        values = counts.map(\.value)
        var rank = 0
        ranks = counts.map { count in
            rank += count.times
            return rank
        }
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
        let wanted = min(max(rank, 1), count)
        var low = 0
        var high = ranks.count - 1
        while low < high {
            let middle = (low + high) / 2
            if ranks[middle] < wanted { low = middle + 1 } else { high = middle }
        }
        return values[low]
    }
}
