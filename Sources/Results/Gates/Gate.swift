// A gate: a condition on a summary, written as the good state it demands.
//
//     gate       = metric [ "(" label ")" ] operator value [ "over" time | "for" time ] [ "abort" ]
//     metric     = "p" number | "mean" | "median" | "min" | "max"        times
//                | "errors" | "success"                                  a percent, or a count
//                | "samples" | "rps" | "kbps"                            plain numbers
//     label      = "*" (every label) | text | quoted text                without it: the total
//     value      = quantity | "baseline" [ "*" number | "+" quantity | "-" quantity ]
//     operator   = "<" | "<=" | ">" | ">=" | "=="
//     time       = whole seconds, from 1s to 10m
//
// Without a time the figure is that of the whole run. `over 30s` takes the figure of each 30
// seconds, one such window ending with every second; a single bad one breaks the gate. `for 10s`
// takes the figure of each second by itself; ten bad ones in a row break it. `abort` ends the run
// at the moment at which the gate is broken; on the whole run it judges the figure so far.
//
// `baseline` stands for the same figure of the same label in another run. Such a gate is about the
// whole run and judged at its end.
//
// `GateParser` reads it, `Gate+Judging` holds it against a summary, `WindowGates` against the
// seconds of a run.

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

    /// Which samples a figure is made from.
    package enum Timing: Equatable, Sendable {
        /// All of the run.
        case wholeRun
        /// Those of a window of so many seconds, one ending with every second.
        case over(Int)
        /// Those of a second, of which so many bad ones in a row break the gate.
        case held(Int)

        /// The seconds that one figure covers; nil for the whole run.
        var span: Int? {
            switch self {
            case .wholeRun: nil
            case .over(let seconds): seconds
            case .held: 1
            }
        }

        /// The figures in a row that must be bad.
        var row: Int { if case .held(let seconds) = self { seconds } else { 1 } }

        /// The longest window, in seconds: more need not be kept of a run.
        package static let longest = 600
    }

    /// The gate as it was written.
    package let expression: String
    package let metric: Metric
    package let subject: Subject
    package let comparison: Comparison
    /// Times in ms, shares in percent; of a gate on the baseline what is added to its share of it.
    package let threshold: Double
    /// By what the baseline's figure is multiplied; nil where the threshold stands by itself.
    package let baselineFactor: Double?
    package let timing: Timing
    /// Whether a run ends at the moment at which it breaks the gate.
    package let aborts: Bool

    /// Whether it takes the seconds of a run to judge it, not only their sum.
    package var isOnWindow: Bool { timing != .wholeRun }

    /// Whether it takes another run to judge it.
    package var needsBaseline: Bool { baselineFactor != nil }

    /// Reads a gate.
    ///
    /// - Throws: ``ResultsError/gate(_:column:problem:suggestion:)``.
    package init(parsing expression: String) throws(ResultsError) {
        var parser = GateParser(expression)
        let parts = try parser.parse()
        self.expression = expression
        (metric, subject) = (parts.metric, parts.subject)
        (comparison, threshold) = (parts.comparison, parts.threshold)
        (timing, aborts) = (parts.timing, parts.aborts)
        baselineFactor = parts.baselineFactor
        if aborts, timing == .wholeRun, !isDecidedEarly { throw parser.undecidedAbort() }
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

extension Gate {
    /// Whether a gate on the whole run can be said to be broken before the run is over.
    ///
    /// What only grows may still reach what it must, and what only falls may still fall to it.
    var isDecidedEarly: Bool {
        switch (metric, comparison) {
        case (.samples, .equal), (.errorCount, .equal), (.max, .equal): threshold == 0
        case (.samples, _), (.errorCount, _), (.max, _):
            comparison == .less || comparison == .lessOrEqual
        case (.min, _): comparison == .greater || comparison == .greaterOrEqual
        default: true
        }
    }
}
