// What OpenSearch is told of the fields before the first document comes: what it would guess would
// make texts of labels, for which there are no percentiles and no sums.

/// The index template.
enum IndexTemplate {
    /// The template of the indexes whose names begin so.
    static func text(for index: String) -> String {
        let fields =
            mappings("date", ["@timestamp"])
            + mappings(
                "keyword", ["run", "worker", "kind", "plan", "fleet", "verdict"], more: "")
            // A term of Lucene's has 32,766 bytes at most; what is longer is kept and not found.
            + mappings(
                "keyword",
                [
                    "label", "response_code", "response_message", "failure_message", "thread",
                    "url",
                ], more: #","ignore_above":1024"#)
            + mappings("boolean", ["success"])
            + mappings("long", longs) + mappings("double", doubles)
            // Nobody knows how many codes there are; each would be a field.
            + [#""response_codes":{"type":"object","enabled":false}"#]
            + [#""gates":{"type":"object","enabled":false}"#]
        return """
            {"index_patterns":["\(index)-samples","\(index)-summary"],"priority":100,\
            "template":{"mappings":{"dynamic":false,"properties":{\(fields.joined(separator: ","))}}}}
            """
    }

    private static let longs = [
        "elapsed_ms", "latency_ms", "connect_ms", "received_bytes", "sent_bytes", "active_threads",
        "samples", "errors", "min_ms", "max_ms", "first_start_epoch_ms", "last_end_epoch_ms",
        "max_threads",
    ]
    private static let doubles = [
        "error_pct", "mean_ms", "p50_ms", "p90_ms", "p95_ms", "p99_ms", "mean_latency_ms",
        "mean_connect_ms", "duration_s", "samples_per_s", "received_kb_per_s", "sent_kb_per_s",
    ]

    private static func mappings(_ type: String, _ names: [String], more: String = "") -> [String] {
        names.map { #""\#($0)":{"type":"\#(type)"\#(more)}"# }
    }
}
