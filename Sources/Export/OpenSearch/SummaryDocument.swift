// The rows of a summary as documents. A run that is judged again has another summary, so unlike
// samples they replace what is there.

internal import AWS
internal import FoundationEssentials
internal import Results

/// One row of a run's figures, with the run's verdict.
struct SummaryDocument: Encodable {
    let run: ExportedRun
    let row: SummaryRow

    /// All documents of a run.
    static func batch(of run: ExportedRun) throws -> SampleBatch {
        var batch = SampleBatch()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        for (number, row) in ([run.summary.total] + run.summary.labels).enumerated() {
            try batch.append { bytes in
                bytes += #"{"index":{"_id":"#.utf8
                JSONValue.append("\(run.name)/\(number)", to: &bytes)
                bytes += "}}\n".utf8
                bytes += try encoder.encode(SummaryDocument(run: run, row: row))
                bytes.append(UInt8(ascii: "\n"))
            }
        }
        return batch
    }

    private enum Keys: String, CodingKey {
        case timestamp = "@timestamp"
        case run, plan, fleet, verdict, reasons, gates
        case percentileMethod = "percentile_method"
    }

    func encode(to encoder: any Encoder) throws {
        try row.encode(to: encoder)
        var fields = encoder.container(keyedBy: Keys.self)
        // One moment for all rows of a run: they belong side by side.
        try fields.encodeIfPresent(run.endMs, forKey: .timestamp)
        try fields.encode(run.name, forKey: .run)
        try fields.encodeIfPresent(run.plan, forKey: .plan)
        try fields.encodeIfPresent(run.fleet, forKey: .fleet)
        try fields.encode(run.summary.percentileMethod, forKey: .percentileMethod)
        guard let verdict = run.summary.verdict else { return }
        try fields.encode(verdict.status, forKey: .verdict)
        guard row.kind == .total else { return }
        try fields.encode(verdict.reasons, forKey: .reasons)
        try fields.encode(verdict.gates, forKey: .gates)
    }
}
