// What the page says of the change against a baseline: below key figures, and in a column of the
// labels. The data of the page has all of it, as `comparison` of its summary.

extension PageSections {
    /// The figure that the labels' column is about.
    private static let column = ComparedFigure.p95

    /// The change of a key figure, by the name on its card; nothing without a baseline.
    func change(_ name: String) -> String {
        let title = name == "Rate" ? "Rate/s" : name
        guard let figure = ComparedFigure.allCases.first(where: { $0.title == title }),
            let change = summary.comparison?.row(of: summary.total)?[figure],
            let text = ComparisonReport.text(change)
        else { return "" }
        return "<dd class=\"\(Self.classes(change))\">\(text)</dd>"
    }

    var changeTitle: [String] { summary.comparison == nil ? [] : ["\(Self.column.title) change"] }

    var changeNote: [String] {
        guard let comparison = summary.comparison else { return [] }
        return [
            "Changes are those against \(safe(comparison.baseline)); ✗ is worse and ✓ is better, "
                + "beyond noise."
        ]
    }

    /// The change of a label; nil without a baseline.
    func changeCell(_ row: SummaryRow) -> String? {
        guard let comparison = summary.comparison else { return nil }
        guard let change = comparison.row(of: row)?[Self.column], change.baseline != nil else {
            return cell("new", sortedBy: nil, "")
        }
        let value = change.differencePct.map { FixedPoint.text($0, places: 2) }
        return cell(
            ComparisonReport.text(change) ?? "-", sortedBy: value,
            " class=\"\(Self.classes(change))\"")
    }

    private static func classes(_ change: Comparison.Change) -> String {
        switch change.judgment {
        case .better: "change better"
        case .worse: "change worse"
        case .same, .unknown: "change"
        }
    }
}
