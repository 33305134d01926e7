// Every second of a run, for charts: a second that is written again replaces what was known of it,
// and a day of seconds becomes as many columns as a screen has.
import Store

/// The seconds of a run, as far as they are known.
struct LiveHistory: Sendable {
    /// What charts show of one second.
    struct Second: Sendable, Equatable {
        var second: Int64
        var samples: Int
        var errors: Int
        var threads: Int
        var p50: Double?
        var p95: Double?
        var p99: Double?
    }

    /// A figure over time, and how several seconds become one column.
    ///
    /// A slow or failing second must not vanish in a column that stands for many, so percentiles,
    /// errors and threads show the worst second. Rates show the mean, as peaks of single seconds
    /// would look like a load that was never kept up.
    enum Figure: CaseIterable {
        case rate
        case threads
        case errors
        case p50
        case p95
        case p99
    }

    /// In the order of time, each second once.
    private(set) var seconds: [Second] = []

    var first: Int64? { seconds.first?.second }
    var last: Second? { seconds.last }

    /// From the first second to the last, both included.
    var span: Int {
        guard let first, let last else { return 0 }
        return Int(last.second - first + 1)
    }

    /// What clocks can show; a second beyond is no second of a run.
    private static let believable: ClosedRange<Int64> = 0...253_402_300_799

    /// Takes in a second; seconds before the first sample say nothing and are left out.
    mutating func take(_ figures: LiveFigures) {
        guard Self.believable.contains(figures.second),
            !seconds.isEmpty || figures.samples > 0
        else { return }
        let second = Second(
            second: figures.second, samples: max(0, figures.samples),
            errors: max(0, figures.errors), threads: max(0, figures.activeThreads),
            p50: figures.p50Ms, p95: figures.p95Ms, p99: figures.p99Ms)
        let place = place(of: second.second)
        if place < seconds.count, seconds[place].second == second.second {
            seconds[place] = second
        } else {
            seconds.insert(second, at: place)
        }
    }

    /// Where a second stands or would stand; nearly always at the end.
    private func place(of second: Int64) -> Int {
        if (seconds.last?.second ?? -1) < second { return seconds.count }
        var (low, high) = (0, seconds.count)
        while low < high {
            let middle = (low + high) / 2
            if seconds[middle].second < second { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// How many seconds a column stands for when there are so many columns.
    func secondsPerColumn(of columns: Int) -> Int {
        max(1, (span + columns - 1) / max(1, columns))
    }

    /// The figure over the whole run in at most so many columns, the first second at the left;
    /// nil where nothing is known.
    func columns(_ figure: Figure, atMost count: Int) -> [Double?] {
        guard let first, count > 0 else { return [] }
        let width = secondsPerColumn(of: count)
        var columns = [Double?](repeating: nil, count: (span + width - 1) / width)
        for second in seconds {
            guard let value = Self.value(figure, second) else { continue }
            let column = Int(second.second - first) / width
            let known = columns[column]
            columns[column] = figure == .rate ? (known ?? 0) + value : max(known ?? 0, value)
        }
        guard figure == .rate else { return columns }
        // Of the last column not all seconds have come yet.
        return columns.enumerated().map { index, sum in
            sum.map { $0 / Double(min(width, span - index * width)) }
        }
    }

    private static func value(_ figure: Figure, _ second: Second) -> Double? {
        let value: Double? =
            switch figure {
            case .rate: Double(second.samples)
            case .threads: Double(second.threads)
            case .errors: Double(second.errors)
            case .p50: second.p50
            case .p95: second.p95
            case .p99: second.p99
            }
        guard let value, value.isFinite else { return nil }
        return max(0, value)
    }
}
