// The condition that ends a run on a dead target. It is a gate written in its bad state: the words
// say what must be seen for the run to end, `errors > 90% over 60s`.

extension Gate {
    /// Reads the condition; `off` means that there is none.
    ///
    /// - Throws: ``ResultsError/gate(_:column:problem:suggestion:)``, also for a good state: it
    ///   would end each run that goes well.
    package static func autoStop(parsing text: String) throws(ResultsError) -> Gate? {
        if text == "off" { return nil }
        let gate = try Gate(parsing: text)
        func refusal(_ problem: String, _ suggestion: String) -> ResultsError {
            .gate(text, column: 1, problem: problem, suggestion: suggestion)
        }
        if gate.aborts {
            throw refusal("an auto-stop ends the run without 'abort'", "it without that word")
        }
        if let bad = gate.metric.badDirection, !bad.contains(gate.comparison) {
            throw refusal("an auto-stop names the bad state", "'\(bad[0].rawValue)'")
        }
        if gate.needsBaseline {
            throw refusal(
                "an auto-stop can't be held against a baseline", "'errors > 90% over 60s'")
        }
        guard gate.isOnWindow else {
            throw refusal("an auto-stop needs a time", "'\(text) over 60s'")
        }
        return gate
    }
}

extension Gate.Metric {
    /// The operators of a bad state; nil where too much can be as bad as too little.
    fileprivate var badDirection: [Gate.Comparison]? {
        switch self {
        case .percentile, .mean, .min, .max, .errorCount, .errorPercent:
            [.greater, .greaterOrEqual]
        case .successPercent: [.less, .lessOrEqual]
        case .samples, .rate, .throughput: nil
        }
    }
}
