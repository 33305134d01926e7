// The figures of a row by name, in one place for all reports that programs read: what CSV, JUnit,
// OpenMetrics and InfluxDB are told is the same number under the same name. Names are those of
// `summary.json`.

/// One figure of a row.
struct RowFigure: Sendable {
    /// A figure's value.
    enum Value: Equatable {
        case whole(Int64)
        case real(Double)

        /// The number, its shortest form that reads back as the same.
        var text: String {
            switch self {
            case .whole(let value): "\(value)"
            case .real(let value): "\(value)"
            }
        }
    }

    let name: String
    /// The value in a row; nil where it is not known.
    let value: @Sendable (SummaryRow) -> Value?

    /// All figures, as CSV has them.
    static let all: [RowFigure] = [
        whole("samples") { Int64($0.samples) }, whole("errors") { Int64($0.errors) },
        real("error_pct") { $0.errorPct }, real("mean_ms") { $0.meanMs },
        real("min_ms") { $0.minMs.map(Double.init) }, real("p50_ms") { $0.p50Ms },
        real("p90_ms") { $0.p90Ms }, real("p95_ms") { $0.p95Ms }, real("p99_ms") { $0.p99Ms },
        real("max_ms") { $0.maxMs.map(Double.init) }, real("samples_per_s") { $0.samplesPerS },
        real("received_kb_per_s") { $0.receivedKbPerS }, real("sent_kb_per_s") { $0.sentKbPerS },
    ]

    private static func whole(
        _ name: String, _ value: @escaping @Sendable (SummaryRow) -> Int64?
    ) -> RowFigure {
        RowFigure(name: name) { value($0).map(Value.whole) }
    }

    private static func real(
        _ name: String, _ value: @escaping @Sendable (SummaryRow) -> Double?
    ) -> RowFigure {
        RowFigure(name: name) { value($0).map(Value.real) }
    }
}
