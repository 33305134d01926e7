// A timeline against a slow and obvious one: samples sorted into slots one by one.

import Testing

@testable import JTL

@Suite struct `A timeline` {
    private struct Row {
        var second: Int64
        var elapsed: Int64
        var isSuccess: Bool
        var threads: Int
        var code: String
    }

    private static func rows(_ count: Int, span: Int64, _ random: inout SystemRandomNumberGenerator)
        -> [Row]
    {
        (0..<count).map { _ in
            let isSuccess = Int.random(in: 0..<5, using: &random) > 0
            return Row(
                second: 1_700_000_000 + Int64.random(in: 0..<span, using: &random),
                elapsed: Int64.random(in: 0..<(isSuccess ? 400 : 40_000), using: &random),
                isSuccess: isSuccess, threads: Int.random(in: 1..<50, using: &random),
                code: isSuccess ? "200" : "50\(Int.random(in: 0..<3, using: &random))")
        }
    }

    private static func statistics(of rows: [Row]) throws -> Statistics {
        var text = "timeStamp,elapsed,label,responseCode,responseMessage,success,allThreads\n"
        for (index, row) in rows.enumerated() {
            text += "\(row.second * 1000 + Int64(index % 1000)),\(row.elapsed),l\(index % 3),"
            text += "\(row.code),\(row.isSuccess ? "OK" : "no"),\(row.isSuccess),\(row.threads)\n"
        }
        var statistics = Statistics(StatisticsOptions(intervals: true))
        var reader = StreamReader(
            ReaderOptions(source: "rows"), collecting: statistics.options)
        try text.utf8.withContiguousStorageIfAvailable {
            try reader.consume(UnsafeRawBufferPointer($0))
        }
        try reader.finish(into: &statistics)
        return statistics
    }

    @Test(arguments: [(1, 1), (10, 5), (2000, 37), (3000, 900), (3000, 100_000)])
    func `has in each slot what its samples add up to`(count: Int, span: Int) throws {
        var random = SystemRandomNumberGenerator()
        let sources = [
            Self.rows(count, span: Int64(span), &random),
            Self.rows(count / 2 + 1, span: Int64(span), &random),
        ]
        var whole = Statistics(StatisticsOptions(intervals: true))
        for (number, rows) in sources.enumerated() {
            whole.begin(source: "worker-\(number + 1)")
            whole.merge(try Self.statistics(of: rows))
        }
        let series = try #require(whole.intervals)
        let timeline = try #require(Timeline(series, slots: 50, .nearest))
        #expect(timeline.slots.count <= 50)
        let all = sources.flatMap(\.self)
        #expect(timeline.firstSecond == all.map(\.second).min())
        #expect(timeline.lastSecond == all.map(\.second).max())
        for (index, slot) in timeline.slots.enumerated() {
            let start = timeline.start(of: index)
            let isWithin = { (row: Row) in
                (start..<start + timeline.secondsPerSlot).contains(row.second)
            }
            let own = all.filter(isWithin)
            #expect(slot.samples == own.count)
            #expect(slot.errors == own.count { !$0.isSuccess })
            #expect(slot.elapsedSum == own.reduce(0) { $0 + Int128($1.elapsed) })
            let times = own.map(\.elapsed).sorted()
            #expect(slot.max == times.last)
            #expect(slot.p50 == (times.isEmpty ? nil : Double(times[(times.count - 1) / 2])))
            let threads = sources.map { $0.filter(isWithin).map(\.threads).max() ?? 0 }
            #expect(slot.threads == Int64(threads.reduce(0, +)))
            for entry in slot.codes {
                #expect(entry.times == own.count { $0.code == timeline.codes[entry.code] })
            }
            #expect(slot.codes.reduce(0) { $0 + $1.times } == own.count)
        }
        #expect(timeline.sources.map(\.name) == ["worker-1", "worker-2"])
        #expect(timeline.sources.map(\.samples) == sources.map(\.count))
        for code in ["500", "501", "502"] {
            let seconds = all.filter { $0.code == code }.map(\.second)
            #expect(timeline.failures["\(code)/no"]?.first == seconds.min())
            #expect(timeline.failures["\(code)/no"]?.last == seconds.max())
        }
    }

    @Test(arguments: [LabelFilter?.none, LabelFilter(["l1"])])
    func `needs no intervals`(labels: LabelFilter?) throws {
        var random = SystemRandomNumberGenerator()
        var text = "timeStamp,elapsed,label,responseCode,responseMessage,success,allThreads\n"
        for index in 0..<3000 {
            // Most come in order; some are late, negative, enormous, or transaction controllers'.
            let start = 1_700_000_000_000 + index * 9 - (index % 50 == 0 ? 20_000 : 0)
            let elapsed =
                index % 97 == 0
                ? [-5, 1 << 40].randomElement(using: &random) ?? 0
                : Int.random(in: 0..<3000, using: &random)
            let message =
                index % 11 == 0 ? "Number of samples in transaction : 2" : "OK, \(index % 3)"
            text += "\(start),\(elapsed),l\(index % 4),\(200 + index % 5),\"\(message)\","
            text += "\(index % 6 > 0),\(Int.random(in: 0..<90, using: &random))\n"
        }
        let selection = SampleSelection(labels: labels)
        var options = StatisticsOptions(intervals: true, selection: selection)
        let wanted = try #require(try Self.timeline(text, options))
        options = StatisticsOptions(timeline: true, selection: selection)
        #expect(try Self.timeline(text, options) == wanted)
        #expect(try Self.timeline(text, options, slowly: true) == wanted)
        #expect(try Self.read(text, options).intervals == nil)
        // The summary is that of a report without a timeline.
        let plain = try Self.read(text, StatisticsOptions(selection: selection))
        #expect(try Self.read(text, options).total == plain.total)
    }

    @Test(arguments: 0..<VectorLoops.levels)
    func `is the same of dense, late and unusual rows`(level: Int) throws {
        for seed in 0..<6 {
            var random = SplitMix(state: UInt64(seed))
            let text = Self.unusual(&random, rows: 40_000)
            let wanted = try #require(
                try Self.timeline(text, StatisticsOptions(intervals: true), slowly: true))
            for threads in [1, 3] {
                var reader = SegmentedReader(threads: threads)
                (reader.vectors, reader.smallestSegment) = (level, 1 << 16)
                var statistics = Statistics(StatisticsOptions(timeline: true))
                let bytes = Array(text.utf8)
                try reader.read(size: bytes.count, into: &statistics) { offset, buffer in
                    let part = bytes[min(offset, bytes.count)...].prefix(buffer.count)
                    buffer.copyBytes(from: part)
                    return part.count
                }
                #expect(statistics.timeline(.jmeter).map(TimelineFigures.init) == wanted)
            }
        }
    }

    /// Seconds of some thousand rows: times that hundreds of rows share, some of each millisecond
    /// and rare ones; more codes than are known at a time, which change; rows of other seconds.
    private static func unusual(_ random: inout SplitMix, rows: Int) -> String {
        let width = [1, 4, 40].randomElement(using: &random) ?? 1
        var text = "timeStamp,elapsed,label,responseCode,responseMessage,success,allThreads\n"
        for index in 0..<rows {
            var start = 1_700_000_000_000 + index / width
            if index % 31 == 0 { start -= Int.random(in: 0..<60_000, using: &random) }
            if index % 5003 == 0 { start += 3_600_000 }
            let elapsed =
                switch Int.random(in: 0..<10, using: &random) {
                case 0: Int.random(in: 0..<20_000, using: &random)
                case 1...4: Int.random(in: 60..<300, using: &random)
                case 5: Int.random(in: 16_300..<16_500, using: &random)
                default: 42
                }
            let code =
                switch index % 7 {
                case 0: "\(400 + Int.random(in: 0..<12, using: &random))"
                case 1: index % 49 == 1 ? "a long response code" : "\"200\""
                case 2: index % 21 == 2 ? "" : "304"
                default: index < rows / 2 ? "500" : "200"
                }
            text += "\(start),\(elapsed),l\(index % 3),\(code),m\(index % 4),"
            text += "\(index % 9 > 0),\(Int.random(in: 0..<90, using: &random))\n"
        }
        return text
    }

    private static func timeline(
        _ text: String, _ options: StatisticsOptions, slowly: Bool = false
    ) throws -> TimelineFigures? {
        try read(text, options, slowly: slowly).timeline(.jmeter).map(TimelineFigures.init)
    }

    private static func read(
        _ text: String, _ options: StatisticsOptions, slowly: Bool = false
    ) throws -> Statistics {
        var statistics = Statistics(options)
        var text = Array(text.utf8)
        try text.withUnsafeMutableBytes { bytes in
            if slowly {
                var reader = SampleReader()
                try reader.consume(UnsafeRawBufferPointer(bytes), into: &statistics)
                try reader.finish(into: &statistics)
            } else {
                var reader = StreamReader(collecting: options)
                try reader.consume(UnsafeRawBufferPointer(bytes))
                try reader.finish(into: &statistics)
            }
        }
        return statistics
    }

    @Test func `has no failure of a row without a time stamp`() throws {
        // Behind a header without that column, a row must not be taken for one of the last second.
        let text = """
            timeStamp,elapsed,label,success,responseCode,responseMessage
            1700000000000,5,a,false,500,first
            elapsed,label,success,responseCode,responseMessage
            5,a,false,500,second

            """
        let options = StatisticsOptions(timeline: true)
        let told = try #require(try Self.timeline(text, options))
        #expect(told == (try Self.timeline(text, options, slowly: true)))
        #expect(told.failures.keys.sorted() == ["500/first"])
    }

    @Test func `has the codes of the first second there is`() throws {
        let text = """
            timeStamp,elapsed,label,success,responseCode,responseMessage
            1700000000000,5,a,true,200,OK
            -9223372036854775808,5,a,true,204,OK

            """
        let options = StatisticsOptions(timeline: true)
        let told = try #require(try Self.timeline(text, options))
        #expect(told == (try Self.timeline(text, options, slowly: true)))
    }

    @Test func `is not there without time stamps`() throws {
        var statistics = Statistics(StatisticsOptions(intervals: true))
        var reader = StreamReader(ReaderOptions(source: "rows"), collecting: statistics.options)
        try Array("elapsed,label,success\n5,a,true\n".utf8).withUnsafeBytes {
            try reader.consume($0)
        }
        try reader.finish(into: &statistics)
        let series = try #require(statistics.intervals)
        #expect(Timeline(series, .jmeter) == nil)
    }

    @Test func `of absurd times has no more slots than asked for`() throws {
        let row = Row(second: 0, elapsed: 1, isSuccess: true, threads: 1, code: "200")
        var rows = [row, row]
        rows[0].second = -9_000_000_000_000
        rows[1].second = 9_000_000_000_000
        let series = try #require(try Self.statistics(of: rows).intervals)
        let timeline = try #require(Timeline(series, .jmeter))
        #expect((1...2000).contains(timeline.slots.count))
        #expect(timeline.slots.reduce(0) { $0 + $1.samples } == 2)
        #expect((0..<timeline.slots.count).allSatisfy { timeline.covered(of: $0) > 0 })
    }
}
