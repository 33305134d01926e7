// Labels with figures behind them, laid out for a terminal: what the summary and the comparison of two
// runs have in common.

internal import JTL

/// A table whose first column is of text, and whose others are of figures.
struct LabelTable {
    /// The titles.
    let head: String
    /// One line for each row.
    let lines: [String]

    /// Lays rows out in at most `width` columns where the figures allow it; labels that are too long
    /// lose their middle.
    init(titles: [String], rows: [(label: String, cells: [String])], width: Int) {
        let widths = titles.indices.map { column in
            rows.reduce(titles[column].count) {
                max($0, DisplayText.width($1.cells[column]))
            }
        }
        let free = width - widths.reduce(0) { $0 + $1 + 2 }
        let wanted = rows.reduce(5) { max($0, DisplayText.width($1.label)) }
        let labelWidth = min(wanted, max(free, 12))
        @Sendable func line(_ label: String, _ cells: [String]) -> String {
            let name = DisplayText.pad(
                DisplayText.fit(label, columns: labelWidth), columns: labelWidth)
            return zip(cells, widths).reduce(name) { line, cell in
                line + "  " + DisplayText.pad(cell.0, columns: cell.1, toRight: true)
            }
        }
        head = line("Label", titles)
        lines = mapped(rows.count, least: 500) { rows[$0].map { line($0.label, $0.cells) } }
    }
}
