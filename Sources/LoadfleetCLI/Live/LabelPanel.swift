// The live view's table of labels: those with most samples first, and as many columns as there is
// room for beside a label that can still be read.
import Results
import Store

/// The table of labels.
struct LabelPanel {
    private let labels: [LiveLabel]
    private let others: Int
    private let rates: [LiveBoard.LabelKey: Double]

    init(_ board: LiveBoard) {
        let known = board.labels?.labels ?? []
        // Labels of equal weight keep their order, so that rows don't dance.
        labels = known.enumerated().sorted {
            ($1.element.samples, $0.offset) < ($0.element.samples, $1.offset)
        }.map(\.element)
        others = board.labels?.others ?? 0
        rates = board.rates
    }

    var part: LivePicture.Part {
        LivePicture.Part(
            wish: labels.isEmpty ? 0 : labels.count + 1 + (others > 0 ? 1 : 0), lines: lines)
    }

    private struct Column {
        let title: String
        let width: Int
        let text: (LiveLabel) -> String
        var emphasis: (LiveLabel) -> Emphasis? = { _ in nil }
    }

    /// In the order in which they stand; the last in `order` are the first to go.
    private var columns: [Column] {
        func ms(_ value: Double?) -> String {
            value.map { FixedPoint.text($0, places: 0) } ?? "-"
        }
        return [
            Column(title: "Samples", width: 9) { "\($0.samples)" },
            Column(title: "Rate/s", width: 8) { label in
                rates[LiveBoard.LabelKey(label)].map { FixedPoint.text($0, places: 1) } ?? "-"
            },
            Column(
                title: "Errors", width: 8, text: errors,
                emphasis: { $0.errors > 0 ? .red : nil }),
            Column(title: "Mean", width: 7) { ms($0.meanMs) },
            Column(title: "p50", width: 7) { ms($0.p50Ms) },
            Column(title: "p95", width: 7) { ms($0.p95Ms) },
            Column(title: "p99", width: 7) { ms($0.p99Ms) },
            Column(title: "Max", width: 7) { $0.maxMs.map { "\($0)" } ?? "-" },
        ]
    }

    /// Samples, errors, p95, p99, p50, rate, largest, mean.
    private static let order = [0, 2, 5, 6, 4, 1, 7, 3]
    private static let narrowestLabel = 16

    private func errors(_ label: LiveLabel) -> String {
        guard label.samples > 0 else { return "-" }
        return FixedPoint.text(Double(label.errors) / Double(label.samples) * 100, places: 2) + "%"
    }

    private func lines(_ width: Int, _ rows: Int) -> [ScreenLine] {
        let all = columns
        var room = width - Self.narrowestLabel
        var chosen: [Int] = []
        for index in Self.order where all[index].width <= room {
            chosen.append(index)
            room -= all[index].width
        }
        let shown = chosen.sorted().map { all[$0] }
        let wanted = labels.reduce(5) { max($0, DisplayText.width(name($1))) }
        let labelWidth = min(max(wanted, Self.narrowestLabel), Self.narrowestLabel + room)
        var head = ScreenLine()
        head.add("Label", .bold, columns: labelWidth)
        for column in shown { head.add(column.title, .bold, columns: column.width, toRight: true) }
        let fits = labels.count + (others > 0 ? 1 : 0) <= rows - 1
        let visible = fits ? labels[...] : labels.prefix(max(0, rows - 2))
        var lines = [head] + visible.map { line($0, shown, labelWidth) }
        let hidden = labels.count - visible.count + others
        if hidden > 0, lines.count < rows { lines.append(ScreenLine("… \(hidden) more", .faint)) }
        return lines
    }

    private func line(_ label: LiveLabel, _ columns: [Column], _ labelWidth: Int) -> ScreenLine {
        var line = ScreenLine()
        line.add(name(label), columns: labelWidth)
        for column in columns {
            line.add(
                column.text(label), column.emphasis(label), columns: column.width, toRight: true)
        }
        return line
    }

    private func name(_ label: LiveLabel) -> String {
        DisplayText.visible(label.label) + (label.isController ? " *" : "")
    }
}
