// Charts made of block characters: each column of the terminal is a bar, each row eight steps high.

/// One figure over time.
struct BarChart {
    /// What stands at the left of the first row.
    let title: String
    /// The figure now.
    let now: String
    let emphasis: Emphasis?
    let values: [Double?]
    let rows: Int
    /// Columns of the whole chart.
    let columns: Int

    static let steps = Array("▁▂▃▄▅▆▇█")
    private static let nowColumns = 7
    private static let scaleColumns = 6
    /// Columns left of the bars.
    static let gutter = 11 + nowColumns + 1
    /// A chart narrower than this has no scale.
    private static let narrowest = 56

    /// The columns that bars have in a chart of some width.
    static func barColumns(of columns: Int) -> Int {
        max(1, columns - gutter - (columns >= narrowest ? scaleColumns : 0))
    }

    /// The chart from top to bottom.
    var lines: [ScreenLine] {
        let scale = Self.scale(values.compactMap(\.self).max() ?? 0)
        return (0..<rows).map { row in
            var line = ScreenLine()
            line.add(row == 0 ? title : "", columns: 11)
            line.add(row == 0 ? now : "", .bold, columns: Self.nowColumns, toRight: true)
            line.add(" ")
            line.add(bars(row: row, scale: scale), emphasis)
            guard columns >= Self.narrowest else { return line }
            line.fill(to: columns - Self.scaleColumns)
            let mark = row == 0 ? Self.short(scale) : row == rows - 1 ? "0" : ""
            line.add(mark, .faint, columns: Self.scaleColumns, toRight: true)
            return line
        }
    }

    private func bars(row: Int, scale: Double) -> String {
        let bottom = (rows - 1 - row) * 8
        return String(
            values.map { value -> Character in
                guard let value, value > 0, scale > 0 else { return " " }
                // What is there is seen, however small it is beside the rest.
                let height = max(1, Int((min(1, value / scale) * Double(rows * 8)).rounded()))
                let step = min(8, height - bottom)
                return step > 0 ? Self.steps[step - 1] : " "
            })
    }

    /// The least round number that is no less than `value`: the top of the scale.
    static func scale(_ value: Double) -> Double {
        guard value > 0, value.isFinite, value < 1e15 else { return value > 0 ? 1e15 : 1 }
        var power = 1.0
        while power * 10 <= value { power *= 10 }
        while power > value { power /= 10 }
        // Samples, threads and milliseconds are whole.
        let rounds =
            power == 1 ? [1, 2, 3, 4, 5, 6, 8, 10] : [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]
        return rounds.map { $0 * power }.first { $0 >= value } ?? value
    }

    /// A figure in at most six columns: `0.4`, `12`, `3500`, `125k`, `2.5M`.
    static func short(_ value: Double) -> String {
        guard value.isFinite, value < 1e15 else { return "-" }
        func text(_ value: Double, _ unit: String) -> String {
            let tenths = Int64((value * 10).rounded())
            let whole = tenths >= 1000 || tenths % 10 == 0
            return whole
                ? "\(Int64(value.rounded()))\(unit)" : "\(tenths / 10).\(tenths % 10)\(unit)"
        }
        let large: [(Double, String)] = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")]
        for (size, unit) in large where value >= size * (size == 1e3 ? 100 : 1) {
            return text(value / size, unit)
        }
        return text(value, "")
    }
}
