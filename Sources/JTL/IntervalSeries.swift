// Samples by the second, exact and mergeable, small enough to publish every second. A sample
// belongs to the second in which it STARTED, floor(timeStamp / 1000): the file holds that time
// exactly, and it does not move when a response is slow. So a slow sample may come when its second
// was published already; it then makes another interval of that second, and merging sets it right.

/// The samples of one label that started in one second.
public struct IntervalCell: Codable, Equatable, Sendable {
    /// How many samples.
    public internal(set) var samples = 0
    /// How many of them did not succeed.
    public internal(set) var errors = 0
    /// Bytes received; wraps around like Java's long.
    public internal(set) var bytes: Int64 = 0
    /// Bytes sent; wraps around like Java's long.
    public internal(set) var sentBytes: Int64 = 0
    /// The most threads that any sample saw active.
    public internal(set) var maxThreads: Int64 = 0
    /// How often each elapsed time occurs, in ms.
    public internal(set) var elapsed = Histogram(sparse: ())

    /// A cell of nothing.
    public init() {}

    mutating func add(_ sample: Sample) {
        samples += 1
        if !sample.isSuccess { errors += 1 }
        bytes &+= sample.bytes
        sentBytes &+= sample.sentBytes
        maxThreads = max(maxThreads, sample.allThreads)
        elapsed.add(sample.elapsed)
    }

    /// Adds the samples of another cell.
    public mutating func merge(_ other: IntervalCell) {
        samples += other.samples
        errors += other.errors
        bytes &+= other.bytes
        sentBytes &+= other.sentBytes
        maxThreads = max(maxThreads, other.maxThreads)
        elapsed.merge(other.elapsed)
    }
}

/// One second of a run.
public struct Interval: Codable, Equatable, Sendable {
    /// Seconds since 1970.
    public let second: Int64

    /// The samples by label.
    public internal(set) var labels: [String: IntervalCell] = [:]

    /// The transaction controllers by label, which are not part of the total.
    public internal(set) var controllers: [String: IntervalCell] = [:]

    /// An interval in which nothing happened.
    public init(second: Int64) {
        self.second = second
    }

    /// What all samples of the second add up to.
    public var total: IntervalCell {
        labels.values.reduce(into: IntervalCell()) { $0.merge($1) }
    }

    /// Adds the samples of the same second of another source.
    public mutating func merge(_ other: Interval) {
        for (label, cell) in other.labels { labels[label, default: IntervalCell()].merge(cell) }
        for (label, cell) in other.controllers {
            controllers[label, default: IntervalCell()].merge(cell)
        }
    }
}

/// Intervals that are being gathered.
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
        if sample.kind == .controller {
            seconds[second, default: Interval(second: second)]
                .controllers[label, default: IntervalCell()].add(sample)
        } else {
            seconds[second, default: Interval(second: second)]
                .labels[label, default: IntervalCell()].add(sample)
        }
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
