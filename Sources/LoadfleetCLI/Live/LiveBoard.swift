// What is known of a run while it goes on: the sum of its live lines. A pure value; times are what
// the viewer's own clock says since it began to watch, because the clocks of nodes may be off.
import Fleet
import FoundationEssentials
import Store
import Units

/// The state behind the live view.
struct LiveBoard: Sendable {
    /// What is known of a run before it begins.
    struct Heading: Sendable, Equatable {
        var run: String
        var plan: String
        var fleet: String
        var mode: String
        var workers: Int
        /// How long the load may last.
        var deadline: Duration
    }

    /// A label's name is not enough: a transaction controller may have a sampler's.
    struct LabelKey: Hashable, Sendable {
        let label: String
        let isController: Bool

        init(_ label: LiveLabel) {
            self.label = label.label
            isController = label.isController
        }
    }

    struct Event: Sendable, Equatable {
        var at: Date
        var text: String
    }

    let heading: Heading
    private(set) var history = LiveHistory()
    /// The figures that were written last, whose totals are the newest.
    private(set) var latest: LiveFigures?
    private(set) var labels: LiveLabels?
    /// Samples a second of each label, between the last two lines that tell of it.
    private(set) var rates: [LabelKey: Double] = [:]
    private(set) var nodes: LiveNodes?
    private(set) var gates: LiveGates?
    private(set) var events: [Event] = []
    /// How the run's clock goes with the viewer's.
    private var runAhead: Duration?
    private var cost: (cost: FleetCost, at: Duration)?
    /// What can be done with keys.
    var hint = "Ctrl-C stops the run"

    init(_ heading: Heading) { self.heading = heading }

    /// Takes in a line that was read at a moment of the viewer's clock.
    mutating func take(_ line: LiveLine, at moment: Duration) {
        switch line {
        case .figures(let figures): take(figures, at: moment)
        case .labels(let labels): take(labels)
        case .nodes(let nodes): self.nodes = nodes
        case .gates(let gates): self.gates = gates
        case .event(let time, let text): events.append(Event(at: time, text: text))
        }
    }

    mutating func take(_ cost: FleetCost, at moment: Duration) { self.cost = (cost, moment) }

    private mutating func take(_ figures: LiveFigures, at moment: Duration) {
        history.take(figures)
        latest = figures
        guard let last = history.last else { return }
        let ahead = Duration.seconds(last.second + 1) - moment
        runAhead = max(runAhead ?? ahead, ahead)
    }

    private mutating func take(_ labels: LiveLabels) {
        if let before = self.labels, labels.second > before.second {
            let passed = Double(labels.second) - Double(before.second)
            let known = Dictionary(
                before.labels.map { (LabelKey($0), $0.samples) }, uniquingKeysWith: { $1 })
            rates = Dictionary(
                labels.labels.map { label in
                    let earlier = known[LabelKey(label)] ?? 0
                    return (
                        LabelKey(label), max(0, Double(label.samples) - Double(earlier)) / passed
                    )
                }, uniquingKeysWith: { $1 })
        }
        self.labels = labels
    }

    /// How long the load has lasted; nil before the first sample.
    ///
    /// It goes by the run's own seconds, and between them by the viewer's clock.
    func elapsed(at moment: Duration) -> Duration? {
        guard let first = history.first, let runAhead else { return nil }
        return max(.zero, runAhead + moment - .seconds(first))
    }

    /// What the fleet has cost; nil where nothing is paid for, or nobody knows.
    func cost(at moment: Duration) -> Money? {
        cost.map { $0.cost.total + $0.cost.hourly.anHour(for: moment - $0.at) }
    }
}
