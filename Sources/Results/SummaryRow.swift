// One line of a summary: a label or the total. KB are 1,024 bytes, as in JMeter's reports, and
// rates are over the row's own time, from its first start to its last end.

package import JTL

/// The figures of one label, or of all samples.
package struct SummaryRow: Equatable, Sendable {
    /// What a row stands for.
    package enum Kind: String, Codable, Sendable {
        /// All samples.
        case total
        /// A sampler's label, or one of a result within a sample.
        case sampler
        /// A transaction controller's label; not part of the total.
        case controller
    }

    package var label: String
    package var kind: Kind
    package var samples: Int
    package var errors: Int
    /// Nil without samples, as are all times.
    package var errorPct: Double?
    package var meanMs: Double?
    package var minMs: Int64?
    package var maxMs: Int64?
    package var p50Ms: Double?
    package var p90Ms: Double?
    package var p95Ms: Double?
    package var p99Ms: Double?
    package var meanLatencyMs: Double?
    package var meanConnectMs: Double?
    /// Milliseconds since 1970; nil where samples have no time stamp, as are all rates.
    package var firstStartMs: Int64?
    package var lastEndMs: Int64?
    package var durationS: Double?
    /// Nil also where all samples lie in one instant.
    package var samplesPerS: Double?
    package var receivedKbPerS: Double?
    package var sentKbPerS: Double?
    package var receivedBytes: Int64
    package var sentBytes: Int64
    package var maxThreads: Int64
    package var responseCodes: [String: Int]

    /// All elapsed times, for gates on other percentiles; not part of the file.
    package var distribution: Distribution?

    /// The row of an aggregate, with percentiles of `distribution`.
    init(
        label: String, kind: Kind, _ rows: Aggregate, _ distribution: Distribution,
        _ method: PercentileMethod
    ) {
        self.label = label
        self.kind = kind
        self.distribution = distribution
        samples = rows.samples
        errors = rows.errors
        meanMs = rows.meanElapsed
        p50Ms = distribution.percentile(50, method)
        p90Ms = distribution.percentile(90, method)
        p95Ms = distribution.percentile(95, method)
        p99Ms = distribution.percentile(99, method)
        meanLatencyMs = rows.meanLatency
        meanConnectMs = rows.meanConnect
        receivedBytes = Int64(clamping: rows.bytes)
        sentBytes = Int64(clamping: rows.sentBytes)
        maxThreads = rows.maxThreads
        responseCodes = Dictionary(
            rows.responseCodes.counts.map { ($0.text, $0.times) }, uniquingKeysWith: +)
        if rows.responseCodes.other > 0 {
            responseCodes["(other)", default: 0] += rows.responseCodes.other
        }
        if rows.samples > 0 {
            errorPct = Double(rows.errors) * 100 / Double(rows.samples)
            minMs = rows.minElapsed
            maxMs = rows.maxElapsed
        }
        setRates(rows)
    }

    private mutating func setRates(_ rows: Aggregate) {
        guard let span = rows.span else { return }
        firstStartMs = rows.firstStart
        lastEndMs = rows.lastEnd
        let seconds = Double(span) / 1000
        durationS = seconds
        guard span > 0 else { return }
        samplesPerS = Double(rows.samples) / seconds
        receivedKbPerS = Double(rows.bytes) / seconds / 1024
        sentKbPerS = Double(rows.sentBytes) / seconds / 1024
    }

    package static func == (left: SummaryRow, right: SummaryRow) -> Bool {
        // The distribution is no part of the file, so a row equals itself read back.
        left.fields == right.fields
    }
}

// MARK: - File format

extension SummaryRow: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case label, kind, samples, errors
        case errorPct = "error_pct"
        case meanMs = "mean_ms"
        case minMs = "min_ms"
        case maxMs = "max_ms"
        case p50Ms = "p50_ms"
        case p90Ms = "p90_ms"
        case p95Ms = "p95_ms"
        case p99Ms = "p99_ms"
        case meanLatencyMs = "mean_latency_ms"
        case meanConnectMs = "mean_connect_ms"
        case firstStartMs = "first_start_epoch_ms"
        case lastEndMs = "last_end_epoch_ms"
        case durationS = "duration_s"
        case samplesPerS = "samples_per_s"
        case receivedKbPerS = "received_kb_per_s"
        case sentKbPerS = "sent_kb_per_s"
        case receivedBytes = "received_bytes"
        case sentBytes = "sent_bytes"
        case maxThreads = "max_threads"
        case responseCodes = "response_codes"
    }

    package func encode(to encoder: any Encoder) throws {
        // Each is written by `encode`, also where it is nil: the file then says null.
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(label, forKey: .label)
        try fields.encode(kind, forKey: .kind)
        try fields.encode(samples, forKey: .samples)
        try fields.encode(errors, forKey: .errors)
        try fields.encode(errorPct, forKey: .errorPct)
        try fields.encode(meanMs, forKey: .meanMs)
        try fields.encode(minMs, forKey: .minMs)
        try fields.encode(maxMs, forKey: .maxMs)
        try fields.encode(p50Ms, forKey: .p50Ms)
        try fields.encode(p90Ms, forKey: .p90Ms)
        try fields.encode(p95Ms, forKey: .p95Ms)
        try fields.encode(p99Ms, forKey: .p99Ms)
        try fields.encode(meanLatencyMs, forKey: .meanLatencyMs)
        try fields.encode(meanConnectMs, forKey: .meanConnectMs)
        try fields.encode(firstStartMs, forKey: .firstStartMs)
        try fields.encode(lastEndMs, forKey: .lastEndMs)
        try fields.encode(durationS, forKey: .durationS)
        try fields.encode(samplesPerS, forKey: .samplesPerS)
        try fields.encode(receivedKbPerS, forKey: .receivedKbPerS)
        try fields.encode(sentKbPerS, forKey: .sentKbPerS)
        try fields.encode(receivedBytes, forKey: .receivedBytes)
        try fields.encode(sentBytes, forKey: .sentBytes)
        try fields.encode(maxThreads, forKey: .maxThreads)
        try fields.encode(responseCodes, forKey: .responseCodes)
    }

    /// All that the file holds, in its order.
    private var fields: [String] {
        let times = [errorPct, meanMs, p50Ms, p90Ms, p95Ms, p99Ms, meanLatencyMs, meanConnectMs]
        let rates = [durationS, samplesPerS, receivedKbPerS, sentKbPerS]
        let whole = [minMs, maxMs, firstStartMs, lastEndMs, receivedBytes, sentBytes, maxThreads]
        return [label, kind.rawValue, "\(samples)", "\(errors)"]
            + (times + rates).map { "\($0 as Any)" } + whole.map { "\($0 as Any)" }
            + responseCodes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    }
}
