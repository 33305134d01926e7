// The one word that a run comes down to, with its reasons. `invalid` is said before `failed`: gates
// held against figures that cannot be believed say nothing.

/// Whether a run passed.
package struct Verdict: Codable, Equatable, Sendable {
    /// The word.
    package enum Status: String, Codable, Sendable {
        /// All gates are met.
        case passed
        /// A gate is not met.
        case failed
        /// The run cannot be believed.
        case invalid
    }

    package var status: Status
    /// Why it is not `passed`; empty if it is.
    package var reasons: [String]
    /// The workers and the load that the run went on without, whether or not that makes it invalid.
    package var losses: [String]
    /// All gates, in the order given.
    package var gates: [GateResult]

    /// Judges a summary by gates; a run without samples is invalid, and so is one for which the
    /// caller knows a reason.
    ///
    /// `watched` is what became of gates that took the seconds of the run to judge. What is in
    /// there and in no gate counts, too: it ended the run. A gate that can't be held against the
    /// baseline makes the run invalid, unless another one is not met.
    package static func judge(
        _ summary: Summary, gates: [Gate] = [], watched: [GateResult] = [],
        baseline: GateBaseline = .none, invalidReasons: [String] = [], losses: [String] = []
    ) -> Verdict {
        let results =
            gates.map { gate in
                let early = watched.first { $0.expression == gate.expression }
                // Broken once is broken, whatever the sum of the run has come to.
                if let early, gate.isOnWindow || !early.passed { return early }
                return gate.result(in: summary, against: baseline)
            }
            + watched.filter { early in
                !gates.contains { $0.expression == early.expression }
            }
        var reasons = invalidReasons
        if !summary.hasSamples { reasons.append("there are no samples") }
        if !reasons.isEmpty {
            return Verdict(
                status: .invalid, reasons: reasons, losses: losses, gates: results)
        }
        let unmet = results.filter { !$0.passed }
        let failed = unmet.map { "\($0.expression): \($0.reason)" }
        let status: Status =
            unmet.isEmpty ? .passed : unmet.allSatisfy(\.lacksBaseline) ? .invalid : .failed
        return Verdict(status: status, reasons: failed, losses: losses, gates: results)
    }

    /// The losses that the reasons do not tell of.
    package var otherLosses: [String] { losses.filter { !reasons.contains($0) } }
}

extension Summary {
    /// Whether any row was read; a plan of transaction controllers only has no total.
    package var hasSamples: Bool { total.samples > 0 || labels.contains { $0.samples > 0 } }
}
