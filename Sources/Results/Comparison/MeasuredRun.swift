// A run as a comparison sees it: its figures, and how much each of them moved about within the run.
//
// Samples of a load test hang together in time, so their spread says too little about how sure a
// figure is. The run is cut into forty stretches of equal length instead, each with a figure of its
// own, and the spread of those says it: the method of batch means, for example in Law, "Simulation
// Modeling and Analysis", section 9.5.3.

package import JTL

/// A run's figures with their spread.
package struct MeasuredRun: Sendable {
    /// Into how many stretches a run is cut.
    static let stretches: Int64 = 40
    /// Fewer of them say nothing.
    static let fewest = 8

    /// A name for people.
    package let name: String
    package let summary: Summary
    /// The figures of each stretch in which there were samples.
    private var spread: [CellKey: [[ComparedFigure: Double]]] = [:]
    private var totalSpread: [[ComparedFigure: Double]] = []

    /// A run from statistics that hold intervals.
    package init(_ statistics: Statistics, method: PercentileMethod, name: String = "") {
        self.name = name
        summary = Summary(statistics, method: method)
        guard let series = statistics.intervals, let span = statistics.total.span else { return }
        let seconds = max(1, (span / 1000 + Self.stretches - 1) / Self.stretches)
        for stretch in series.intervals(of: seconds) where stretch.second != nil {
            for (key, cell) in stretch.cells where cell.rows.samples > 0 {
                spread[key, default: []].append(
                    ComparedFigure.all(of: cell.rows, seconds: seconds, method))
            }
            let total = stretch.total
            guard total.samples > 0 else { continue }
            totalSpread.append(ComparedFigure.all(of: total, seconds: seconds, method))
        }
    }

    /// A run of which only the summary is left; how sure its figures are is not known.
    package init(_ summary: Summary, name: String = "") {
        (self.summary, self.name) = (summary, name)
    }

    /// What a figure was in each stretch; empty where too few are known.
    func values(of figure: ComparedFigure, for row: SummaryRow) -> [Double] {
        let key = CellKey(label: row.label, isController: row.kind == .controller)
        let stretches = row.kind == .total ? totalSpread : spread[key] ?? []
        let values = stretches.compactMap { $0[figure] }
        return values.count < Self.fewest ? [] : values
    }
}

/// A figure that is compared.
package enum ComparedFigure: String, CaseIterable, Sendable {
    case mean = "mean_ms"
    case p50 = "p50_ms"
    case p95 = "p95_ms"
    case p99 = "p99_ms"
    case errors = "error_pct"
    case rate = "samples_per_s"

    package var title: String {
        switch self {
        case .mean: "Mean"
        case .p50: "p50"
        case .p95: "p95"
        case .p99: "p99"
        case .errors: "Errors"
        case .rate: "Rate/s"
        }
    }

    /// What stands behind a value.
    package var unit: String {
        switch self {
        case .mean, .p50, .p95, .p99: " ms"
        case .errors: "%"
        case .rate: "/s"
        }
    }

    /// Whether more of it is worse.
    var isBad: Bool { self != .rate }

    /// Decimal places in which it is shown.
    package var places: Int {
        switch self {
        case .mean, .p50, .p95, .p99: 0
        case .errors: 2
        case .rate: 1
        }
    }

    package func value(of row: SummaryRow) -> Double? {
        switch self {
        case .mean: row.meanMs
        case .p50: row.p50Ms
        case .p95: row.p95Ms
        case .p99: row.p99Ms
        case .errors: row.errorPct
        case .rate: row.samplesPerS
        }
    }

    static func all(
        of rows: Aggregate, seconds: Int64, _ method: PercentileMethod
    ) -> [ComparedFigure: Double] {
        let distribution = Distribution(rows.elapsed)
        var figures: [ComparedFigure: Double] = [:]
        figures[.mean] = rows.meanElapsed
        figures[.p50] = distribution.percentile(50, method)
        figures[.p95] = distribution.percentile(95, method)
        figures[.p99] = distribution.percentile(99, method)
        figures[.errors] = Double(rows.errors) * 100 / Double(rows.samples)
        figures[.rate] = Double(rows.samples) / Double(seconds)
        return figures
    }
}
