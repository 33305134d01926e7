// A slow evaluator of gates on windows, written from their description in docs/results.md and from
// nothing else: it keeps every row, and looks through all of them for each window.

@testable import Results

/// A row of a JTL.
struct SeriesRow {
    let second: Int64
    let label: String
    /// The label's exact bytes.
    let key: [UInt8]
    let isController: Bool
    let elapsed: Int64
    let isGood: Bool
    let bytes: Int
    /// In ms since 1970.
    let start: Int64

    init(
        second: Int64, label: String, isController: Bool, elapsed: Int64, isGood: Bool, bytes: Int,
        start: Int64
    ) {
        self.second = second
        self.label = label
        key = Array(label.utf8)
        self.isController = isController
        self.elapsed = elapsed
        self.isGood = isGood
        self.bytes = bytes
        self.start = start
    }
}

/// What a gate has come to.
struct ReferenceState: Equatable {
    var isBroken = false
    var brokenAt: Int64?
    var actual: Double?
    var judged = 0
    var row = 0
    var isBadNow: Bool?
}

/// Judges a series of seconds.
struct ReferenceGates {
    let gates: [Gate]
    let autoStop: Gate?
    let grace: Int64
    let method: String
    private(set) var rows: [SeriesRow] = []
    private(set) var states: [ReferenceState]
    private(set) var judged: Int64?
    private var first: Int64?
    /// The last second that ever had rows.
    private var newest = Int64.min
    private var seen: Set<[UInt8]> = []

    init(_ gates: [Gate], autoStop: Gate?, grace: Int64, method: String) {
        self.gates = gates
        self.autoStop = autoStop
        self.grace = grace
        self.method = method
        states = Array(repeating: ReferenceState(), count: gates.count + (autoStop == nil ? 0 : 1))
    }

    mutating func add(_ more: [SeriesRow]) {
        rows += more
        newest = more.map(\.second).max().map { max($0, newest) } ?? newest
        for row in more where row.second <= judged ?? .min { see(row) }
    }

    mutating func replace(_ second: Int64, with more: [SeriesRow]) {
        rows.removeAll { $0.second == second }
        add(more)
    }

    private mutating func see(_ row: SeriesRow) {
        seen.insert(row.key)
    }

    mutating func judge(upTo second: Int64, isOver: Bool = false) {
        if first == nil {
            first = rows.map(\.second).min()
            judged = first.map { $0 - 1 }
        }
        guard let first, let from = judged else { return }
        var last = min(second, newest - 1)
        if !isOver, second - newest >= 3 { last = second }
        guard from < last else { return }
        for end in from + 1...last {
            judged = end
            for row in rows where row.second == end { see(row) }
            for index in states.indices { judge(index, end, first) }
        }
    }

    private mutating func judge(_ index: Int, _ end: Int64, _ first: Int64) {
        let isStop = index == gates.count
        guard let gate = isStop ? autoStop : gates[index], !states[index].isBroken else { return }
        var length: Int64?
        var needed = 1
        switch gate.timing {
        case .wholeRun: break
        case .over(let seconds): length = Int64(seconds)
        case .held(let seconds): (length, needed) = (1, seconds)
        }
        // The first second and the grace time are in no window.
        guard end - (length ?? 1) + 1 > first + grace else { return }
        let window = rows.filter { row in
            row.second <= end && (length.map { row.second > end - $0 } ?? true)
        }
        guard let (actual, isBad) = worst(gate, window, length, isStop) else {
            states[index].isBadNow = nil
            return
        }
        states[index].judged += 1
        states[index].isBadNow = isBad
        states[index].row = isBad ? states[index].row + 1 : 0
        if isBad, states[index].row >= needed, gate.isOnWindow || gate.aborts {
            states[index].isBroken = true
            states[index].brokenAt = end
            states[index].actual = actual
        }
    }

    private func worst(
        _ gate: Gate, _ window: [SeriesRow], _ length: Int64?, _ isStop: Bool
    ) -> (Double, Bool)? {
        let total = window.filter { !$0.isController }
        func rows(of label: [UInt8]) -> [SeriesRow] {
            window.filter { $0.key == label }
        }
        var parts: [[SeriesRow]]
        switch gate.subject {
        case .total: parts = [total]
        case .label(let label):
            if seen.contains(Array(label.utf8)) {
                parts = [rows(of: Array(label.utf8))]
            } else {
                parts = label == "Total" ? [total] : []
            }
        case .everyLabel: parts = Set(window.map { $0.key }).map(rows)
        }
        if isStop { parts.removeAll { $0.isEmpty } }
        let figures = parts.compactMap { figure(gate.metric, $0, length) }
        let judged = figures.map { figure in (figure, holds(gate, figure) == isStop) }
        let bad = judged.filter(\.1)
        let among = bad.isEmpty ? judged : bad
        let wantsSmall = [.less, .lessOrEqual].contains(gate.comparison) != isStop
        return wantsSmall ? among.max { $0.0 < $1.0 } : among.min { $0.0 < $1.0 }
    }

    private func holds(_ gate: Gate, _ figure: Double) -> Bool {
        switch gate.comparison {
        case .less: figure < gate.threshold
        case .lessOrEqual: figure <= gate.threshold
        case .greater: figure > gate.threshold
        case .greaterOrEqual: figure >= gate.threshold
        case .equal: figure == gate.threshold
        }
    }

    private func figure(_ metric: Gate.Metric, _ rows: [SeriesRow], _ length: Int64?) -> Double? {
        let times = rows.map(\.elapsed).sorted()
        let errors = rows.count { !$0.isGood }
        switch metric {
        case .samples: return Double(rows.count)
        case .errorCount: return Double(errors)
        case .rate: return perSecond(Double(rows.count), rows, length)
        case .throughput:
            let bytes = rows.reduce(0) { $0 + $1.bytes }
            return perSecond(Double(bytes), rows, length).map { $0 / 1024 }
        default: break
        }
        guard !rows.isEmpty else { return nil }
        switch metric {
        case .min: return Double(times[0])
        case .max: return Double(times[times.count - 1])
        case .mean: return Double(times.reduce(0, +)) / Double(times.count)
        case .errorPercent: return Double(errors * 100) / Double(rows.count)
        case .successPercent: return Double((rows.count - errors) * 100) / Double(rows.count)
        case .percentile(let p): return percentile(p, times)
        default: return nil
        }
    }

    private func perSecond(_ amount: Double, _ rows: [SeriesRow], _ length: Int64?) -> Double? {
        if let length { return amount / Double(length) }
        let earliest = rows.map(\.start).min() ?? 0
        let latest = rows.map { $0.start + $0.elapsed }.max() ?? 0
        guard latest > earliest else { return nil }
        return amount / (Double(latest - earliest) / 1000)
    }

    private func percentile(_ p: Double, _ times: [Int64]) -> Double {
        let count = Double(times.count)
        func at(_ place: Int) -> Double { Double(times[min(max(place, 1), times.count) - 1]) }
        switch method {
        case "nearest":
            // In thousandths, so that it is a matter of whole numbers.
            let thousandths = Int((p * 1000).rounded()) * times.count
            return at((thousandths + 99_999) / 100_000)
        case "aggregate": return at(Int((count * p / 100 + 0.5).rounded(.down)))
        default:
            let place = p / 100 * (count + 1)
            if place < 1 { return at(1) }
            if place >= count { return at(times.count) }
            let low = at(Int(place))
            return low + (place - place.rounded(.down)) * (at(Int(place) + 1) - low)
        }
    }
}
