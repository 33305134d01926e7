// A run that another one is held against: by `results compare`, by `--baseline`, and by gates that
// name it. Runs that are not alike say nothing about each other, so that is found out first.

package import FoundationEssentials
internal import JTL
package import Results

/// A run that others are held against.
package struct Baseline: Sendable {
    /// What becomes of a run that is not like the baseline.
    package enum Unlike: Sendable {
        /// It is an error.
        case refused
        /// It is not compared, and a gate on the baseline can't be judged.
        case leftOut
        /// It is compared all the same.
        case compared
    }

    /// What is to be held against a baseline.
    package struct Candidate: Sendable {
        package let run: MeasuredRun
        package let conditions: RunConditions
        /// When it was asked for; nil where nobody knows.
        package let requestedAt: Date?

        package init(_ run: MeasuredRun, _ conditions: RunConditions, requestedAt: Date?) {
            (self.run, self.conditions, self.requestedAt) = (run, conditions, requestedAt)
        }
    }

    /// What became of it.
    package struct Outcome: Sendable {
        /// Nil where the two are not compared.
        package let comparison: Comparison?
        package let gates: GateBaseline
        /// What speaks against the comparison.
        package let differences: [String]
    }

    package let run: MeasuredRun
    private let conditions: RunConditions
    private let unlike: Unlike
    /// Other runs on this machine, the latest first, for the noise between runs.
    private let others: [RunFolder]

    /// How many earlier runs of the same kind are asked for their noise.
    private static let earlierRuns = 10

    package init(
        _ run: MeasuredRun, _ folder: RunFolder, unlike: Unlike, others: [RunFolder] = []
    ) {
        self.run = run
        conditions = folder.conditions
        self.unlike = unlike
        self.others = others
    }

    /// Refuses a run of which it is known before it begins that it is not like the baseline.
    ///
    /// - Throws: ``RunError/notAlike(run:baseline:differences:)``.
    package func requireAlike(_ run: String, _ conditions: RunConditions) throws(RunError) {
        let differences = conditions.differences(from: self.conditions)
        guard unlike != .compared, !differences.isEmpty else { return }
        throw .notAlike(run: run, baseline: self.run.name, differences: differences)
    }

    /// Compares a run with the baseline.
    ///
    /// - Throws: ``RunError/notAlike(run:baseline:differences:)`` where unlike runs are refused.
    package func hold(_ candidate: Candidate) throws(RunError) -> Outcome {
        let differences = differences(to: candidate)
        if !differences.isEmpty, unlike != .compared {
            guard unlike == .leftOut else {
                throw .notAlike(
                    run: candidate.run.name, baseline: run.name, differences: differences)
            }
            let reason = "not alike the baseline: " + differences.joined(separator: "; ")
            return Outcome(comparison: nil, gates: .unusable(reason), differences: differences)
        }
        return Outcome(
            comparison: Comparison(
                of: candidate.run, with: run, earlier: earlier(than: candidate)),
            gates: .summary(run.summary), differences: differences)
    }

    private func differences(to candidate: Candidate) -> [String] {
        // Of files only the samples tell how long the run was.
        var (ours, theirs) = (candidate.conditions, conditions)
        let (now, before) = (candidate.run.summary, run.summary)
        ours.seconds = now.total.durationS ?? ours.seconds
        theirs.seconds = before.total.durationS ?? theirs.seconds
        var found = ours.differences(from: theirs)
        if now.percentileMethod != before.percentileMethod {
            found.append(
                "percentiles made as \(now.percentileMethod.rawValue) against "
                    + before.percentileMethod.rawValue)
        }
        return found
    }

    /// Summaries of the last runs of the same kind, the run itself apart.
    private func earlier(than candidate: Candidate) -> [Summary] {
        guard let time = candidate.requestedAt else { return [] }
        let alike = others.filter { other in
            other.name != candidate.run.name
                && candidate.conditions.differences(from: other.conditions).isEmpty
                && (other.requestedAt ?? .distantFuture) < time
        }
        return alike.prefix(Self.earlierRuns).compactMap(\.summary)
    }
}
