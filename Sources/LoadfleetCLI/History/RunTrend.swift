// How a figure went from run to run of the same plan: in a line of bars, from zero up, because a bar
// that begins elsewhere makes mountains of molehills.
import Results
import Runs

/// A figure over the runs of one plan.
struct RunTrend {
    let plan: String
    let figure: ComparedFigure
    /// One a run, the latest last; nil where it is not known.
    let values: [Double?]

    /// How many runs have a bar.
    static let limit = 40

    /// The trends of plans with two known figures and more, in the order of their latest runs.
    static func all(
        _ runs: [(plan: String, summary: Summary?)], _ figure: ComparedFigure
    ) -> [RunTrend] {
        var plans: [String] = []
        for run in runs.reversed() where !plans.contains(run.plan) { plans.append(run.plan) }
        return plans.reversed().map { plan in
            let own = runs.filter { $0.plan == plan }
            return RunTrend(
                plan: plan, figure: figure,
                values: own.suffix(limit).map { $0.summary.flatMap { figure.value(of: $0.total) } })
        }
        .filter { $0.values.compactMap(\.self).count > 1 }
    }

    /// `p95 of shop.jmx: ▃▄█ 210 → 480 ms in 3 runs`.
    var line: String {
        let known = values.compactMap(\.self)
        let most = known.max() ?? 0
        let bars = values.map { value -> Character in
            guard let value else { return " " }
            guard most > 0 else { return BarChart.steps[0] }
            return BarChart.steps[max(0, min(7, Int((value / most * 8).rounded()) - 1))]
        }
        let ends = [known.first, known.last].compactMap(\.self)
            .map { FixedPoint.text($0, places: figure.places) }.joined(separator: " → ")
        return "\(figure.title) of \(DisplayText.visible(plan)): \(String(bars)) "
            + "\(ends)\(figure.unit) in \(values.count) runs"
    }
}
