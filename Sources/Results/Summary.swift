// What a run's samples add up to, as `summary.json` holds it. Units are in the names, figures that
// cannot be known are null and never NaN, and the percentile method is named, because reports that
// do not name it cannot be compared. `docs/schemas/summary-1.0.json` describes the same file.

package import JTL

/// The figures of a run, in total and per label.
package struct Summary: Equatable, Sendable {
    /// The version of the file's schema: a new minor adds fields, a new major changes them.
    package static let schemaVersion = "1.0"

    /// How the percentiles were made.
    package var percentileMethod: PercentileMethod
    /// How many last rows the percentiles cover; nil for all.
    package var windowSamples: Int?
    /// All samples; transaction controllers are not among them.
    package var total: SummaryRow
    /// One row a label, in the order of first occurrence.
    package var labels: [SummaryRow]
    /// Failures by kind, the most frequent first.
    package var failures: [FailureCount]
    /// Lines that could not be used.
    package var unusableLines: UnusableSummary
    /// The verdict, once there is one.
    package var verdict: Verdict?
    /// The whole run, where the figures are those of a part of it.
    package var trimmed: TrimmedRun?
    /// How the figures changed against a baseline, where one was named.
    package var comparison: Comparison?

    /// The summary of statistics.
    package init(_ statistics: Statistics, method: PercentileMethod = .jmeter) {
        percentileMethod = method
        windowSamples = statistics.options.window
        let all = statistics.total
        total = SummaryRow(
            label: "Total", kind: .total, all,
            statistics.totalWindow.map { Distribution($0) } ?? Distribution(all.elapsed), method)
        labels = mapped(statistics.labels.count, least: 16) { range in
            statistics.labels[range].map { label in
                let rows = label.all
                return SummaryRow(
                    label: label.label, kind: label.isController ? .controller : .sampler, rows,
                    label.window.map { Distribution($0) } ?? Distribution(rows.elapsed), method)
            }
        }
        failures = all.failures.counts.map { FailureCount(kind: $0.text, count: $0.times) }
        // Sorts all kinds where there are too many, so it is asked once.
        let others = all.failures.other
        if others > 0 { failures.append(FailureCount(kind: "(other)", count: others)) }
        unusableLines = UnusableSummary(statistics.unusable)
    }
}

/// What a summary of a part of a run says of the whole.
package struct TrimmedRun: Codable, Equatable, Sendable {
    /// The part: the first start in it, and the first behind it, in ms since 1970.
    package var fromMs: Int64
    package var toMs: Int64
    /// All samples of the run, and all by label.
    package var wholeTotal: SummaryRow
    package var wholeLabels: [SummaryRow]

    package init(_ whole: Summary, times: ClosedRange<Int64>) {
        fromMs = times.lowerBound
        toMs = times.upperBound + 1
        wholeTotal = whole.total
        wholeLabels = whole.labels
    }

    enum CodingKeys: String, CodingKey {
        case fromMs = "from_epoch_ms"
        case toMs = "to_epoch_ms"
        case wholeTotal = "whole_total"
        case wholeLabels = "whole_labels"
    }
}

/// How often one kind of failure occurred.
package struct FailureCount: Codable, Equatable, Sendable {
    /// Code and message of the response, or the assertion's text.
    package var kind: String
    /// How many samples failed so.
    package var count: Int
}

/// The lines that are not in the figures.
package struct UnusableSummary: Codable, Equatable, Sendable {
    /// One of the first such lines.
    package struct Example: Codable, Equatable, Sendable {
        package var source: String
        package var line: Int
        package var byteOffset: Int
        package var kind: String

        enum CodingKeys: String, CodingKey {
            case source, line, kind
            case byteOffset = "byte_offset"
        }
    }

    /// How many lines.
    package var count: Int
    /// How many of each kind.
    package var byKind: [String: Int]
    /// Where the first ones are.
    package var first: [Example]

    enum CodingKeys: String, CodingKey {
        case count, first
        case byKind = "by_kind"
    }

    init(_ lines: UnusableLines) {
        count = lines.count
        byKind = Dictionary(
            uniqueKeysWithValues: lines.counts.map { ($0.key.rawValue, $0.value) })
        first = lines.examples.map {
            Example(
                source: $0.source, line: $0.position.line, byteOffset: $0.position.byteOffset,
                kind: $0.kind.rawValue)
        }
    }
}

// MARK: - File format

extension Summary: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case schemaVersion = "schema_version"
        case percentileMethod = "percentile_method"
        case windowSamples = "window_samples"
        case total, labels, failures, verdict, trimmed, comparison
        case unusableLines = "unusable_lines"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let version = try fields.decode(String.self, forKey: .schemaVersion)
        guard version.hasPrefix("1.") else {
            throw DecodingError.dataCorruptedError(
                forKey: .schemaVersion, in: fields,
                debugDescription: "summary version \(version) is not 1.x")
        }
        percentileMethod = try fields.decode(PercentileMethod.self, forKey: .percentileMethod)
        windowSamples = try fields.decode(Int?.self, forKey: .windowSamples)
        total = try fields.decode(SummaryRow.self, forKey: .total)
        labels = try fields.decode([SummaryRow].self, forKey: .labels)
        failures = try fields.decode([FailureCount].self, forKey: .failures)
        unusableLines = try fields.decode(UnusableSummary.self, forKey: .unusableLines)
        verdict = try fields.decode(Verdict?.self, forKey: .verdict)
        trimmed = try fields.decodeIfPresent(TrimmedRun.self, forKey: .trimmed)
        comparison = try fields.decodeIfPresent(Comparison.self, forKey: .comparison)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(Self.schemaVersion, forKey: .schemaVersion)
        try fields.encode(percentileMethod, forKey: .percentileMethod)
        // `encode` writes null for nil; what the compiler makes would leave the field out.
        try fields.encode(windowSamples, forKey: .windowSamples)
        try fields.encode(total, forKey: .total)
        try fields.encode(labels, forKey: .labels)
        try fields.encode(failures, forKey: .failures)
        try fields.encode(unusableLines, forKey: .unusableLines)
        try fields.encode(verdict, forKey: .verdict)
        try fields.encodeIfPresent(trimmed, forKey: .trimmed)
        try fields.encodeIfPresent(comparison, forKey: .comparison)
    }
}
