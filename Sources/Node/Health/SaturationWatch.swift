// Whether a generator was the bottleneck of its own load, judged from one second after another. A
// machine that is busy for a moment measures a little late; one that is busy for ten seconds in a
// row measures itself.

internal import FoundationEssentials
internal import Store

/// Judges seconds of a node's health.
struct SaturationWatch: Sendable {
    /// A figure that may not be too high for too long.
    private struct Rule: Sendable {
        let kind: Saturation.Kind
        let limit: Double
        let figure: @Sendable (HealthSecond) -> Double?
        /// The figure in words, before `for 12 s`.
        let text: @Sendable (String) -> String
    }

    /// How long a figure has been too high.
    private struct Streak: Sendable {
        var since: Date
        var seconds = 0.0
        var sum = 0.0
    }

    /// What was found of one rule, over all streaks that were long enough.
    private struct Finding: Sendable {
        var since: Date
        var seconds: Double
        var sum: Double
        var last: Date
    }

    /// So many seconds in a row, a breath less: looks are not on the dot.
    private static let patience = 9.9
    private static let limit = 90.0
    private static let full = 95.0
    /// Held back in every other period, JMeter stands still several times a second: what else runs in
    /// its cgroup, as its agent does, may have used the rest of the quota.
    private static let often = 50.0

    private static let rules: [Rule] = [
        Rule(kind: .cpu, limit: limit, figure: \.health.cpuPercent) { "CPU \($0) %" },
        Rule(kind: .cpu, limit: often, figure: \.throttledPercent) {
            "CPU held back by its cgroup in \($0) % of all periods"
        },
        Rule(kind: .heap, limit: full, figure: \.health.heapPercent) {
            "heap \($0) % full after collection"
        },
        Rule(kind: .ports, limit: full, figure: \.health.portsPercent) {
            "\($0) % of the local ports in use"
        },
        Rule(kind: .files, limit: full, figure: \.health.filesPercent) {
            "\($0) % of the open files in use"
        },
    ]

    private var streaks = [Streak?](repeating: nil, count: rules.count)
    private var findings = [Finding?](repeating: nil, count: rules.count)
    private var collections = CollectionWatch()
    private var latest: Date?

    /// Takes one second into account.
    mutating func add(_ second: HealthSecond) {
        latest = second.at
        collections.add(second)
        for (index, rule) in Self.rules.enumerated() {
            guard let figure = rule.figure(second), figure > rule.limit else {
                streaks[index] = nil
                continue
            }
            var streak = streaks[index] ?? Streak(since: second.at - second.seconds)
            streak.seconds += second.seconds
            streak.sum += figure * second.seconds
            streaks[index] = streak
            if streak.seconds >= Self.patience { note(streak, second, figure, of: index) }
        }
    }

    private mutating func note(
        _ streak: Streak, _ second: HealthSecond, _ figure: Double, of index: Int
    ) {
        guard var finding = findings[index] else {
            findings[index] = Finding(
                since: streak.since, seconds: streak.seconds, sum: streak.sum, last: second.at)
            return
        }
        // A streak that has just become long enough counts from its beginning.
        let isNew = streak.seconds - second.seconds < Self.patience
        finding.seconds += isNew ? streak.seconds : second.seconds
        finding.sum += isNew ? streak.sum : figure * second.seconds
        finding.last = second.at
        findings[index] = finding
    }

    /// What was found so far, at most one of a kind.
    func saturations(of node: String) -> [Saturation] {
        var found: [Saturation] = []
        for (rule, finding) in zip(Self.rules, findings) {
            guard let finding, !found.contains(where: { $0.kind == rule.kind }) else { continue }
            let mean = Int((finding.sum / finding.seconds).rounded())
            found.append(
                Saturation(
                    node: node, kind: rule.kind, since: finding.since, seconds: finding.seconds,
                    text: "\(rule.text("\(mean)")) for \(Self.whole(finding.seconds)) s"))
        }
        return found + collections.saturation(of: node)
    }

    private static func whole(_ seconds: Double) -> String { "\(Int(seconds.rounded()))" }

    /// How a node that is saturated now is so, in one line.
    var warning: String? {
        saturations(of: "").first {
            $0.since.addingTimeInterval($0.seconds) >= (latest ?? .now) - 5
        }?
        .text
    }
}

/// The share of time that garbage collection takes, over ten seconds: it comes in bursts.
private struct CollectionWatch: Sendable {
    private var recent: [HealthSecond] = []
    private var since: Date?
    private var seconds = 0.0
    private var worst = 0.0

    private static let span = 10.0
    private static let limit = 20.0

    mutating func add(_ second: HealthSecond) {
        guard second.health.gcPercent != nil else { return }
        recent.append(second)
        while let first = recent.first, length - first.seconds >= Self.span - 0.1 {
            recent.removeFirst()
        }
        guard length >= Self.span - 0.1 else { return }
        let share =
            recent.reduce(0) { $0 + ($1.health.gcPercent ?? 0) * $1.seconds } / length
        guard share > Self.limit else { return }
        seconds += since == nil ? length : second.seconds
        since = since ?? second.at - length
        worst = max(worst, share)
    }

    private var length: Double { recent.reduce(0) { $0 + $1.seconds } }

    func saturation(of node: String) -> [Saturation] {
        guard let since else { return [] }
        return [
            Saturation(
                node: node, kind: .gc, since: since, seconds: seconds,
                text: "garbage collection took \(Int(worst.rounded())) % of 10 s")
        ]
    }
}
