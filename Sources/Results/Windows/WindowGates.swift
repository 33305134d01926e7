// Holds gates against the seconds of a run, one after another, while it goes on or afterwards.
// Whoever knows the seconds adds them as they come, in any order, and says up to which one all is
// there; windows are then judged in order, each once.
//
// Which windows are judged:
// - One ends with each second. It counts when all of it lies behind the grace time and behind the
//   run's first second, which is only a part of one; so a window is never judged half full, and
//   never looks into the grace time.
// - The run's last second is a part of one, too. A second is therefore judged when a later one has
//   samples, or when there have been none for three seconds: then it is silence and no end.
// - What comes late is in every window judged from then on; those judged already stay as they were.
// - A window without samples says nothing about times and shares: it is neither good nor bad. For
//   rates and counts it is zero, because nothing happening is just what such a gate must see.

package import JTL

/// Gates on the seconds of a run.
package struct WindowGates: Sendable {
    /// That a gate was broken.
    package struct Break: Sendable, Equatable {
        package let gate: Gate
        /// Whether it is the condition that ends a run on a dead target.
        package let isAutoStop: Bool
        /// The last second of the window, since 1970.
        package let second: Int64
        package let actual: Double
        package let samples: Int
        package let reason: String

        /// Whether the run must end.
        package var ends: Bool { isAutoStop || gate.aborts }
        /// The gate as it was written, or what says that it is none.
        package var expression: String {
            isAutoStop ? "auto-stop: \(gate.expression)" : gate.expression
        }
    }

    /// How a gate stands while the run goes on.
    package struct Standing: Sendable, Equatable {
        package enum State: String, Sendable {
            /// Nothing is known yet, or there is nothing in the window.
            case open
            case met
            /// Not met now; for a gate with `for`, not for long enough yet.
            case turning
            case broken
        }

        package let expression: String
        package let state: State
        package let actual: Double?
        package let reason: String
    }

    private var watches: [GateWatch]
    private let grace: Int64
    private var seconds: [Int64: [SumPlace: SecondSums]] = [:]
    /// The run's first second, and the last one that had samples.
    private var first: Int64?
    private var newest = Int64.min
    /// Up to where all is judged, and the last second until there that had samples.
    private var judged = Int64.min
    private var filled = Int64.min
    /// For how long a second can still be of use, and for how long one changes anything.
    private let keeping: Int64
    private let settling: Int64

    /// So many seconds without samples are no end of the run.
    private static let silence: Int64 = 3

    /// Watches `gates`; windows that reach into the first `graceSeconds` are not judged.
    ///
    /// `autoStop` is a condition in its bad state.
    package init(
        _ gates: [Gate], graceSeconds: Int = 0, autoStop: Gate? = nil,
        method: PercentileMethod = .jmeter
    ) {
        watches =
            gates.map { GateWatch($0, isAutoStop: false, method) }
            + [autoStop].compactMap(\.self).map { GateWatch($0, isAutoStop: true, method) }
        grace = Int64(graceSeconds)
        let span = watches.compactMap(\.gate.timing.span).max() ?? 1
        keeping = Int64(span) + 60
        settling = Int64(span + (watches.map(\.gate.timing.row).max() ?? 1))
    }

    /// All gates, in the order given.
    package var standings: [Standing] {
        watches.filter { !$0.isAutoStop }.map(\.standing)
    }

    /// Those that were broken, in the order given.
    package var broken: [Break] { watches.compactMap(\.broken) }

    /// What became of the gates on windows, and of others that were broken before the end.
    package var results: [GateResult] {
        watches.filter { $0.broken != nil || ($0.gate.isOnWindow && !$0.isAutoStop) }
            .map(\.result)
    }
}

// MARK: - Seconds

extension WindowGates {
    /// Adds samples of a second, since 1970, to those that it has already.
    package mutating func add(_ second: Int64, _ statistics: Statistics) {
        add(second, sums(of: statistics))
    }

    /// Adds an interval; one without a second is in no window.
    package mutating func add(_ interval: Interval) {
        guard let second = interval.second else { return }
        add(second, sums(of: interval))
    }

    /// Takes `statistics` for all that a second has, in place of what was known of it.
    ///
    /// Of a second that is older than any window, what was known cannot be taken back any more,
    /// and is left as it was.
    package mutating func replace(_ second: Int64, with statistics: Statistics) {
        guard judged == .min || second > judged - keeping else { return }
        if let old = seconds.removeValue(forKey: second), second <= judged {
            for index in watches.indices where watches[index].covers(second, at: judged) {
                watches[index].subtract(old)
            }
        }
        add(second, sums(of: statistics))
    }

    private mutating func add(_ second: Int64, _ more: [SumPlace: SecondSums]) {
        // No clock is that wrong; what is, belongs to no window.
        guard !more.isEmpty, second.magnitude < 1 << 53 else { return }
        newest = max(newest, second)
        if judged == .min || second > judged - keeping {
            seconds[second, default: [:]].merge(more) { own, other in
                var sum = own
                sum.add(other)
                return sum
            }
        }
        guard second <= judged else { return }
        // Whatever comes late may unsettle what was settled.
        filled = judged
        for index in watches.indices {
            watches[index].see(more)
            if watches[index].covers(second, at: judged) { watches[index].add(more) }
        }
    }

    private func sums(of statistics: Statistics) -> [SumPlace: SecondSums] {
        var sums: [SumPlace: SecondSums] = [:]
        for label in statistics.labels {
            add(label.samples, to: .total, &sums)
            add(label.all, to: .label(ExactLabel(label.label)), &sums)
        }
        return sums
    }

    private func sums(of interval: Interval) -> [SumPlace: SecondSums] {
        var sums: [SumPlace: SecondSums] = [:]
        for (key, cell) in interval.cells {
            if !key.isController { add(cell.rows, to: .total, &sums) }
            add(cell.rows, to: .label(ExactLabel(key.label)), &sums)
        }
        return sums
    }

    private func add(
        _ rows: Aggregate, to place: SumPlace, _ sums: inout [SumPlace: SecondSums]
    ) {
        guard rows.samples > 0 else { return }
        // Rows of any kind say that the run goes on; a total of nothing is there to say so.
        if sums.isEmpty { sums[.total] = SecondSums() }
        let wanting = watches.filter { $0.wants(place) }
        guard !wanting.isEmpty else { return }
        sums[place, default: SecondSums()].add(
            SecondSums(rows, withTimes: wanting.contains(where: \.wantsTimes)))
    }
}

extension GateWatch {
    /// Whether its window at the end of `last` has a second in it.
    fileprivate func covers(_ second: Int64, at last: Int64) -> Bool {
        gate.timing.span.map { second > last - Int64($0) } ?? true
    }
}

// MARK: - Judging

extension WindowGates {
    /// Judges the windows that end with seconds up to `second`, of which all is there; returns the
    /// gates that are broken by it.
    package mutating func judge(upTo second: Int64) -> [Break] {
        begin()
        guard first != nil else { return [] }
        return advance(to: second - newest >= Self.silence ? second : min(second, newest - 1))
    }

    /// Judges what is left of a run that is over.
    package mutating func finish() -> [Break] {
        begin()
        return first == nil ? [] : advance(to: newest - 1)
    }

    private mutating func begin() {
        guard first == nil, let second = seconds.keys.min() else { return }
        first = second
        judged = second - 1
        filled = second
    }

    private mutating func advance(to last: Int64) -> [Break] {
        var news: [Break] = []
        while judged < last {
            // Nor is anything settled before the grace time is over.
            let since = max(filled, (first ?? filled) + grace)
            guard judged + 1 - since <= settling else {
                skipSilence(upTo: last)
                if judged >= last { break }
                news += step()
                continue
            }
            news += step()
        }
        return news
    }

    /// Goes on to the next second with samples: no window has had any for so long that nothing
    /// would be judged otherwise than before.
    private mutating func skipSilence(upTo last: Int64) {
        let next = seconds.keys.filter { $0 > judged }.min() ?? .max
        judged = min(next - 1, last)
        filled = next > last ? filled : next
        seconds = seconds.filter { $0.key > judged - keeping }
    }

    private mutating func step() -> [Break] {
        judged += 1
        let entering = seconds[judged]
        if entering != nil { filled = judged }
        var news: [Break] = []
        for index in watches.indices {
            if let entering { watches[index].add(entering) }
            let span = Int64(watches[index].gate.timing.span ?? 0)
            if span > 0, let leaving = seconds[judged - span] { watches[index].subtract(leaving) }
            guard let first, judged - max(span, 1) >= first + grace else { continue }
            if let broken = watches[index].judge(judged) { news.append(broken) }
        }
        seconds[judged - keeping] = nil
        return news
    }
}

extension GateResult {
    /// A gate that was broken while the run went on.
    init(_ broken: WindowGates.Break) {
        self.init(
            expression: broken.expression, passed: false, actual: broken.actual,
            unit: broken.gate.metric.unit, samples: broken.samples, reason: broken.reason)
    }
}
