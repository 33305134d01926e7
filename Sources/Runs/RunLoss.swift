// What a run lost with a node that did not stay to its end: which of its samples did not arrive, and
// for how long its share of the load was missing.

package import FoundationEssentials
internal import Store

/// What a run lost with one of its nodes.
package struct RunLoss: Codable, Sendable, Equatable {
    /// How the node went.
    package enum Kind: String, Codable, Sendable {
        /// Its machine was taken away after a notice: it stopped, and delivered what it had.
        case interrupted
        /// It fell silent.
        case lost
    }

    package var node: String
    package var kind: Kind
    /// When its part ended, or when its silence was noticed.
    package var at: Date
    /// Samples of it that arrived; nil where it makes none of its own.
    package var samplesArrived: Int?
    /// Samples that it is known to have made and that did not arrive; of a lost node there may be
    /// some more, made after it last told of itself.
    package var samplesMissing: Int?
    /// For how long the run went on without it, by the times of the samples; nil where they don't
    /// tell.
    package var secondsMissing: Double?

    /// The loss as a sentence.
    package var text: String {
        let time = at.formatted(RecordCoding.milliseconds).dropFirst(11).prefix(8)
        var words =
            switch kind {
            case .interrupted: "\(node) was taken away by its owner, its part ended at \(time) UTC"
            case .lost: "\(node) was lost, noticed at \(time) UTC"
            }
        guard let samplesArrived else { return words }
        words += "; \(samplesArrived) of its samples arrived"
        if let samplesMissing, samplesMissing > 0 {
            words += kind == .lost ? ", at least" : ","
            words += " \(samplesMissing) did not"
        }
        if let secondsMissing, secondsMissing > 0 {
            words +=
                ", and its load is missing in the run's last "
                + "\(Int(secondsMissing.rounded(.up))) s"
        }
        return words
    }
}

/// What arrived of a node's samples.
package struct Arrival: Sendable, Equatable {
    package var samples: Int
    /// The start of the earliest and the end of the latest, epoch milliseconds; nil without any.
    package var span: ClosedRange<Int64>?
    /// Lines that cannot be used.
    package var unusable: Int

    package init(samples: Int, span: ClosedRange<Int64>? = nil, unusable: Int = 0) {
        self.samples = samples
        self.span = span
        self.unusable = unusable
    }
}

extension FetchedRun {
    /// What was lost with the nodes that fell silent or were taken away; `arrived` is what there
    /// is of each node.
    package func losses(arrived: [String: Arrival]) -> [RunLoss] {
        // In standalone mode a controller only conducts.
        gone.filter { $0.node != request.controller || request.mode == .remote }
            .map { loss($0.node, $0.kind, $0.at, arrived) }
    }

    /// The nodes that fell silent, and those whose machines were taken away after a notice.
    var gone: [(node: String, kind: RunLoss.Kind, at: Date)] {
        let taken = nodes.compactMap(\.outcome).filter { $0.ending == .interrupted }
        // One that said so after all, when it was given up already, is told once.
        let lost = outcome.lost.filter { lost in !taken.contains { $0.node == lost.node } }
        return lost.map { ($0.node, .lost, $0.at) }
            + taken.map { ($0.node, .interrupted, $0.endedAt) }
    }

    private func loss(
        _ node: String, _ kind: RunLoss.Kind, _ at: Date, _ arrived: [String: Arrival]
    ) -> RunLoss {
        var loss = RunLoss(node: node, kind: kind, at: at)
        guard sampleNodes.contains(where: { $0.node == node }) else { return loss }
        let result = nodes.first { $0.node == node }
        let own = arrived[node]
        loss.samplesArrived = own?.samples ?? 0
        let known = outcome.lost.first { $0.node == node }?.samples
        loss.samplesMissing = (result?.outcome?.samples ?? known).map {
            max(0, $0 - (own?.samples ?? 0))
        }
        let spans = arrived.values.compactMap(\.span)
        if let end = spans.map(\.upperBound).max(), let start = spans.map(\.lowerBound).min() {
            loss.secondsMissing = Double(end - (own?.span?.upperBound ?? start)) / 1000
        }
        return loss
    }
}
