// Reads the text of a gate from left to right; grammar in `Gate.swift`. Each refusal says at which
// character it gave up, counted from 1, and what may have been meant.

import Units

/// A reader of one gate's text.
struct GateParser {
    typealias Parts = (
        metric: Gate.Metric, subject: Gate.Subject, comparison: Gate.Comparison, threshold: Double,
        baselineFactor: Double?, timing: Gate.Timing, aborts: Bool
    )

    private let expression: String
    let characters: [Character]
    var position = 0

    init(_ expression: String) {
        self.expression = expression
        characters = Array(expression)
    }

    mutating func parse() throws(ResultsError) -> Parts {
        let (word, start) = readWord()
        var metric = try metric(word, at: start)
        let subject = try readSubject()
        let comparison = try readComparison()
        let (threshold, baselineFactor) = try readThreshold(for: &metric)
        let end = position
        let (timing, aborts) = try readTiming()
        if baselineFactor != nil, timing != .wholeRun || aborts {
            throw failure(
                "a gate on the baseline is about the whole run, and judged at its end", at: end,
                suggestion: "'\(trimmed(0..<end))'")
        }
        return (metric, subject, comparison, threshold, baselineFactor, timing, aborts)
    }

    func failure(
        _ problem: String, at place: Int? = nil, suggestion: String? = nil
    ) -> ResultsError {
        .gate(
            expression, column: (place ?? position) + 1, problem: problem, suggestion: suggestion)
    }

    mutating func skipBlanks() {
        while position < characters.count, characters[position].isWhitespace { position += 1 }
    }

    var next: Character? {
        position < characters.count ? characters[position] : nil
    }
}

// MARK: - Metric

extension GateParser {
    private static let metrics: [(name: String, metric: Gate.Metric)] = [
        ("mean", .mean), ("avg", .mean), ("average", .mean), ("median", .percentile(50)),
        ("min", .min), ("max", .max), ("errors", .errorCount), ("success", .successPercent),
        ("samples", .samples), ("rps", .rate), ("kbps", .throughput),
    ]

    private mutating func readWord() -> (word: String, start: Int) {
        skipBlanks()
        let start = position
        while let character = next, character.isLetter || character.isNumber || character == "." {
            position += 1
        }
        return (String(characters[start..<position]), start)
    }

    private func metric(_ word: String, at start: Int) throws(ResultsError) -> Gate.Metric {
        if let known = Self.metrics.first(where: { $0.name == word.lowercased() }) {
            return known.metric
        }
        if word.isEmpty { throw failure("a metric is missing", at: start) }
        if word.lowercased().hasPrefix("p"), let p = Double(word.dropFirst()) {
            guard (0...100).contains(p) else {
                throw failure("a percentile lies between 0 and 100", at: start)
            }
            return .percentile(p)
        }
        let names = Self.metrics.map(\.name) + ["p50", "p90", "p95", "p99"]
        throw failure(
            "unknown metric '\(word)'", at: start,
            suggestion: Suggestion.nearest(to: word, in: names))
    }
}

// MARK: - Subject

extension GateParser {
    private mutating func readSubject() throws(ResultsError) -> Gate.Subject {
        skipBlanks()
        guard next == "(" else { return .total }
        position += 1
        skipBlanks()
        let start = position
        let label: String
        if let mark = next, mark == "\"" || mark == "'" {
            label = try readQuoted(mark)
            guard next == ")" else { throw failure("expected ')' behind the label") }
            position += 1
            return .label(label)
        }
        label = try readPlainLabel()
        if label.isEmpty {
            throw failure("the label is empty", at: start, suggestion: "'*' for every label")
        }
        return label == "*" ? .everyLabel : .label(label)
    }

    private mutating func readQuoted(_ mark: Character) throws(ResultsError) -> String {
        let start = position
        var label = ""
        position += 1
        while let character = next {
            position += 1
            if character == mark {
                skipBlanks()
                return label
            }
            if character == "\\", let escaped = next {
                position += 1
                label.append(escaped)
            } else {
                label.append(character)
            }
        }
        throw failure("the label's quote is not closed", at: start)
    }

    /// Text up to the parenthesis that closes the label; labels may hold pairs of their own.
    private mutating func readPlainLabel() throws(ResultsError) -> String {
        let start = position
        var depth = 1
        while let character = next {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            position += 1
            if depth == 0 {
                let text = characters[start..<position - 1].reversed().drop { $0.isWhitespace }
                return String(text.reversed())
            }
        }
        throw failure("expected ')' behind the label")
    }
}

// MARK: - Comparison and threshold

extension GateParser {
    private mutating func readComparison() throws(ResultsError) -> Gate.Comparison {
        skipBlanks()
        let start = position
        while let character = next, "<>=!≤≥".contains(character) { position += 1 }
        let text = String(characters[start..<position])
        if let comparison = Gate.Comparison(rawValue: text) { return comparison }
        if text.isEmpty { throw failure("expected <, <=, >, >= or ==", at: start) }
        let meant = ["=": "==", "=<": "<=", "=>": ">=", "≤": "<=", "≥": ">="][text]
        throw failure("unknown operator '\(text)'", at: start, suggestion: meant)
    }

    private mutating func readThreshold(for metric: inout Gate.Metric) throws(ResultsError)
        -> (threshold: Double, baselineFactor: Double?)
    {
        skipBlanks()
        let start = position
        let end = endOfValue
        if letters(at: start).lowercased() == "baseline" {
            position += "baseline".count
            return try readBaseline(upTo: end, for: &metric)
        }
        position = end
        let text = trimmed(start..<end)
        guard let value = GateValue(text) else {
            try refuseWord(behindValueFrom: start, to: end)
            let word = text.filter { $0.isLetter }
            let isBaseline =
                text.contains("baseline") || Suggestion.nearest(to: word, in: ["baseline"]) != nil
            throw failure(
                text.isEmpty ? "a value is missing" : "cannot read the value '\(text)'", at: start,
                suggestion: isBaseline ? "'baseline * 1.10'" : nil)
        }
        try require(value, text, for: &metric, at: start)
        return (value.number, nil)
    }

    /// Refuses a value that the metric can't have; a share of errors makes a share of the metric.
    private func require(
        _ value: GateValue, _ text: String, for metric: inout Gate.Metric, at start: Int
    ) throws(ResultsError) {
        switch (metric, value.unit) {
        case (.errorCount, .percent): metric = .errorPercent
        case (.percentile, .milliseconds), (.mean, .milliseconds), (.min, .milliseconds),
            (.max, .milliseconds), (.successPercent, .percent), (.rate, .perSecond), (_, .none):
            break
        default:
            throw failure("this metric has no values like '\(text)'", at: start)
        }
    }
}

// MARK: - Baseline

extension GateParser {
    /// Reads what stands behind `baseline`: by what it is multiplied, or what is added to it.
    private mutating func readBaseline(
        upTo end: Int, for metric: inout Gate.Metric
    ) throws(ResultsError) -> (threshold: Double, baselineFactor: Double?) {
        skipBlanks()
        let start = position
        defer { position = end }
        guard position < end else {
            asShare(&metric)
            return (0, 1)
        }
        let sign = characters[position]
        position += 1
        skipBlanks()
        let text = trimmed(min(position, end)..<end)
        guard "*+-".contains(sign), let value = GateValue(text), value.number >= 0 else {
            throw failure(
                "cannot read '\(trimmed(start..<end))' behind 'baseline'", at: start,
                suggestion: "'baseline * 1.10'")
        }
        if sign == "*" {
            guard value.unit == .none else {
                throw failure(
                    "the baseline is multiplied by a plain number, not by '\(text)'",
                    at: position, suggestion: "'baseline * 1.10'")
            }
            asShare(&metric)
            return (0, value.number)
        }
        let number = sign == "-" ? -value.number : value.number
        // Of a share, 1% more is a point; of all else it is a hundredth.
        if value.unit == .percent, metric != .errorCount, metric != .successPercent {
            return (0, 1 + number / 100)
        }
        try require(value, text, for: &metric, at: position)
        return (number, 1)
    }

    /// Runs that are alike have alike shares of errors; their numbers grow with the samples.
    private func asShare(_ metric: inout Gate.Metric) {
        if metric == .errorCount { metric = .errorPercent }
    }
}
