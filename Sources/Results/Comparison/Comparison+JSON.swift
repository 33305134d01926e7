// A comparison as JSON, alone and within `summary.json`; `docs/schemas/comparison-1.0.json` describes
// it. Beside the two figures it holds their difference, so that programs need not make it.

internal import FoundationEssentials

extension Comparison {
    /// The rows on one line.
    ///
    /// - Throws: `EncodingError`, which no comparison of this room brings about.
    package func rowsJSON() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(rows), as: UTF8.self)
    }
}

extension Comparison: Codable {
    enum CodingKeys: String, CodingKey {
        case baseline, run, rows
        case earlierRuns = "earlier_runs"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            baseline: try fields.decode(String.self, forKey: .baseline),
            run: try fields.decode(String.self, forKey: .run),
            earlierRuns: try fields.decode(Int.self, forKey: .earlierRuns),
            rows: try fields.decode([Row].self, forKey: .rows))
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(baseline, forKey: .baseline)
        try fields.encode(run, forKey: .run)
        try fields.encode(earlierRuns, forKey: .earlierRuns)
        try fields.encode(rows, forKey: .rows)
    }
}

extension Comparison.Row: Codable {
    enum CodingKeys: String, CodingKey {
        case label, kind, samples
        case baselineSamples = "baseline_samples"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        label = try fields.decode(String.self, forKey: .label)
        kind = try fields.decode(SummaryRow.Kind.self, forKey: .kind)
        baselineSamples = try fields.decode(Int?.self, forKey: .baselineSamples)
        currentSamples = try fields.decode(Int?.self, forKey: .samples)
        let figures = try decoder.container(keyedBy: FigureKey.self)
        changes = try ComparedFigure.allCases.map { figure in
            try Comparison.Change(
                figure, from: figures.superDecoder(forKey: FigureKey(figure)))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(label, forKey: .label)
        try fields.encode(kind, forKey: .kind)
        // `encode` writes null for nil; what the compiler makes would leave the field out.
        try fields.encode(baselineSamples, forKey: .baselineSamples)
        try fields.encode(currentSamples, forKey: .samples)
        var figures = encoder.container(keyedBy: FigureKey.self)
        for change in changes { try figures.encode(change, forKey: FigureKey(change.figure)) }
    }
}

/// A figure as the name of a member.
///
/// As a key itself it would be described as one, wherever figures are named to people.
private struct FigureKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ figure: ComparedFigure) { stringValue = figure.rawValue }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
}

extension Comparison.Change: Encodable {
    enum CodingKeys: String, CodingKey {
        case baseline, value, difference, judgment
        case differencePct = "difference_pct"
        case noisePct = "noise_pct"
    }

    fileprivate init(_ figure: ComparedFigure, from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.figure = figure
        baseline = try fields.decode(Double?.self, forKey: .baseline)
        current = try fields.decode(Double?.self, forKey: .value)
        noisePct = try fields.decode(Double?.self, forKey: .noisePct)
        judgment = try fields.decode(Comparison.Judgment.self, forKey: .judgment)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(baseline, forKey: .baseline)
        try fields.encode(current, forKey: .value)
        try fields.encode(difference, forKey: .difference)
        try fields.encode(differencePct, forKey: .differencePct)
        try fields.encode(noisePct, forKey: .noisePct)
        try fields.encode(judgment, forKey: .judgment)
    }
}
