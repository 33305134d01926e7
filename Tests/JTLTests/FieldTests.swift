// Fields: numbers, truth, text and time stamps, by Java's rules.

import JTL
import Testing

@Suite struct `Fields` {
    @Test(
        arguments: [
            (" 5", 5), ("6 ", 6), ("+7", 7), ("007", 7), ("-12", -12), ("\u{1}8", 8),
            ("9223372036854775807", .max), ("-9223372036854775808", .min),
        ] as [(String, Int64)])
    func `that are numbers are read as Java reads them`(text: String, number: Int64) throws {
        let total = try statistics(file("0,\(text),L,200,OK,true,1,1,1")).total
        #expect(total.elapsed.counts.map(\.value) == [number])
    }

    @Test(arguments: ["", " ", "+", "-", "--1", "1 2", "1e3", "0x1", "٣", "1.0"])
    func `that are no numbers make no sample`(text: String) throws {
        let found = try statistics(file("0,\(text),L,200,OK,true,1,1,1"))
        #expect(found.total.samples == 0)
        #expect(found.unusable.counts == [.badNumber: 1])
    }

    @Test(arguments: [
        ("true", 0), ("TRUE", 0), ("True", 0), ("false", 1), ("yes", 1), ("1", 1), ("", 1),
        (" true", 1),
    ])
    func `that say success are true in any case and nothing else`(text: String, errors: Int) throws
    {
        #expect(try statistics(file(row(success: text))).total.errors == errors)
    }

    @Test func `that are labels are exact, even where Unicode sees no difference`() throws {
        let found = try statistics(
            file(row(1, 1, "\u{E9}"), row(2, 2, "e\u{301}"), row(3, 3, " a"), row(4, 4, "a")),
            collecting: StatisticsOptions(intervals: true))
        #expect(found.labels.count == 4)
        #expect(found.intervals?.intervals.first?.cells.count == 4)
    }

    /// Expected values: what a Java 17 decoder made of these bytes in JMeter's own report.
    @Test(
        arguments: [
            ([0x63, 0xE9], "c\u{FFFD}"), ([0xED, 0xA0, 0x80, 0x78], "\u{FFFD}x"),
            ([0xF0, 0x90, 0x80, 0x78], "\u{FFFD}x"),
            ([0xE0, 0x80, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"),
            ([0xF4, 0x90, 0x80, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
            ([0xFF, 0xFE], "\u{FFFD}\u{FFFD}"), ([0xF0, 0x9F, 0x98, 0x80], "😀"),
        ] as [([UInt8], String)])
    func `that are no UTF-8 are repaired like Java does`(label: [UInt8], text: String) throws {
        let bytes = Array("\(header)\n1,2,".utf8) + label + Array(",200,OK,true,1,2,3\n".utf8)
        let found = try statistics(bytes)
        #expect(found.labels.map { Array($0.label.utf8) } == [Array(text.utf8)])
    }

    @Test func `that differ only in broken bytes are one label`() throws {
        var bytes = Array("\(header)\n".utf8)
        for broken in [0xE8, 0xE9, 0xE8] as [UInt8] {
            bytes += Array("1,2,caf".utf8) + [broken] + Array(",200,OK,true,1,2,3\n".utf8)
        }
        let found = try statistics(bytes)
        #expect(found.labels.map(\.samples.samples) == [3])
    }

    @Test func `that mark transaction controllers keep them out of the total`() throws {
        let mark = "\"Number of samples in transaction : 2, number of failing samples : 0\""
        let none = "\"Number of samples in transaction : 0, number of failing samples : 0\""
        let found = try statistics(
            file(row(), row(1, 300, "TC", message: mark), row(1, 0, "Empty", message: none)))
        #expect(found.total.samples == 1)
        #expect(found.labels.map(\.label) == ["L", "TC", "Empty"])
        #expect(found.labels.map(\.all.samples) == [1, 1, 0])
        #expect(found.labels.map(\.isController) == [false, true, true])
    }

    @Test func `of failures are counted by kind`() throws {
        let found = try statistics(
            "elapsed,label,success,responseCode,responseMessage,failureMessage\n"
                + "1,a,false,500,Oops,\n1,a,false,500,Oops,ignored\n1,a,false,200,OK,too slow\n"
                + "1,a,false,,,\n1,a,true,200,OK,\n")
        #expect(found.total.failures.counts.map(\.text) == ["500/Oops", "", "too slow"])
        #expect(found.total.failures.counts.map(\.times) == [2, 1, 1])
        #expect(found.total.responseCodes.counts.map(\.text) == ["200", "500", ""])
    }
}

@Suite struct `Time stamps` {
    /// Expected values: `date -u -d ... +%s%3N` of GNU coreutils.
    @Test(
        arguments: [
            ("yyyy/MM/dd HH:mm:ss.SSS", "2023/11/14 22:13:20.123", 1_700_000_000_123),
            ("yyyy-MM-dd'T'HH:mm:ssX", "2024-02-29T23:59:59Z", 1_709_251_199_000),
            ("yyyy-MM-dd'T'HH:mm:ss.SSSZ", "2023-11-15T00:13:20.000+0200", 1_700_000_000_000),
            ("dd.MM.yy HH:mm", "14.11.23 22:13", 1_699_999_980_000),
            ("MM/dd/yyyy hh:mm:ss a", "11/14/2023 10:13:20 PM", 1_700_000_000_000),
            ("yyyyMMddHHmmss", "20231114221320", 1_700_000_000_000),
            ("yyyy-MM-dd HH:mm", "1969-12-31 23:59", -60_000),
        ] as [(String, String, Int64)])
    func `are read by declared patterns`(pattern: String, text: String, time: Int64) throws {
        let options = ReaderOptions(timestamps: .pattern(try TimestampPattern(pattern)))
        let total = try statistics(
            "timeStamp,elapsed,label,success\n\(text),5,a,true\n", options: options
        ).total
        #expect(total.firstStart == time)
    }

    @Test(arguments: [
        "2023/11/14 22:13:20.000", "2023-11-14 22:13:20.000", "2023-11-14T22:13:20.000",
        "2023-11-14T22:13:20Z", "2023/11/14 22:13:20", "1700000000000",
        "2023-11-15T00:13:20.000+02:00",
    ])
    func `of common shapes are recognized without being declared`(text: String) throws {
        let total = try statistics("timeStamp,elapsed,label,success\n\(text),5,a,true\n").total
        #expect(total.firstStart == 1_700_000_000_000)
    }

    @Test func `without a zone are taken at the stated offset`() throws {
        let pattern = try TimestampPattern("yyyy-MM-dd HH:mm:ss", offsetSeconds: -3600)
        let total = try statistics(
            "timeStamp,elapsed,label,success\n2023-11-14 21:13:20,5,a,true\n",
            options: ReaderOptions(timestamps: .pattern(pattern))
        ).total
        #expect(total.firstStart == 1_700_000_000_000)
    }

    @Test(arguments: ["2023/13/01 00:00:00.000", "2023/02/29 00:00:00.000", "2023/01/01", "x"])
    func `that name no moment make no sample`(text: String) throws {
        let found = try statistics("timeStamp,elapsed,label,success\n\(text),5,a,true\n")
        #expect(found.unusable.counts == [.badNumber: 1])
    }

    @Test(arguments: ["EEE yyyy", "dd MMM yyyy", "yyyy 'open", "HH:mm"])
    func `have patterns that are refused rather than guessed at`(pattern: String) {
        #expect(throws: JTLError.self) { _ = try TimestampPattern(pattern) }
    }
}
