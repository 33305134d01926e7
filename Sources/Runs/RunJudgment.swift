// What speaks against believing a run. A gate can fail a run; only the reasons here make it
// invalid: then the figures are those of another load than the plan states.

internal import FoundationEssentials
internal import Store

extension FetchedRun {
    /// Why the run cannot be believed, most telling first; empty if it can.
    ///
    /// `arrived` is what there is of each node; `maxLoss` is the share of the load, in percent,
    /// that lost workers may cost.
    package func invalidReasons(arrived: [String: Arrival], maxLoss: Double) -> [String] {
        if let aborted = outcome.aborted { return ["the load never began: \(aborted)"] }
        var reasons = lossIsTolerable(maxLoss) ? [] : losses(arrived: arrived).map(\.text)
        for result in nodes {
            let isGone = gone.contains { $0.node == result.node }
            // A controller only conducts in standalone mode: nothing depends on its end.
            if isGone || (result.node == request.controller && !needsController) { continue }
            // A gate that ends a run fails it: what there is of it can be believed.
            if isEndedByGate(result.outcome) { continue }
            // The controller repeats what made it stop: a worker's reason is said already.
            if let reason = endReason(result), !reasons.contains(reason) {
                reasons.append("\(result.node): \(reason)")
            }
        }
        reasons += saturations.map { "\($0.node): \($0.text)" }
        reasons += wrongClocks.filter { !$0.corrected }.map(\.text)
        // What one that was given up promised later is in its loss.
        let silent = gone.filter { $0.kind == .lost }.map(\.node)
        for result in sampleNodes where !silent.contains(result.node) {
            guard let promised = result.outcome?.samples else { continue }
            let own = arrived[result.node] ?? Arrival(samples: 0)
            if own.samples != promised || result.missingParts > 0 {
                reasons.append(
                    "\(result.node): \(own.samples) of its \(promised) samples arrived")
            }
            if own.unusable > 0, result.outcome?.ending == .completed {
                reasons.append(
                    "\(result.node): \(own.unusable) lines of its samples cannot be used")
            }
        }
        return reasons
    }

    /// Whether only workers were lost, and with them no more of the load than was allowed.
    ///
    /// A remote run ends for all with the loss of one, so it has no tolerable loss.
    private func lossIsTolerable(_ maxLoss: Double) -> Bool {
        guard request.mode == .standalone else { return gone.isEmpty }
        let workers = gone.compactMap { request.workers.firstIndex(of: $0.node) }
        let threads = request.threads.reduce(0, +)
        guard threads > 0 else { return workers.isEmpty }
        let share = Double(workers.reduce(0) { $0 + request.threads[$1] }) / Double(threads)
        return share * 100 <= maxLoss
    }

    /// In remote mode the controller's client makes the samples.
    private var needsController: Bool { request.mode == .remote }

    private func endReason(_ result: NodeResult) -> String? {
        guard let outcome = result.outcome else { return "it never said how it ended" }
        guard outcome.ending != .completed else { return nil }
        // What is left of the run is whole, up to the loss for which it was stopped.
        if request.onWorkerLoss == .stop, !gone.isEmpty, outcome.ending == .stopped,
            outcome.stoppedBy == request.controller
        {
            return nil
        }
        return outcome.message ?? "it ended as \(outcome.ending.rawValue)"
    }

    /// Nodes that were the bottleneck of their own load: what they measured is themselves.
    var saturations: [Saturation] { nodes.flatMap { $0.outcome?.saturations ?? [] } }

    /// The workers without which the run began, as a sentence; nil if all took part.
    package var absence: String? {
        guard let absent = outcome.absent, !absent.isEmpty else { return nil }
        let others = request.workers.count
        return "the run began without \(absent.joined(separator: ", ")): not ready in time; "
            + "\(others) \(others == 1 ? "worker" : "workers") shared the load"
    }

    /// The difference between the first samples of the first and the last worker to begin; nil
    /// where fewer than two made samples of their own.
    package var startSkewMs: Int64? {
        let starts = sampleNodes.compactMap { node in
            // By the controller's clock, as far as it is known.
            node.outcome?.firstSampleMs.map {
                $0 - Int64((node.outcome?.clockOffsetMs ?? 0).rounded())
            }
        }
        guard starts.count > 1, let first = starts.min(), let last = starts.max() else {
            return nil
        }
        return last - first
    }

    /// Whether the run's deadline or the fleet's lease ended a node's part.
    package var ranOutOfTime: Bool {
        nodes.contains { $0.outcome?.ending == .deadline || $0.outcome?.ending == .lease }
    }

    /// Notes of the nodes that a person should see, without repetition.
    package var notes: [String] {
        var seen: Set<String> = []
        return nodes.flatMap { $0.outcome?.notes ?? [] }.filter { seen.insert($0).inserted }
    }
}
