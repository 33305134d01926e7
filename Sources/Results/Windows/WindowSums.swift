// The sums that gates on windows slide over a run. Everything in them is a count or a sum, so a
// second that leaves a window is taken out as exactly as it was put in: no window is ever added up
// anew, however long it is.

import JTL

/// A label told from others by its bytes: Swift's own `==` would take two Unicode forms of é for
/// one.
struct ExactLabel: Hashable, Sendable {
    let bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.utf8) }

    var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// Whose samples a sum holds.
enum SumPlace: Hashable, Sendable {
    /// All samples; the rows of transaction controllers are not among them.
    case total
    /// All rows of a label.
    case label(ExactLabel)
}

/// What gates need of the samples of one place in one second.
struct SecondSums: Sendable {
    var samples = 0
    var errors = 0
    var untimed = 0
    var bytes: Int128 = 0
    /// The sum of elapsed times, in ms.
    var elapsed: Int128 = 0
    /// The first start and the last end, in ms since 1970.
    var firstStart = Int64.max
    var lastEnd = Int64.min
    /// How often each elapsed time occurs, where a gate asks for it.
    var times: [(value: Int64, count: Int)] = []

    /// The sums of nothing.
    init() {}

    /// The sums of rows, with their times or without.
    init(_ rows: Aggregate, withTimes: Bool) {
        samples = rows.samples
        errors = rows.errors
        untimed = rows.untimed
        bytes = rows.bytes
        elapsed = rows.elapsedSum
        firstStart = rows.firstStart
        lastEnd = rows.lastEnd
        if withTimes { times = rows.elapsed.counts.map { (value: $0.value, count: $0.times) } }
    }

    /// Adds other samples of the same second.
    mutating func add(_ other: SecondSums) {
        samples += other.samples
        errors += other.errors
        untimed += other.untimed
        bytes += other.bytes
        elapsed += other.elapsed
        firstStart = min(firstStart, other.firstStart)
        lastEnd = max(lastEnd, other.lastEnd)
        guard !other.times.isEmpty else { return }
        var counts = Dictionary(uniqueKeysWithValues: times.map { ($0.value, $0.count) })
        for (value, count) in other.times { counts[value, default: 0] += count }
        times = counts.map { (value: $0.key, count: $0.value) }
    }
}

/// The samples of one place in a window.
struct WindowSums: Sendable {
    private(set) var samples = 0
    private var errors = 0
    private var untimed = 0
    private var bytes: Int128 = 0
    private var elapsed: Int128 = 0
    private var times: [Int64: Int] = [:]
    /// These only ever grow: they are of use for the window that nothing leaves, the whole run.
    private var firstStart = Int64.max
    private var lastEnd = Int64.min

    mutating func add(_ second: SecondSums) {
        change(by: second, 1)
        firstStart = min(firstStart, second.firstStart)
        lastEnd = max(lastEnd, second.lastEnd)
    }

    /// Takes out a second that was added.
    mutating func subtract(_ second: SecondSums) { change(by: second, -1) }

    private mutating func change(by second: SecondSums, _ sign: Int) {
        samples += sign * second.samples
        errors += sign * second.errors
        untimed += sign * second.untimed
        bytes += Int128(sign) * second.bytes
        elapsed += Int128(sign) * second.elapsed
        for (value, count) in second.times {
            let left = times[value, default: 0] + sign * count
            times[value] = left == 0 ? nil : left
        }
    }

    /// The figure of a metric; nil where there are no samples to make it from.
    ///
    /// Counts and rates are figures without samples, too: nothing happened is zero. `seconds` is
    /// the length of the window; without it a rate is over the samples' own time, as in a summary.
    func figure(
        _ metric: Gate.Metric, seconds: Int?, _ method: PercentileMethod
    ) -> Double? {
        switch metric {
        case .errorCount: return Double(errors)
        case .samples: return Double(samples)
        case .rate: return rate(Double(samples), seconds)
        case .throughput: return rate(Double(bytes), seconds).map { $0 / 1024 }
        default: break
        }
        guard samples > 0 else { return nil }
        switch metric {
        case .percentile(let p): return Distribution(counts: times).percentile(p, method)
        case .min: return times.keys.min().map(Double.init)
        case .max: return times.keys.max().map(Double.init)
        case .mean: return Double(elapsed) / Double(samples)
        case .errorPercent: return Double(errors) * 100 / Double(samples)
        case .successPercent: return Double(samples - errors) * 100 / Double(samples)
        case .errorCount, .samples, .rate, .throughput: return nil
        }
    }

    private func rate(_ amount: Double, _ seconds: Int?) -> Double? {
        if let seconds { return amount / Double(seconds) }
        guard samples > 0, untimed == 0, lastEnd > firstStart else { return nil }
        return amount / (Double(lastEnd - firstStart) / 1000)
    }
}
