// The live view as lines of a screen. A pure function of what is known, the size of the screen and
// the time, so that a test can look at the exact picture.
//
// From top to bottom: which run and how it goes, charts, labels, gates, workers, events. A small
// screen shows the same parts, each with less in it.
import Fleet
import FoundationEssentials
import Results
import Store

/// A screen's worth of a run.
struct LivePicture {
    let board: LiveBoard
    let columns: Int
    let rows: Int
    /// The viewer's clock.
    let moment: Duration

    /// The lines from top to bottom: at most so many, none wider than the screen.
    var lines: [ScreenLine] {
        let parts = [LabelPanel(board).part, gatePart, nodePart, eventPart]
        let share = LiveLayout(
            rows: rows - heading.count, charts: hasCharts ? chartCount : 0,
            wishes: parts.map(\.wish))
        var blocks = [heading]
        if share.chartRows > 0 { blocks.append(charts(rows: share.chartRows)) }
        for (part, rows) in zip(parts, share.rows) where rows > 0 {
            blocks.append(part.lines(columns, rows))
        }
        var lines: [ScreenLine] = []
        var gaps = share.gaps
        for block in blocks {
            if !lines.isEmpty, gaps > 0 {
                lines.append(ScreenLine())
                gaps -= 1
            }
            lines += block
        }
        return lines.prefix(rows).map { $0.cut(to: columns) }
    }

    /// A part of the picture that can be had longer or shorter.
    struct Part {
        /// Rows that would show all of it.
        let wish: Int
        /// The part in so many columns and at most so many rows.
        let lines: (_ columns: Int, _ rows: Int) -> [ScreenLine]
    }
}

// MARK: - Heading

extension LivePicture {
    private var heading: [ScreenLine] {
        var first = ScreenLine()
        first.add("run \(board.heading.run)", .bold)
        first.add(
            "  \(board.heading.plan) on \(board.heading.fleet), \(board.heading.mode)")
        let hint = ScreenLine(board.hint, .faint)
        if first.columns + hint.columns + 2 <= columns {
            first.fill(to: columns - hint.columns)
            first.add(hint)
        }
        return [first, state]
    }

    private var state: ScreenLine {
        guard let elapsed = board.elapsed(at: moment), let latest = board.latest else {
            return ScreenLine("no samples yet; watching for \(clock(moment))")
        }
        var line = ScreenLine()
        line.add(clock(elapsed), .bold)
        line.add("  \(latest.totalSamples) samples")
        let percent =
            latest.totalSamples > 0
            ? Double(latest.totalErrors) / Double(latest.totalSamples) * 100 : 0
        line.add("  ")
        line.add(
            "errors \(FixedPoint.text(percent, places: 2)) %", latest.totalErrors > 0 ? .red : nil)
        let left = board.heading.deadline - elapsed
        line.add("  deadline in \(clock(max(.zero, left)))")
        if let cost = board.cost(at: moment) { line.add("  cost so far \(cost)") }
        return line
    }
}

// MARK: - Charts

extension LivePicture {
    private var hasCharts: Bool { board.history.first != nil }
    /// From this width on charts stand in two columns.
    private var isWide: Bool { columns >= 120 }
    /// Rows of charts, one above the other.
    private var chartCount: Int { isWide ? 3 : 6 }

    private static let left: [LiveHistory.Figure] = [.rate, .threads, .errors]
    private static let right: [LiveHistory.Figure] = [.p50, .p95, .p99]

    /// All charts with the time below them, each so many rows high.
    private func charts(rows: Int) -> [ScreenLine] {
        guard isWide else { return chartColumn(Self.left + Self.right, rows, columns) }
        let half = (columns - 3) / 2
        let (left, right) = (
            chartColumn(Self.left, rows, half), chartColumn(Self.right, rows, half)
        )
        return zip(left, right).map { left, right in
            var line = left
            line.fill(to: columns - half)
            line.add(right)
            return line
        }
    }

    private func chartColumn(
        _ figures: [LiveHistory.Figure], _ rows: Int, _ columns: Int
    ) -> [ScreenLine] {
        let bars = BarChart.barColumns(of: columns)
        let charts = figures.flatMap { figure in
            let (title, emphasis) = Self.look(figure)
            return BarChart(
                title: title, now: now(figure), emphasis: emphasis,
                values: board.history.columns(figure, atMost: bars), rows: rows, columns: columns
            ).lines
        }
        return charts + [timeAxis(bars)]
    }

    private static func look(_ figure: LiveHistory.Figure) -> (String, Emphasis) {
        switch figure {
        case .rate: ("samples/s", .green)
        case .threads: ("threads", .cyan)
        case .errors: ("errors/s", .red)
        case .p50: ("p50 ms", .cyan)
        case .p95: ("p95 ms", .yellow)
        case .p99: ("p99 ms", .yellow)
        }
    }

    private func now(_ figure: LiveHistory.Figure) -> String {
        guard let last = board.history.last else { return "-" }
        func text(_ milliseconds: Double?) -> String {
            milliseconds.map { FixedPoint.text($0, places: 0) } ?? "-"
        }
        return switch figure {
        case .rate: "\(last.samples)"
        case .threads: "\(last.threads)"
        case .errors: "\(last.errors)"
        case .p50: text(last.p50)
        case .p95: text(last.p95)
        case .p99: text(last.p99)
        }
    }

    private func timeAxis(_ bars: Int) -> ScreenLine {
        let span = board.history.span
        let width = board.history.secondsPerColumn(of: bars)
        var line = ScreenLine()
        line.add(
            width == 1
                ? "" : "1 column = \(width < 120 ? "\(width) s" : clock(.seconds(width)))", .faint,
            columns: BarChart.gutter - 1)
        line.add(" ")
        let end = clock(.seconds(span))
        let drawn = (span + width - 1) / width
        let start = drawn >= end.count + 7 ? "00:00" : ""
        line.add(start, .faint)
        let blanks = max(0, drawn - start.count - end.count)
        line.add(String(repeating: " ", count: blanks) + end, .faint)
        return line
    }
}
