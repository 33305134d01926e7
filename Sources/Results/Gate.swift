// A gate: a condition on a summary, written as the good state it demands.
//
//     gate       = metric [ "(" label ")" ] operator value
//     metric     = "p" number | "mean" | "median" | "min" | "max"        times
//                | "errors" | "success"                                  a percent, or a count
//                | "samples" | "rps" | "kbps"                            plain numbers
//     label      = "*" (every label) | text | quoted text                without it: the total
//     operator   = "<" | "<=" | ">" | ">=" | "=="
//
// `GateParser` reads it, `Gate+Judging` holds it against a summary.

/// A condition on a summary in its good state, such as `p95(Checkout) < 500ms`.
package struct Gate: Equatable, Sendable {
    /// The figure a gate looks at.
    package enum Metric: Equatable, Sendable {
        case percentile(Double)
        case mean, min, max
        /// How many samples failed.
        case errorCount
        /// Failed or successful samples, in percent of all.
        case errorPercent, successPercent
        case samples
        /// Samples a second.
        case rate
        /// Received KB (1,024 bytes) a second.
        case throughput
    }

    /// Whose figure it is.
    package enum Subject: Equatable, Sendable {
        case total
        case label(String)
        /// Every label that has samples.
        case everyLabel
    }

    /// How figure and threshold must compare.
    package enum Comparison: String, Sendable {
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case equal = "=="

        func holds(_ actual: Double, _ threshold: Double) -> Bool {
            switch self {
            case .less: actual < threshold
            case .lessOrEqual: actual <= threshold
            case .greater: actual > threshold
            case .greaterOrEqual: actual >= threshold
            case .equal: actual == threshold
            }
        }
    }

    /// The gate as it was written.
    package let expression: String
    package let metric: Metric
    package let subject: Subject
    package let comparison: Comparison
    /// Times in ms, shares in percent.
    package let threshold: Double

    /// Reads a gate.
    ///
    /// - Throws: ``ResultsError/gate(_:column:problem:suggestion:)``.
    package init(parsing expression: String) throws(ResultsError) {
        var parser = GateParser(expression)
        let parts = try parser.parse()
        self.expression = expression
        (metric, subject) = (parts.metric, parts.subject)
        (comparison, threshold) = (parts.comparison, parts.threshold)
    }
}

extension Gate.Metric {
    /// The unit of the figure, as shown behind it.
    package var unit: String {
        switch self {
        case .percentile, .mean, .min, .max: "ms"
        case .errorPercent, .successPercent: "%"
        case .errorCount, .samples: ""
        case .rate: "/s"
        case .throughput: "KB/s"
        }
    }
}
