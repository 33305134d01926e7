// One gate while a run goes on: the sums of its window, and what became of it so far.

import JTL

/// A figure that a gate was held against.
struct WindowFigure: Sendable {
    let actual: Double
    let samples: Int
    /// `in total`, or the label it is of.
    let subject: String
}

/// A gate, and the window it looks at.
struct GateWatch: Sendable {
    let gate: Gate
    /// Written in its bad state: it breaks where its comparison holds.
    let isAutoStop: Bool
    private let method: PercentileMethod
    private var sums: [SumPlace: WindowSums] = [:]
    /// Whether its label was ever seen: of one that never was, not even "nothing" is known.
    private var isSeen: Bool
    private var badInRow = 0
    /// How many figures were judged, and the worst of them.
    private(set) var judged = 0
    private(set) var worst: WindowFigure?
    /// The last one; nil where nothing was known.
    private(set) var last: (figure: WindowFigure, isBad: Bool)?
    private(set) var broken: WindowGates.Break?

    init(_ gate: Gate, isAutoStop: Bool, _ method: PercentileMethod) {
        self.gate = gate
        self.isAutoStop = isAutoStop
        self.method = method
        if case .label = gate.subject { isSeen = false } else { isSeen = true }
    }

    /// Whether the samples of a place are of use to it.
    func wants(_ place: SumPlace) -> Bool {
        switch (gate.subject, place) {
        case (.total, .total), (.everyLabel, .label): true
        case (.label(let label), .label(let seen)): seen.bytes.elementsEqual(label.utf8)
        // Without such a label, that is the total; as in a summary.
        case (.label(let label), .total): label == "Total"
        default: false
        }
    }

    /// Whether it needs to know how often each elapsed time occurs.
    var wantsTimes: Bool {
        switch gate.metric {
        case .percentile, .min, .max: true
        default: false
        }
    }

    /// Takes note of its label.
    mutating func see(_ second: [SumPlace: SecondSums]) {
        guard !isSeen, case .label(let label) = gate.subject else { return }
        isSeen = second.keys.contains(.label(ExactLabel(label)))
    }

    mutating func add(_ second: [SumPlace: SecondSums]) {
        see(second)
        for (place, more) in second where wants(place) {
            sums[place, default: WindowSums()].add(more)
        }
    }

    mutating func subtract(_ second: [SumPlace: SecondSums]) {
        for (place, less) in second where wants(place) {
            sums[place, default: WindowSums()].subtract(less)
            if case .label = place, sums[place]?.samples == 0 { sums[place] = nil }
        }
    }

    /// Judges the window that ends with a second; what it says is new only when the gate breaks.
    mutating func judge(_ second: Int64) -> WindowGates.Break? {
        guard broken == nil else { return nil }
        guard let figure = worstFigure() else {
            // Nothing is known of this window: neither good nor bad, it adds nothing to a row and
            // does not end one.
            last = nil
            return nil
        }
        judged += 1
        if worst.map({ isWorse(figure, than: $0) }) ?? true { worst = figure }
        let isBad = isBad(figure)
        last = (figure, isBad)
        badInRow = isBad ? badInRow + 1 : 0
        guard isBad, badInRow >= gate.timing.row, gate.isOnWindow || gate.aborts else { return nil }
        broken = WindowGates.Break(
            gate: gate, isAutoStop: isAutoStop, second: second, actual: figure.actual,
            samples: figure.samples, reason: reason(figure, second))
        return broken
    }
}

// MARK: - Figures

extension GateWatch {
    /// The figure of its subject; for every label, that of the worst one.
    private func worstFigure() -> WindowFigure? {
        switch gate.subject {
        case .total: return figure(of: .total, "in total")
        case .label(let label):
            guard isSeen else {
                return label == "Total" ? figure(of: .total, "in total") : nil
            }
            return figure(of: .label(ExactLabel(label)), "for \"\(label)\"")
        case .everyLabel:
            let labels = sums.keys.compactMap { place in
                if case .label(let label) = place { label } else { nil }
            }
            // In an order of their own: of two that are as bad, it is always the same one.
            return labels.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
                .compactMap { figure(of: .label($0), "for \"\($0.text)\"") }
                .reduce(nil) { worst, next in
                    guard let worst else { return next }
                    return isWorse(next, than: worst) ? next : worst
                }
        }
    }

    private func figure(of place: SumPlace, _ subject: String) -> WindowFigure? {
        let own = sums[place] ?? WindowSums()
        // A target that is not asked is not dead.
        if isAutoStop, own.samples == 0 { return nil }
        return own.figure(gate.metric, seconds: gate.timing.span, method)
            .map { WindowFigure(actual: $0, samples: own.samples, subject: subject) }
    }

    private func isBad(_ figure: WindowFigure) -> Bool {
        gate.comparison.holds(figure.actual, gate.threshold) == isAutoStop
    }

    private func isWorse(_ figure: WindowFigure, than other: WindowFigure) -> Bool {
        let (bad, otherBad) = (isBad(figure), isBad(other))
        guard bad == otherBad else { return bad }
        let isUpperBound = gate.comparison == .less || gate.comparison == .lessOrEqual
        return isUpperBound != isAutoStop
            ? figure.actual > other.actual : figure.actual < other.actual
    }
}

// MARK: - Words

extension GateWatch {
    /// How a figure stands to the gate's time.
    private func reason(_ figure: WindowFigure, _ second: Int64) -> String {
        let text = gate.text(of: figure.actual) + " " + figure.subject
        let end = ClockText.utc(second + 1)
        return switch gate.timing {
        case .wholeRun: "\(text) up to \(end)"
        case .over(let seconds): "\(text) in the \(seconds) s until \(end)"
        case .held(let seconds): "\(text), bad for \(seconds) s in a row until \(end)"
        }
    }

    /// How the gate stands now.
    var standing: WindowGates.Standing {
        if let broken {
            return .init(
                expression: gate.expression, state: .broken, actual: broken.actual,
                reason: broken.reason)
        }
        guard let (figure, isBad) = last else {
            return .init(
                expression: gate.expression, state: .open, actual: nil,
                reason: judged == 0 ? "not judged yet" : "no samples")
        }
        var reason = gate.text(of: figure.actual) + " " + figure.subject
        switch gate.timing {
        case .wholeRun: reason += " so far"
        case .over(let seconds): reason += " in the last \(seconds) s"
        case .held(let seconds): reason += isBad ? ", bad for \(badInRow) of \(seconds) s" : ""
        }
        return .init(
            expression: gate.expression, state: isBad ? .turning : .met, actual: figure.actual,
            reason: reason)
    }

    /// What became of a gate on a window, when all of the run has been judged.
    var result: GateResult {
        if let broken { return GateResult(broken) }
        guard let worst else {
            return GateResult(
                expression: gate.expression, passed: false, actual: nil, unit: gate.metric.unit,
                samples: 0, reason: unjudged)
        }
        let figure = gate.text(of: worst.actual) + " " + worst.subject
        let windows = judged == 1 ? "the only" : "the worst of \(judged)"
        let reason =
            switch gate.timing {
            case .held(let seconds):
                "not bad for \(seconds) s in a row; \(figure) in \(windows) seconds"
            default: "\(figure) in \(windows) windows"
            }
        return GateResult(
            expression: gate.expression, passed: true, actual: worst.actual,
            unit: gate.metric.unit, samples: worst.samples, reason: reason)
    }

    /// Why nothing is known of it.
    var unjudged: String {
        if case .label(let label) = gate.subject, !isSeen, label != "Total" {
            return "no samples for \"\(label)\" in any window"
        }
        let span = gate.timing.span ?? 1
        return "the run had no \(span) whole seconds behind its grace time with samples to judge"
    }
}
