// Figures: exact, mergeable in any order, and by the second.

import Testing

@testable import JTL

@Suite struct `Statistics of files` {
    @Test func `merge in any order to the statistics of one file`() throws {
        var random = SplitMix(state: 11)
        for _ in 0..<50 {
            let rows = (0..<Int.random(in: 1...60, using: &random)).map { _ in randomRow(&random) }
            let collecting = StatisticsOptions(intervals: true)
            let whole = try statistics(text(rows), collecting: collecting)
            var parts = [[String]](repeating: [], count: 4)
            for row in rows { parts[Int.random(in: 0..<4, using: &random)].append(row) }
            parts.shuffle(using: &random)
            let read = try parts.map { try statistics(text($0), collecting: collecting) }
            // ((a + b) + (c + d)) where the whole has ((a + b) + c) + d.
            var left = read[0]
            left.merge(read[1])
            var right = read[2]
            right.merge(read[3])
            left.merge(right)
            #expect(byLabel(left) == byLabel(whole))
            #expect(left.total == whole.total)
            // Parts see labels in another order; beside that, all is the same.
            var (series, wholeSeries) = (left.intervals, whole.intervals)
            series?.ranks = [:]
            wholeSeries?.ranks = [:]
            #expect(series == wholeSeries)
            #expect(left.unusable.counts == whole.unusable.counts)
        }
    }

    @Test func `are exact where sums outgrow 64 bits`() throws {
        let huge = "9223372036854775807"
        let total = try statistics(
            file("0,\(huge),L,200,OK,true,\(huge),1,1", "0,\(huge),L,200,OK,true,\(huge),1,1")
        ).total
        #expect(total.meanElapsed == 9.223372036854775807e18)
        #expect(total.bytes == Int128(Int64.max) * 2)
    }

    @Test func `have a mean that is rounded once`() throws {
        // 2^53 + 1 over 3: rounding the sum first would give another number.
        let total = try statistics(
            file(
                "0,9007199254740991,L,200,OK,true,1,1,1", "0,1,L,200,OK,true,1,1,1",
                "0,1,L,200,OK,true,1,1,1")
        ).total
        #expect(total.meanElapsed == 3_002_399_751_580_331.0)
    }

    @Test func `count ten thousand labels`() throws {
        let rows = (0..<20_000).map { row($0, 1, "label \($0 % 10_000)") }
        let found = try statistics(text(rows))
        #expect(found.labels.count == 10_000)
        #expect(found.labels.allSatisfy { $0.samples.samples == 2 })
    }

    @Test func `bound the kinds of failures but count every failure`() throws {
        let rows = (0..<1500).map {
            row(0, 1, "L", code: "500", message: "id \($0)", success: "no")
        }
        let failures = try statistics(text(rows)).total.failures
        #expect(failures.counts.count == CountedTexts.limit)
        #expect(failures.other == 1500 - CountedTexts.limit)
    }

    @Test func `with a window have the last rows of each label and of all samples`() throws {
        let found = try statistics(
            file(row(1, 1, "a"), row(2, 2, "b"), row(3, 3, "a"), row(4, 4, "a")),
            collecting: StatisticsOptions(window: 2))
        #expect(found.labels.map { $0.window?.values } == [[3, 4], [2]])
        #expect(found.totalWindow?.values == [3, 4])
    }

    private func text(_ rows: [String]) -> String {
        ([header] + rows).map { $0 + "\n" }.joined()
    }

    private func byLabel(_ statistics: Statistics) -> [String: Aggregate] {
        Dictionary(uniqueKeysWithValues: statistics.labels.map { ($0.label, $0.all) })
    }

    private func randomRow(_ random: inout SplitMix) -> String {
        let mark = "\"Number of samples in transaction : 1\""
        return row(
            Int.random(in: -3000...9000, using: &random),
            [0, 1, 5, 300, 20_000, -4, 1 << 40].randomElement(using: &random) ?? 0,
            ["a", "b", "é", "TC"].randomElement(using: &random) ?? "",
            code: ["200", "500"].randomElement(using: &random) ?? "",
            message: ["OK", mark].randomElement(using: &random) ?? "",
            success: ["true", "false"].randomElement(using: &random) ?? "")
    }
}

@Suite struct `Intervals` {
    @Test func `hold the samples that started in their second`() throws {
        var found = try statistics(
            file(row(999, 5000), row(1000, 1), row(1999, 2), row(-1, 3)),
            collecting: StatisticsOptions(intervals: true))
        let intervals = found.takeIntervals()
        #expect(intervals.map(\.second) == [-1, 0, 1])
        #expect(intervals.map(\.total.samples) == [1, 1, 2])
        #expect(found.takeIntervals().isEmpty)
    }

    @Test func `that are over can be taken while others fill`() throws {
        var collected = Statistics(StatisticsOptions(intervals: true))
        var reader = SampleReader()
        try reader.consume(Array(file(row(1000), row(2000)).utf8), into: &collected)
        #expect(collected.takeIntervals(before: 2).map(\.second) == [1])
        try reader.consume(Array((row(1500, 7) + "\n" + row(2500) + "\n").utf8), into: &collected)
        try reader.finish(into: &collected)
        // A slow sample of the first second comes late, in another interval of that second.
        #expect(collected.takeIntervals().map(\.total.samples) == [1, 2])
        #expect(collected.total.samples == 4)
    }
}

@Suite struct `Percentiles` {
    /// The definitions applied to the sorted list itself, which is what the histogram avoids.
    private func slow(_ values: [Int64], _ p: Double, _ method: PercentileMethod) -> Double {
        let x = values.sorted()
        let n = x.count
        switch method {
        case .jmeter:
            let position = (p / 100) * Double(n + 1)
            if position < 1 { return Double(x[0]) }
            if position >= Double(n) { return Double(x[n - 1]) }
            let k = Int(position)
            return Double(x[k - 1]) + (position - Double(k)) * Double(x[k] - x[k - 1])
        case .aggregate:
            return Double(x[min(max(Int(Double(n) * (p / 100) + 0.5), 1), n) - 1])
        case .nearest:
            // In whole thousandths of a percent, where nothing is rounded.
            let rank = (Int((p * 1000).rounded()) * n + 99_999) / 100_000
            return Double(x[max(rank, 1) - 1])
        }
    }

    @Test(arguments: PercentileMethod.allCases)
    func `are those of the sorted list`(method: PercentileMethod) {
        var random = SplitMix(state: 3)
        for _ in 0..<300 {
            let values = (0..<Int.random(in: 1...120, using: &random)).map { _ in
                Int64.random(in: -50...20_000, using: &random)
            }
            var histogram = Histogram()
            for value in values { histogram.add(value) }
            let distribution = Distribution(histogram)
            for p in [0, 0.1, 1, 50, 90, 95, 99, 99.9, 100] {
                #expect(distribution.percentile(p, method) == slow(values, p, method), "p\(p)")
            }
        }
    }

    @Test func `of the nearest rank are right for every p of one decimal`() {
        var histogram = Histogram()
        for value in 1...1000 { histogram.add(Int64(value)) }
        let distribution = Distribution(histogram)
        for tenths in 1...1000 {
            #expect(distribution.percentile(Double(tenths) / 10, .nearest) == Double(tenths))
        }
    }

    @Test func `of nothing are unknown`() {
        #expect(Distribution(Histogram()).percentile(50) == nil)
    }
}
