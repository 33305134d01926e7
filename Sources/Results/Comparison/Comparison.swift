// Two runs side by side: by how much each figure of each label changed, and whether that is more
// than noise.
//
// A figure is called better or worse only where three things hold: the change is too large for the
// spread within the two runs (so large that among all figures of equal runs a false alarm comes
// once in 1,000 comparisons), it is larger than what earlier runs of the same kind differed by,
// where there are three or more of them, and it is at least one percent, so that a long run does not
// cry over what nobody would notice.

/// Two runs, compared.
package struct Comparison: Equatable, Sendable {
    /// What a change means.
    package enum Judgment: String, Codable, Sendable {
        case better, worse
        /// No more than noise.
        case same
        /// Too little is known to tell.
        case unknown
    }

    /// One figure of one label in both runs.
    package struct Change: Equatable, Sendable {
        package let figure: ComparedFigure
        package let baseline: Double?
        package let current: Double?
        /// How far earlier runs lie about their mean, in percent of it: two standard deviations;
        /// nil with fewer than three of them.
        package let noisePct: Double?
        package let judgment: Judgment

        /// The change in the figure's unit.
        package var difference: Double? {
            guard let baseline, let current else { return nil }
            return current - baseline
        }

        /// The change in percent of the baseline; nil where that is nothing.
        package var differencePct: Double? {
            guard let baseline, let difference, baseline != 0 else { return nil }
            return difference / baseline * 100
        }
    }

    /// One label in both runs, or all samples.
    package struct Row: Equatable, Sendable {
        package let label: String
        package let kind: SummaryRow.Kind
        /// Nil where the run has no such label.
        package let baselineSamples: Int?
        package let currentSamples: Int?
        package let changes: [Change]

        /// The change of a figure.
        package subscript(_ figure: ComparedFigure) -> Change? {
            changes.first { $0.figure == figure }
        }
    }

    /// Names for people of the two runs.
    package let baseline: String
    package let run: String
    /// The labels of the current run in its order, those that only the baseline has behind them,
    /// and the total last.
    package let rows: [Row]
    /// How many earlier runs the noise is from; 0 with fewer than three.
    package let earlierRuns: Int

    /// How often a comparison of equal runs calls anything better or worse, at most.
    package static let falseAlarms = 1e-3
    /// Changes below so many percent are never called one.
    static let smallest = 1.0
    private static let fewestEarlier = 3

    /// Compares `current` with `baseline`; `earlier` are summaries of runs of the same kind, for
    /// the noise between runs.
    package init(of current: MeasuredRun, with baseline: MeasuredRun, earlier: [Summary] = []) {
        let pairs = Self.pairs(current.summary, baseline.summary)
        let known = earlier.count < Self.fewestEarlier ? [] : earlier
        let figures = ComparedFigure.allCases
        let limit = Self.falseAlarms / Double(max(1, pairs.count * figures.count))
        earlierRuns = known.count
        (self.baseline, run) = (baseline.name, current.name)
        rows = pairs.map { now, before in
            let named = now ?? before
            let changes = figures.map { figure in
                let noise = named.flatMap { Self.noise(of: figure, for: $0, in: known) }
                let probability = now.flatMap { now in
                    before.flatMap { before in
                        WelchTest(
                            baseline.values(of: figure, for: before),
                            current.values(of: figure, for: now))?.probability
                    }
                }
                return Change(
                    figure, baseline: before.flatMap(figure.value),
                    current: now.flatMap(figure.value),
                    noisePct: noise, isCertain: probability.map { $0 < limit })
            }
            return Row(
                label: named?.label ?? "", kind: named?.kind ?? .sampler,
                baselineSamples: before?.samples, currentSamples: now?.samples, changes: changes)
        }
    }

    /// Takes a comparison as it was written down.
    init(baseline: String, run: String, earlierRuns: Int, rows: [Row]) {
        (self.baseline, self.run) = (baseline, run)
        (self.earlierRuns, self.rows) = (earlierRuns, rows)
    }

    /// What became of a row of the current run.
    func row(of row: SummaryRow) -> Row? {
        rows.first {
            ($0.kind == .total) == (row.kind == .total)
                && ($0.kind == .controller) == (row.kind == .controller)
                && $0.label.utf8.elementsEqual(row.label.utf8)
        }
    }

    /// The changes that are worse, or better, label by label.
    package func changes(_ judgment: Judgment) -> [(row: Row, change: Change)] {
        rows.flatMap { row in
            row.changes.filter { $0.judgment == judgment }.map { (row, $0) }
        }
    }

    private static func pairs(
        _ current: Summary, _ baseline: Summary
    ) -> [(current: SummaryRow?, baseline: SummaryRow?)] {
        let known = current.labels.map { now in
            (
                current: SummaryRow?.some(now),
                baseline: baseline.labels.first { now.isNamed(as: $0) }
            )
        }
        let gone = baseline.labels.filter { before in
            !current.labels.contains { before.isNamed(as: $0) }
        }
        return known + gone.map { (nil, $0) } + [(current.total, baseline.total)]
    }

    private static func noise(
        of figure: ComparedFigure, for row: SummaryRow, in earlier: [Summary]
    ) -> Double? {
        let values = earlier.compactMap { summary in
            (summary.labels + [summary.total]).first { row.isNamed(as: $0) }.flatMap(figure.value)
        }
        guard values.count >= fewestEarlier else { return nil }
        let mean = values.reduce(0, +) / Double(values.count)
        guard mean != 0 else { return nil }
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return 2 * (squares / Double(values.count - 1)).squareRoot() / mean * 100
    }
}

extension Comparison.Change {
    fileprivate init(
        _ figure: ComparedFigure, baseline: Double?, current: Double?, noisePct: Double?,
        isCertain: Bool?
    ) {
        self.figure = figure
        self.baseline = baseline
        self.current = current
        self.noisePct = noisePct
        guard let baseline, let current, let isCertain else {
            judgment = .unknown
            return
        }
        // Of errors that there were none of before, any certain number is a change.
        let percent =
            baseline == 0 ? Double.infinity : abs(current - baseline) / abs(baseline) * 100
        let isChange = isCertain && percent >= max(Comparison.smallest, noisePct ?? 0)
        judgment = !isChange ? .same : (current > baseline) == figure.isBad ? .worse : .better
    }
}

extension SummaryRow {
    /// Whether another run's row stands for the same; labels are exact.
    func isNamed(as other: SummaryRow) -> Bool {
        (kind == .total) == (other.kind == .total)
            && (kind == .controller) == (other.kind == .controller)
            && label.utf8.elementsEqual(other.label.utf8)
    }
}
