// Who gets how many rows of a screen. First every part gets the little without which it says
// nothing, then each gets more in turn, until the rows or the wishes are at an end.

/// The rows of each part.
struct LiveLayout {
    /// The parts behind the charts, in the order in which they stand.
    private enum Part: Int {
        case labels
        case gates
        case nodes
        case events
    }

    private enum Step {
        /// A part may have up to so many rows.
        case part(Part, Int)
        /// Charts may be so many rows high.
        case charts(Int)
        /// Blank lines between parts.
        case gaps(Int)
    }

    private static let steps: [Step] = [
        .charts(1), .part(.events, 1), .part(.labels, 3), .part(.nodes, 1), .part(.gates, 1),
        .part(.labels, 5), .part(.gates, 2), .part(.events, 2), .part(.nodes, 2), .gaps(1),
        .part(.labels, 7), .part(.events, 3), .part(.gates, 4), .part(.nodes, 4), .gaps(4),
        .charts(2), .part(.labels, 11), .part(.events, 6), .charts(4), .part(.nodes, 7),
        .part(.gates, 8), .part(.labels, 16), .part(.events, 8), .charts(6), .part(.nodes, 12),
        .part(.gates, 20), .part(.labels, .max), .part(.nodes, .max), .charts(8),
        .part(.events, .max), .part(.gates, .max), .charts(10), .charts(12),
    ]

    /// The height of each chart; 0 for none.
    private(set) var chartRows = 0
    /// The rows of each part, in the order of its wishes.
    private(set) var rows: [Int]
    private(set) var gaps = 0

    /// Shares out rows among so many charts, one above the other, and the parts behind them.
    init(rows available: Int, charts: Int, wishes: [Int]) {
        rows = wishes.map { _ in 0 }
        var left = max(0, available)
        for step in Self.steps {
            switch step {
            case .part(let part, let most):
                let more = min(min(most, wishes[part.rawValue]) - rows[part.rawValue], left)
                guard more > 0 else { continue }
                rows[part.rawValue] += more
                left -= more
            case .charts(let height):
                // The time stands below them once.
                let more = (height - chartRows) * charts + (chartRows == 0 ? 1 : 0)
                guard charts > 0, more <= left else { continue }
                chartRows = height
                left -= more
            case .gaps(let most):
                let more = min(max(0, most - gaps), left)
                gaps += more
                left -= more
            }
        }
    }
}
