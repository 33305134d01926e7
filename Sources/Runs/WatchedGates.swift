// What became of gates while the run went on. Its controller judged those on windows from the
// seconds of all workers, and what it said holds. Gates that it was not asked about, or did not
// stay to judge, are judged from the samples.

package import Results
internal import Store

extension FetchedRun {
    /// Whether a gate, and not a person, stopped a node's part.
    func isEndedByGate(_ node: NodeOutcome?) -> Bool {
        guard let node, node.ending == .stopped else { return false }
        let broken = outcome.brokenGates ?? []
        return broken.contains { $0.ended && node.message == "stopped by \($0.stopper)" }
    }

    /// The gates on windows of which the controller says nothing.
    func unwatched(_ gates: [Gate]) -> [Gate] {
        gates.filter { $0.isOnWindow && !isWatched($0) }
    }

    private func isWatched(_ gate: Gate) -> Bool {
        outcome.brokenGates != nil && request.watch?.gates.contains(gate.expression) == true
    }

    /// What the controller says of gates, and of whatever else ended the run.
    package func watched(_ gates: [Gate]) -> [GateResult] {
        let broken = outcome.brokenGates ?? []
        let asked = Set(gates.map(\.expression))
        let held = gates.filter { gate in
            gate.isOnWindow && isWatched(gate)
                && !broken.contains { $0.expression == gate.expression }
        }
        return broken.filter { $0.ended || asked.contains($0.expression) }.map(GateResult.init)
            + held.map(GateResult.init(held:))
    }
}

extension GateResult {
    fileprivate init(_ broken: BrokenGate) {
        let unit = (try? Gate(parsing: broken.expression))?.metric.unit ?? ""
        self.init(
            expression: broken.expression, passed: false, actual: broken.actual, unit: unit,
            samples: broken.samples ?? 0,
            reason: broken.reason + (broken.ended ? "; it ended the run" : ""))
    }

    fileprivate init(held gate: Gate) {
        self.init(
            expression: gate.expression, passed: true, actual: nil, unit: gate.metric.unit,
            samples: 0, reason: "held while the run went on")
    }
}
