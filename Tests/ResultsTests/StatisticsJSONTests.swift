// JMeter's own statistics.json against ours, byte by byte: notation, order of fields, order of
// labels. Only the mean may differ, by what JMeter's running mean loses.

import JTL
import Testing

@testable import Results

@Suite struct `JMeter's statistics` {
    @Test(.enabled(if: SharedCases.arePresent), arguments: SharedCases.answered)
    func `are equal digit for digit`(name: String) throws {
        // JMeter loses the first sample of a file without a header, on purpose we do not.
        if name == "s23-no-header" { return }
        var options = SampleFiles.Options()
        if name.hasPrefix("s03") { options.statistics.window = 20_000 }
        if name.hasPrefix("s34") {
            options.timestamps = .pattern(try TimestampPattern("yyyy/MM/dd HH:mm:ss.SSS"))
        }
        let ours = StatisticsJSON.text(
            try SampleFiles.read([SharedCases.path(name)], options: options))
        let theirs = try SharedCases.text(name, "statistics.json")
        let pairs = zip(lines(ours), lines(theirs))
        #expect(lines(ours).count == lines(theirs).count)
        for (our, their) in pairs where our != their {
            let (a, b) = (try #require(mean(our)), try #require(mean(their)))
            #expect(abs(a - b) <= abs(b) * 1e-14, "\(our) | \(their)")
        }
    }

    @Test(.enabled(if: SharedCases.arePresent))
    func `of a file without a header lack its first sample, and ours do not`() throws {
        let statistics = try SampleFiles.read([SharedCases.path("s23-no-header")])
        #expect(statistics.total.samples == 6)
        #expect(statistics.total.minElapsed == 100)
        #expect(try SharedCases.text("s23-no-header", "statistics.json").contains(" : 5,"))
    }

    @Test func `let a sampler named Total take the place of the overall entry`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(
            "timeStamp,elapsed,label,success\n0,5,Total,true\n9,7,a,true\n".utf8, to: "x.jtl")
        let statistics = try SampleFiles.read([path])
        let text = StatisticsJSON.text(statistics)
        #expect(lines(text).count { $0.contains("\"transaction\" : \"Total\"") } == 1)
        #expect(text.contains("\"meanResTime\" : 5.0"))
        // Our own summary keeps both.
        let summary = Summary(statistics)
        #expect(summary.total.samples == 2)
        #expect(summary.labels.map(\.samples) == [1, 1])
    }

    private func lines(_ text: String) -> [Substring] { text.split(separator: "\n") }

    private func mean(_ line: Substring) -> Double? {
        guard line.contains("\"meanResTime\" : ") else { return nil }
        return Double(
            line.split(separator: " ").last?.drop { $0 == "\"" }.prefix { $0 != "," } ?? "")
    }
}

@Suite struct `Java's numbers` {
    /// Expected values: Java's specification of Double.toString and what JMeter printed.
    @Test(arguments: [
        (0, "0.0"), (-0.0, "-0.0"), (1, "1.0"), (0.001, "0.001"), (0.00099, "9.9E-4"),
        (9_999_999, "9999999.0"), (10_000_000, "1.0E7"), (12_345_678.9, "1.23456789E7"),
        (1e-5, "1.0E-5"), (9.223372036854775807e18, "9.223372036854776E18"),
        (-9.223372036854775807e18, "-9.223372036854776E18"), (100, "100.0"), (0.1, "0.1"),
        (33.333333333333336, "33.333333333333336"), (1e16, "1.0E16"), (123456.5, "123456.5"),
        (.nan, "NaN"), (.infinity, "Infinity"), (-.infinity, "-Infinity"),
    ])
    func `are written as Java writes them`(value: Double, text: String) {
        #expect(JavaNumber.text(value) == text)
    }

    @Test func `of 32 bits have the digits of 32 bits`() {
        #expect(JavaNumber.text(Float(1.25621785)) == "1.2562178")
        #expect(JavaNumber.text(Float(200.0 / 3)) == "66.666664")
    }

    @Test(arguments: [Double(0.1) + 0.2, 1 / 3.0, 1.7976931348623157e308, 6.02e23])
    func `read back as the same number`(value: Double) {
        #expect(Double(JavaNumber.text(value)) == value)
    }
}
