// Comparing runs: a planted regression is found, equal runs raise no alarm, and the test behind it
// is held against closed forms of Student's t.

import FoundationEssentials
import Glibc
import JTL
import Testing

@testable import Results

@Suite struct `Comparisons of runs` {
    /// A load of forty labels over ten minutes; `slower` labels take so much longer.
    private struct Load {
        var samplesPerLabel = 3000
        var slower: Set<Int> = []
        var factor = 1.1
        var labels = 40

        func measured(seed: UInt64) throws -> MeasuredRun {
            var random = Dice(seed)
            var text = "timeStamp,elapsed,label,success\n"
            for row in 0..<samplesPerLabel {
                for label in 0..<labels {
                    let start = 1_700_000_000_000 + row * 600_000 / samplesPerLabel + label
                    let usual = exp(random.normal() * 0.5 + 5.3)
                    let elapsed = Int((slower.contains(label) ? usual * factor : usual).rounded())
                    text += "\(start),\(elapsed),label \(label),\(random.unit() > 0.01)\n"
                }
            }
            var statistics = Statistics(StatisticsOptions(intervals: true))
            var reader = SampleReader()
            try reader.consume(Array(text.utf8), into: &statistics)
            try reader.finish(into: &statistics)
            return MeasuredRun(statistics, method: .jmeter)
        }
    }

    private var isLong: Bool {
        ProcessInfo.processInfo.environment["LOADFLEET_CAMPAIGN"] != nil
    }

    @Test func `find the one label of forty that became slower, and raise no alarm else`() throws {
        for seed in 0..<UInt64(isLong ? 100 : 1) {
            let label = Int(seed * 7 % 40)
            let baseline = try Load().measured(seed: 3 * seed)
            let slower = Comparison(
                of: try Load(slower: [label]).measured(seed: 3 * seed + 1), with: baseline)
            let worse = slower.changes(.worse).filter { $0.row.kind != .total }
            #expect(Set(worse.map(\.row.label)) == ["label \(label)"], "seed \(seed)")
            #expect(slower.changes(.better).isEmpty, "seed \(seed)")
            let text = ComparisonReport(slower).text
            #expect(text.contains("worse: label \(label) Mean"), "\(text)")
            #expect(text.contains("1 of 40 labels worse, 0 better"), "\(text)")
            let equal = Comparison(of: try Load().measured(seed: 3 * seed + 2), with: baseline)
            let alarms = equal.rows.flatMap(\.changes).filter { $0.judgment != .same }
            #expect(alarms.isEmpty, "seed \(seed): \(alarms)")
        }
    }

    @Test func `call nothing a change that earlier runs had between them`() throws {
        let baseline = try Load(labels: 2).measured(seed: 1)
        let current = try Load(slower: [0, 1], factor: 1.15, labels: 2).measured(seed: 2)
        let steady = [1, 3, 5].map { UInt64($0) }
        let calm = try steady.map { try Load(labels: 2).measured(seed: $0).summary }
        #expect(!Comparison(of: current, with: baseline, earlier: calm).changes(.worse).isEmpty)
        let wild = try steady.map {
            try Load(slower: $0 == 3 ? [0, 1] : [], factor: 1.3, labels: 2).measured(seed: $0)
                .summary
        }
        let comparison = Comparison(of: current, with: baseline, earlier: wild)
        #expect(comparison.changes(.worse).isEmpty)
        #expect(comparison.earlierRuns == 3)
        // Two earlier runs tell nothing of noise.
        let few = Comparison(of: current, with: baseline, earlier: Array(wild.prefix(2)))
        #expect(!few.changes(.worse).isEmpty)
        #expect(few.earlierRuns == 0)
    }

    @Test func `say that too little is known of short runs and of summaries`() throws {
        let short = try Load(samplesPerLabel: 3, labels: 1).measured(seed: 1)
        let other = try Load(samplesPerLabel: 3, slower: [0], labels: 1).measured(seed: 2)
        for pair in [(other, short), (MeasuredRun(other.summary), MeasuredRun(short.summary))] {
            let comparison = Comparison(of: pair.0, with: pair.1)
            #expect(comparison.rows.flatMap(\.changes).allSatisfy { $0.judgment == .unknown })
            #expect(ComparisonReport(comparison).text.contains("of 1 labels too little is known"))
        }
    }

    @Test func `name labels that are new or gone, exactly`() throws {
        func run(_ label: String) throws -> MeasuredRun {
            var statistics = Statistics(StatisticsOptions(intervals: true))
            var reader = SampleReader()
            let text = "timeStamp,elapsed,label,success\n1000,5,\(label),true\n"
            try reader.consume(Array(text.utf8), into: &statistics)
            try reader.finish(into: &statistics)
            return MeasuredRun(statistics, method: .jmeter)
        }
        // One é in two Unicode forms: to the server under test these were two labels.
        let comparison = Comparison(of: try run("caf\u{E9}"), with: try run("cafe\u{301}"))
        #expect(comparison.rows.count == 3)
        let text = ComparisonReport(comparison).text
        #expect(text.contains("(new)") && text.contains("(gone)"), "\(text)")
    }

    @Test(arguments: [0.1, 1, 2.5, 12, 300])
    func `rest on a t-test that agrees with closed forms`(t: Double) {
        // One and two degrees of freedom have primitives of their own.
        let one = 1 - 2 / Double.pi * atan(t)
        #expect(abs(WelchTest.beta(1 / (1 + t * t), 0.5, 0.5) - one) < 1e-12)
        let two = 1 - t / (2 + t * t).squareRoot()
        #expect(abs(WelchTest.beta(2 / (2 + t * t), 1, 0.5) - two) < 1e-12)
        // And so has four, by integration by parts.
        let u = t / (4 + t * t).squareRoot()
        #expect(abs(WelchTest.beta(4 / (4 + t * t), 2, 0.5) - (1 - u * (3 - u * u) / 2)) < 1e-12)
    }
}

/// Random numbers that are the same for the same seed.
private struct Dice {
    private var random: SplitMix

    init(_ seed: UInt64) { random = SplitMix(state: seed &* 0x9E37_79B9_7F4A_7C15 &+ 1) }

    /// A number in 0..<1.
    mutating func unit() -> Double { Double(random.next() >> 11) * 0x1p-53 }

    /// A number of the standard normal distribution (Box and Muller).
    mutating func normal() -> Double {
        (-2 * log(1 - unit())).squareRoot() * cos(2 * Double.pi * unit())
    }
}
