// Gates on windows: single cases by hand, and random series against the slow evaluator.

import FoundationEssentials
import JTL
import Testing

@testable import Results

@Suite struct `Gates on windows` {
    @Test func `over a time are broken by the first bad window`() throws {
        var windows = WindowGates([try Gate(parsing: "errors < 50% over 3s abort")])
        var broken: [WindowGates.Break] = []
        // Three of four fail from second 106 on: half of what the window of 104 to 106 has.
        for second in 100...110 as ClosedRange<Int64> {
            windows.add(second, try statistics(second, good: 1, bad: second >= 106 ? 3 : 0))
            broken += windows.judge(upTo: second)
        }
        #expect(broken.map(\.second) == [106])
        #expect(broken.first?.actual == 50)
        #expect(broken.first?.samples == 6)
        #expect(broken.first?.ends == true)
        #expect(broken.first?.reason == "50% in total in the 3 s until 00:01:47 UTC")
        #expect(windows.results.map(\.passed) == [false])
        #expect(windows.standings.map(\.state) == [.broken])
    }

    @Test func `for a time are broken by so many bad seconds in a row`() throws {
        var windows = WindowGates([try Gate(parsing: "errors < 50% for 3s")])
        var broken: [WindowGates.Break] = []
        for second in 100...120 as ClosedRange<Int64> {
            // Bad in 103 and 104, not in 105; from 110 on, with nothing at all in 111.
            let isBad = (103...104).contains(second) || second >= 110
            if second != 111 {
                windows.add(second, try statistics(second, good: isBad ? 0 : 1, bad: isBad ? 1 : 0))
            }
            broken += windows.judge(upTo: second)
            if second == 105 { #expect(windows.standings.map(\.state) == [.turning]) }
        }
        #expect(broken.map(\.second) == [113])
        #expect(broken.first?.ends == false)
    }

    @Test func `do not look into the grace time, nor at the first and the last second`() throws {
        var early = WindowGates([try Gate(parsing: "errors == 0 over 2s")], graceSeconds: 5)
        var late = WindowGates([try Gate(parsing: "errors == 0 over 2s")], graceSeconds: 4)
        for second in 100...110 as ClosedRange<Int64> {
            // Grace ends behind second 105, the first one being a part of a second.
            let data = try statistics(
                second, good: 1, bad: second == 105 || second == 110 ? 1 : 0)
            early.add(second, data)
            late.add(second, data)
        }
        #expect(early.judge(upTo: 110).isEmpty)
        #expect(early.finish().isEmpty)
        #expect(early.results.map(\.passed) == [true])
        #expect(late.judge(upTo: 110).map(\.second) == [106])
    }

    @Test func `on rates see that nothing happens, others do not`() throws {
        var windows = WindowGates(
            try ["rps >= 1 over 2s", "p95 < 1h over 2s", "rps(x) >= 1 over 2s"].map {
                try Gate(parsing: $0)
            })
        for second in 100...103 as ClosedRange<Int64> {
            windows.add(second, try statistics(second, good: 1, bad: 0))
        }
        #expect(windows.judge(upTo: 105).isEmpty, "nobody can say yet that this is not the end")
        #expect(windows.judge(upTo: 106).map(\.second) == [104])
        #expect(windows.judge(upTo: 50_000).isEmpty)
        #expect(windows.standings.map(\.state) == [.broken, .open, .open])
        #expect(windows.results.map(\.passed) == [false, true, false])
        #expect(windows.results[2].reason == "no samples for \"x\" in any window")
    }

    @Test func `that had no whole window are not met`() throws {
        var windows = WindowGates([try Gate(parsing: "p95 < 1h over 10s")])
        for second in 100...108 as ClosedRange<Int64> {
            windows.add(second, try statistics(second, good: 1, bad: 0))
        }
        #expect(windows.finish().isEmpty)
        let result = try #require(windows.results.first)
        #expect(!result.passed)
        #expect(
            result.reason
                == "the run had no 10 whole seconds behind its grace time with samples to judge")
    }

    @Test func `take seconds back that turn out to be others`() throws {
        var windows = WindowGates([try Gate(parsing: "samples < 9 over 3s")])
        for second in 100...105 as ClosedRange<Int64> {
            windows.add(second, try statistics(second, good: 2, bad: 0))
        }
        #expect(windows.judge(upTo: 105).isEmpty)
        windows.replace(104, with: try statistics(104, good: 4, bad: 0))
        windows.replace(104, with: try statistics(104, good: 3, bad: 0))
        for second in 106...109 as ClosedRange<Int64> {
            windows.add(second, try statistics(second, good: 3, bad: 0))
        }
        #expect(windows.judge(upTo: 109).map(\.second) == [108])
    }

    @Test func `end a run on a dead target, and only while it is asked`() throws {
        let autoStop = try Gate(parsing: "errors > 90% over 5s")
        var windows = WindowGates([], autoStop: autoStop)
        for second in 100...104 as ClosedRange<Int64> {
            windows.add(second, try statistics(second, good: 1, bad: 0))
        }
        #expect(windows.judge(upTo: 120).isEmpty)
        for second in 121...130 as ClosedRange<Int64> {
            windows.add(second, try statistics(second, good: 0, bad: 2))
        }
        let broken = windows.judge(upTo: 130)
        #expect(broken.map(\.second) == [121], "the window has the bad samples alone")
        #expect(broken.map(\.expression) == ["auto-stop: errors > 90% over 5s"])
        #expect(broken.first?.ends == true)
        #expect(windows.results.map(\.passed) == [false])
        #expect(windows.standings.isEmpty)
    }

    @Test func `of a run that is over come from its samples`() throws {
        var rows: [SeriesRow] = []
        for second in 0..<4000 as Range<Int64> {
            for _ in 0..<2 { rows.append(row(second, elapsed: second == 3000 ? 700 : 10)) }
        }
        let whole = try read(rows, StatisticsOptions(intervals: true))
        let gates = try [
            "p95 < 600ms over 30s", "max < 600ms over 3s", "rps >= 2 over 60s", "max < 5ms",
            "max < 600ms for 2s",
        ].map { try Gate(parsing: $0) }
        let results = WindowGates.results(of: gates, in: whole, method: .jmeter)
        #expect(results.map(\.passed) == [true, false, true, true])
        #expect(
            results.map(\.reason) == [
                "10ms in total in the worst of 3969 windows",
                "700ms in total in the 3 s until 00:50:01 UTC",
                "2/s in total in the worst of 3939 windows",
                "not bad for 2 s in a row; 700ms in total in the worst of 3998 seconds",
            ])
        #expect(whole.total.samples == 8000)
    }

    @Test func `are not known of samples without time stamps`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("elapsed,label,success\n5,a,true\n".utf8, to: "x.jtl")
        let whole = try SampleFiles.read(
            [path], options: .init(statistics: StatisticsOptions(intervals: true)))
        let gates = [try Gate(parsing: "rps >= 0 over 1s")]
        let results = WindowGates.results(of: gates, in: whole, method: .jmeter)
        #expect(results.map(\.reason) == ["samples have no time stamps"])
        #expect(results.map(\.passed) == [false])
    }

    private func statistics(_ second: Int64, good: Int, bad: Int) throws -> Statistics {
        try read(
            (0..<good + bad).map { row(second, elapsed: 10, isGood: $0 < good) })
    }

    private func row(_ second: Int64, elapsed: Int64, isGood: Bool = true) -> SeriesRow {
        SeriesRow(
            second: second, label: "a", isController: false, elapsed: elapsed, isGood: isGood,
            bytes: 10, start: second * 1000 + 5)
    }
}

@Suite struct `Random series` {
    @Test func `are judged as by the slow evaluator`() throws {
        let environment = ProcessInfo.processInfo.environment
        let seed =
            environment["LOADFLEET_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0..<1_000_000)
        let count: UInt64 = environment["LOADFLEET_CAMPAIGN"] == "1" ? 1000 : 60
        print("random series: LOADFLEET_SEED=\(seed)")
        var broken = 0
        for number in 0..<count {
            var series = RandomSeries(seed: seed + number)
            let result = try series.compare()
            broken += result.broken
            guard result.agrees else {
                Issue.record("series of LOADFLEET_SEED=\(seed + number): \(result.difference)")
                return
            }
        }
        // Neither all nor none, or nothing was compared.
        #expect(broken > Int(count) / 2)
    }
}

/// A run as its seconds come in: in order, late, not at all, or corrected.
private struct RandomSeries {
    struct Outcome {
        var agrees = true
        var broken = 0
        var difference = ""
    }

    private var random: SplitMix
    private let labels = ["a", "b", "caf\u{E9}", "cafe\u{301}", "Total"]

    init(seed: UInt64) { random = SplitMix(state: seed) }

    mutating func compare() throws -> Outcome {
        let gates = try (0..<Int.random(in: 1...6, using: &random)).map { _ in
            try Gate(parsing: gate())
        }
        let autoStop = Bool.random(using: &random) ? try Gate(parsing: stopCondition()) : nil
        let grace = Int.random(in: 0...12, using: &random)
        let method = PercentileMethod.allCases.randomElement(using: &random) ?? .jmeter
        var windows = WindowGates(
            gates, graceSeconds: grace, autoStop: autoStop, method: method)
        var reference = ReferenceGates(
            gates, autoStop: autoStop, grace: Int64(grace), method: method.rawValue)
        var outcome = Outcome()
        var waiting: [(due: Int64, rows: [SeriesRow])] = []
        var second = Int64.random(in: -5...2_000, using: &random)
        for _ in 0..<Int.random(in: 5...90, using: &random) {
            second += gap()
            for part in parts(of: second) {
                let delay =
                    Int.random(in: 0..<8, using: &random) == 0
                    ? Int64.random(in: 1...90, using: &random) : 0
                waiting.append((second + delay, part))
            }
            for late in waiting where late.due <= second {
                windows.add(late.rows[0].second, try read(late.rows))
                reference.add(late.rows)
            }
            waiting.removeAll { $0.due <= second }
            if Int.random(in: 0..<10, using: &random) == 0 {
                let old = second - Int64.random(in: 0...20, using: &random)
                // A rate over the whole run is over the time of all that was ever there.
                let isRate = gates.contains {
                    !$0.isOnWindow && ($0.metric == .rate || $0.metric == .throughput)
                }
                let kept = isRate ? reference.rows.filter { $0.second == old } : []
                let rows = kept + parts(of: old).flatMap(\.self)
                windows.replace(old, with: try read(rows))
                reference.replace(old, with: rows)
            }
            let upTo = second - Int64.random(in: 0...3, using: &random)
            outcome.broken += windows.judge(upTo: upTo).count
            reference.judge(upTo: upTo)
            try check(windows, reference, at: second, &outcome)
            guard outcome.agrees else { return outcome }
        }
        outcome.broken += windows.finish().count
        reference.judge(upTo: .max, isOver: true)
        try check(windows, reference, at: .max, &outcome)
        return outcome
    }

    private func check(
        _ windows: WindowGates, _ reference: ReferenceGates, at second: Int64,
        _ outcome: inout Outcome
    ) throws {
        func expect(_ agrees: Bool, _ text: @autoclosure () -> String) {
            guard !agrees, outcome.agrees else { return }
            outcome.agrees = false
            outcome.difference = "at \(second): \(text())"
        }
        let states = reference.states
        let broken = windows.broken
        let expected = states.indices.filter { states[$0].isBroken }
        expect(
            broken.map(\.second) == expected.map { states[$0].brokenAt ?? 0 }
                && zip(broken, expected).allSatisfy { near($0.actual, states[$1].actual) },
            "\(broken), not \(expected.map { states[$0] })")
        for (standing, state) in zip(windows.standings, states) {
            let word: WindowGates.Standing.State =
                state.isBroken
                ? .broken : state.isBadNow.map { $0 ? .turning : .met } ?? .open
            expect(standing.state == word, "\(standing), not \(word) of \(state)")
        }
    }

    private func near(_ left: Double, _ right: Double?) -> Bool {
        guard let right else { return false }
        return (left - right).magnitude <= 1e-9 * max(1, right.magnitude)
    }

    private mutating func gap() -> Int64 {
        switch Int.random(in: 0..<40, using: &random) {
        case 0: Int64.random(in: 100...400, using: &random)
        case 1...4: Int64.random(in: 2...15, using: &random)
        default: 1
        }
    }

    /// The rows of a second as one or two nodes send them.
    private mutating func parts(of second: Int64) -> [[SeriesRow]] {
        let trouble = second / 10 % 3 == 0
        return (0..<Int.random(in: 1...2, using: &random)).compactMap { _ in
            let rows = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                row(second, trouble)
            }
            return rows.isEmpty ? nil : rows
        }
    }

    private mutating func row(_ second: Int64, _ trouble: Bool) -> SeriesRow {
        let elapsed = Int64.random(in: 0...(trouble ? 3000 : 300), using: &random)
        return SeriesRow(
            second: second, label: labels.randomElement(using: &random) ?? "a",
            isController: Int.random(in: 0..<6, using: &random) == 0, elapsed: elapsed,
            isGood: Int.random(in: 0..<10, using: &random) >= (trouble ? 6 : 1),
            bytes: Int.random(in: 0...5000, using: &random),
            start: second * 1000 + Int64.random(in: 0...999, using: &random) - elapsed)
    }

    private mutating func gate() -> String {
        let time: String =
            [
                "", "", " over \(Int.random(in: 1...40, using: &random))s",
                " over \(Int.random(in: 1...9, using: &random))s",
                " for \(Int.random(in: 1...9, using: &random))s",
            ].randomElement(using: &random) ?? ""
        let label = labels.randomElement(using: &random) ?? "a"
        let subject: String =
            ["", "", "(*)", "(\"\(label)\")"].randomElement(using: &random) ?? ""
        let limit = Int.random(in: 1...3000, using: &random)
        let share = Int.random(in: 0...100, using: &random)
        let text =
            [
                "p50 < \(limit)ms", "p95 <= \(limit)", "p99.9 < \(limit)ms", "mean < \(limit)ms",
                "max < \(limit)ms", "min >= \(limit / 20)ms", "errors < \(share)%",
                "success > \(share)%", "errors <= \(share)", "samples < \(share)",
                "rps >= \(share / 20)", "rps < \(share / 10)", "kbps > \(share / 30)",
            ].randomElement(using: &random) ?? "max < 1s"
        let split = text.split(separator: " ", maxSplits: 1)
        let abort = Bool.random(using: &random) ? " abort" : ""
        return "\(split[0])\(subject) \(split[1])\(time)\(abort)"
    }

    private mutating func stopCondition() -> String {
        let seconds = Int.random(in: 1...20, using: &random)
        return ["errors > 60% over \(seconds)s", "rps < 2 over \(seconds)s", "p95 > 2s for 3s"]
            .randomElement(using: &random) ?? ""
    }
}

/// The statistics of rows, by way of a JTL.
private func read(
    _ rows: [SeriesRow], _ options: StatisticsOptions = StatisticsOptions()
) throws -> Statistics {
    var text = "timeStamp,elapsed,label,responseCode,responseMessage,success,bytes\n"
    for row in rows {
        let message = row.isController ? "\"Number of samples in transaction : 1\"" : "OK"
        text +=
            "\(row.start),\(row.elapsed),\(row.label),200,\(message),\(row.isGood),\(row.bytes)\n"
    }
    var statistics = Statistics(options)
    var reader = StreamReader(collecting: options)
    try Array(text.utf8).withUnsafeBytes { try reader.consume($0) }
    try reader.finish(into: &statistics)
    return statistics
}
