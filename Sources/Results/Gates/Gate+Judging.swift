// Holds a gate against a summary. What is not known is not met: a label without samples, a rate
// without time stamps and a percentile that a stored summary does not hold all fail their gate.
// Where the baseline's figure is not known, nothing can be said, and the run is invalid.

import JTL
import Units

/// What became of a gate.
package struct GateResult: Codable, Equatable, Sendable {
    /// The gate as it was written.
    package var expression: String
    package var passed: Bool
    /// The figure, for every-label gates that of the worst label; nil where it is not known.
    package var actual: Double?
    /// The unit of the figure.
    package var unit: String
    /// How many samples the figure is made from.
    package var samples: Int
    /// One line saying how the figure stands to the gate.
    package var reason: String
    /// What it was held against; nil where that is the gate's own value.
    package var baseline: GateBaselineFigure?

    package init(
        expression: String, passed: Bool, actual: Double?, unit: String, samples: Int,
        reason: String, baseline: GateBaselineFigure? = nil
    ) {
        self.expression = expression
        self.passed = passed
        self.actual = actual
        self.unit = unit
        self.samples = samples
        self.reason = reason
        self.baseline = baseline
    }

    /// Whether it could not be judged, because the baseline does not hold its figure.
    var lacksBaseline: Bool { baseline.map { $0.value == nil } ?? false }

    enum CodingKeys: String, CodingKey {
        case expression, passed, actual, unit, samples, reason, baseline
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(expression, forKey: .expression)
        try fields.encode(passed, forKey: .passed)
        try fields.encode(actual, forKey: .actual)
        try fields.encode(unit, forKey: .unit)
        try fields.encode(samples, forKey: .samples)
        try fields.encode(reason, forKey: .reason)
        try fields.encodeIfPresent(baseline, forKey: .baseline)
    }
}

extension Gate {
    /// Holds the gate against a summary, which does not hold the seconds of a run.
    package func result(
        in summary: Summary, against baseline: GateBaseline = .none
    ) -> GateResult {
        guard !isOnWindow else {
            return unknown("nobody watched it while the run went on", samples: 0)
        }
        switch subject {
        case .total: return result(for: summary.total, summary.percentileMethod, baseline)
        case .everyLabel: return worstResult(in: summary, baseline)
        case .label(let label):
            // Labels are exact; `==` on strings would take two Unicode forms for one.
            let row = summary.labels.first { $0.label.utf8.elementsEqual(label.utf8) }
            if let row { return result(for: row, summary.percentileMethod, baseline) }
            if label == "Total" {
                return result(for: summary.total, summary.percentileMethod, baseline)
            }
            let near = Suggestion.nearest(to: label, in: summary.labels.map(\.label))
            let hint = near.map { ", did you mean \"\($0)\"?" } ?? ""
            return unknown("no label \"\(label)\" in the results\(hint)", samples: 0)
        }
    }

    func unknown(_ reason: String, samples: Int) -> GateResult {
        GateResult(
            expression: expression, passed: false, actual: nil, unit: metric.unit,
            samples: samples, reason: reason)
    }

    private func worstResult(in summary: Summary, _ baseline: GateBaseline) -> GateResult {
        let all = summary.labels.filter { $0.samples > 0 }
            .map { result(for: $0, summary.percentileMethod, baseline) }
        // A label that is certainly bad says more than one of which nothing can be said.
        let judged = all.filter { !$0.lacksBaseline }
        let results = judged.contains { !$0.passed } ? judged : all
        if let failed = results.first(where: { !$0.passed && $0.actual == nil }) { return failed }
        let isUpperBound = comparison == .less || comparison == .lessOrEqual
        let worst = results.min { left, right in
            if left.passed != right.passed { return !left.passed }
            let (a, b) = (left.distance, right.distance)
            return isUpperBound ? a > b : a < b
        }
        return worst ?? unknown("no label has samples", samples: 0)
    }

    private func result(
        for row: SummaryRow, _ method: PercentileMethod, _ baseline: GateBaseline
    ) -> GateResult {
        let name = row.kind == .total ? "in total" : "for \"\(row.label)\""
        guard row.samples > 0 else { return unknown("no samples \(name)", samples: 0) }
        guard let actual = figure(of: row, method) else {
            return unknown("not known \(name)", samples: row.samples)
        }
        var result = GateResult(
            expression: expression, passed: comparison.holds(actual, threshold), actual: actual,
            unit: metric.unit, samples: row.samples, reason: "\(text(of: actual)) \(name)")
        guard let factor = baselineFactor else { return result }
        switch baselineFigure(for: row, baseline) {
        case .failure(let gap):
            result = unknown(gap.reason, samples: row.samples)
            result.baseline = GateBaselineFigure(value: nil, limit: nil)
        case .success(let before):
            let limit = before * factor + threshold
            result.passed = comparison.holds(actual, limit)
            result.baseline = GateBaselineFigure(value: before, limit: limit)
            result.reason +=
                "; the baseline has \(text(of: before)), so the limit is \(text(of: limit))"
        }
        return result
    }

    /// Why the baseline can't tell its figure.
    private struct BaselineGap: Error {
        let reason: String
    }

    private func baselineFigure(
        for row: SummaryRow, _ baseline: GateBaseline
    ) -> Result<Double, BaselineGap> {
        switch baseline {
        case .none: return .failure(BaselineGap(reason: "there is no baseline"))
        case .unusable(let reason): return .failure(BaselineGap(reason: reason))
        case .summary(let summary):
            let rows = summary.labels + [summary.total]
            guard let before = rows.first(where: { row.isNamed(as: $0) }), before.samples > 0 else {
                let what = row.kind == .total ? "no samples" : "no label \"\(row.label)\""
                return .failure(BaselineGap(reason: "the baseline has \(what)"))
            }
            guard let figure = figure(of: before, summary.percentileMethod) else {
                return .failure(BaselineGap(reason: "the baseline's figure is not known"))
            }
            return .success(figure)
        }
    }

    /// A figure with its unit, for people.
    func text(of actual: Double) -> String {
        FixedPoint.text(actual, places: actual == actual.rounded() ? 0 : 2) + metric.unit
    }

    private func figure(of row: SummaryRow, _ method: PercentileMethod) -> Double? {
        switch metric {
        case .percentile(let p):
            if let distribution = row.distribution { return distribution.percentile(p, method) }
            let stored: [Double: Double?] = [
                50: row.p50Ms, 90: row.p90Ms, 95: row.p95Ms, 99: row.p99Ms,
            ]
            return stored[p] ?? nil
        case .mean: return row.meanMs
        case .min: return row.minMs.map(Double.init)
        case .max: return row.maxMs.map(Double.init)
        case .errorCount: return Double(row.errors)
        case .errorPercent: return row.errorPct
        case .successPercent: return row.successPct
        case .samples: return Double(row.samples)
        case .rate: return row.samplesPerS
        case .throughput: return row.receivedKbPerS
        }
    }
}

extension GateResult {
    /// How far the figure lies beyond its limit; without a baseline the limit is the same for all.
    fileprivate var distance: Double { (actual ?? 0) - (baseline?.limit ?? 0) }
}

extension SummaryRow {
    /// Counted, not subtracted: 100 minus a rounded share would miss 99 by a bit.
    fileprivate var successPct: Double? {
        samples == 0 ? nil : Double(samples - errors) * 100 / Double(samples)
    }
}
