// Holds a run's gates against its seconds while it goes on, says in the live log how they stand, and
// asks for an orderly stop at the moment at which one that aborts is broken.
//
// Only what is broken here or never could be judged goes into the outcome: the absence of a gate on
// windows from that list is the word that it held.

internal import FoundationEssentials
internal import JTL
internal import Results
internal import Store

/// A run's gates while it goes on.
struct GateWatcher: LiveWatcher {
    private var windows: WindowGates
    /// Gates whose text this agent can't read, with the reason.
    private let unread: [(expression: String, reason: String)]
    /// The last second that was seen.
    private var newest: Int64?
    private var broken: [BrokenGate] = []
    /// Whether a gate has ended the run.
    private var hasEnded = false
    private var told: [WindowGates.Standing] = []
    private var telling = Pace(every: .seconds(2))

    /// A watcher of what a request wants watched; nil where that is nothing.
    init?(_ watch: RunWatch?) {
        guard let watch, !watch.gates.isEmpty || watch.autoStop != nil else { return nil }
        var gates: [Gate] = []
        var unread: [(String, String)] = []
        for text in watch.gates {
            do throws(ResultsError) {
                gates.append(try Gate(parsing: text))
            } catch {
                unread.append((text, error.message))
            }
        }
        self.unread = unread
        windows = WindowGates(
            gates, graceSeconds: Int(watch.graceSeconds.rounded(.up)),
            autoStop: watch.autoStop.flatMap { try? Gate.autoStop(parsing: $0) },
            method: watch.percentile.flatMap { PercentileMethod(rawValue: $0) } ?? .jmeter)
    }

    mutating func see(_ second: MergedSecond) {
        windows.replace(second.second, with: second.statistics)
        newest = max(newest ?? second.second, second.second)
    }

    mutating func news() -> WatchNews {
        var news = WatchNews()
        guard let newest else { return news }
        for gate in windows.judge(upTo: newest) {
            let ends = gate.ends && !hasEnded
            let record = BrokenGate(gate, ended: ends)
            broken.append(record)
            news.lines.append(
                .event(
                    at: .now,
                    text: "\(gate.expression) is broken: \(gate.reason)"
                        + (ends ? "; the run is stopped" : "")))
            if ends {
                hasEnded = true
                news.stop = record.stopper
            }
        }
        if let line = standings(atOnce: !news.lines.isEmpty) { news.lines.append(line) }
        return news
    }

    /// How the gates stand, where that has changed; not more often than people read.
    private mutating func standings(atOnce: Bool) -> LiveLine? {
        guard let newest, telling.isDue || atOnce else { return nil }
        let standings = windows.standings
        guard standings != told, !standings.isEmpty else { return nil }
        told = standings
        return .gates(LiveGates(second: newest, gates: standings.map(LiveGate.init)))
    }

    mutating func conclude(_ outcome: inout RunOutcome) {
        // Of a run that is over, nothing is ended any more.
        broken += windows.finish().map { BrokenGate($0, ended: false) }
        let end = Date.now
        let known = Set(broken.map(\.expression))
        for result in windows.results where !result.passed && !known.contains(result.expression) {
            broken.append(
                BrokenGate(
                    expression: result.expression, at: end, actual: nil, reason: result.reason,
                    ended: false))
        }
        for (expression, reason) in unread {
            broken.append(
                BrokenGate(
                    expression: expression, at: end, actual: nil,
                    reason: "the controller can't read it: \(reason)", ended: false))
        }
        outcome.brokenGates = broken
        telling = Pace(every: .zero)
    }
}

extension BrokenGate {
    init(_ broken: WindowGates.Break, ended: Bool) {
        self.init(
            expression: broken.expression,
            at: Date(timeIntervalSince1970: Double(broken.second + 1)), actual: broken.actual,
            samples: broken.samples, reason: broken.reason, ended: ended)
    }
}

extension LiveGate {
    init(_ standing: WindowGates.Standing) {
        self.init(
            expression: standing.expression, state: State(standing.state),
            actual: standing.actual, reason: standing.reason)
    }
}

extension LiveGate.State {
    fileprivate init(_ state: WindowGates.Standing.State) {
        self =
            switch state {
            case .open: .open
            case .met: .met
            case .turning: .turning
            case .broken: .broken
            }
    }
}
