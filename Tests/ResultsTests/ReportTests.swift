// Reports: what people and programs see. Labels may hold anything; terminals, spreadsheets and
// Markdown must survive it.

import Testing

@testable import Results

@Suite struct `Reports` {
    @Test func `as a table show labels, total, errors, gates, and the verdict last`() throws {
        var some = try summary()
        some.verdict = Verdict.judge(some, gates: [try Gate(parsing: "max < 1ms")])
        #expect(
            TableReport(some, width: 100).text == """
                Label     Samples  Errors  Mean  p50  p90  p95  p99  Max  Rate/s  KB/s
                a               2   0.00%    15   15   20   20   20   20     3.8   0.0
                Checkout        2  50.00%    35   35   40   40   40   40     2.0   0.0
                TC *            1   0.00%    70   70   70   70   70   70    14.3   0.0
                Empty *         0       -     -    -    -    -    -    -       -     -
                Total           4  25.00%    25   25   40   40   40   40     2.0   0.0
                times in ms; percentiles: jmeter; * transaction controller, not in Total

                Errors by kind
                  1  500/Oops, "no"

                Gates
                  ✗ max < 1ms: 40ms in total

                Verdict: failed: 1 of 1 gates not met

                """)
    }

    @Test(arguments: [80, 100])
    func `as a table keep to the width whatever the labels`(width: Int) throws {
        let long = String(repeating: "長いラベル😀", count: 20)
        let text = TableReport(
            try summary("elapsed,label,success\n5,\(long),true\n6,\u{1B}[31mred\u{7},true\n"),
            width: width
        ).text
        let table = text.split(separator: "\n").prefix(4)
        #expect(table.allSatisfy { DisplayText.width(String($0)) <= width })
        #expect(Set(table.map { DisplayText.width(String($0)) }).count == 1)
        #expect(text.contains("…"))
    }

    @Test func `never let a label command the terminal`() throws {
        let label = "\u{1B}[31m\u{7}\u{9B}\u{202E}\u{200B}\u{0}x"
        var some = try summary("elapsed,label,success,responseMessage\n5,\(label),false,\(label)\n")
        some.verdict = Verdict.judge(some, gates: [try Gate(parsing: "max(\(label)) < 1ms")])
        for text in [TableReport(some).text, MarkdownReport.text(some)] {
            let raw = text.unicodeScalars.filter {
                [.control, .format].contains($0.properties.generalCategory) && $0 != "\n"
            }
            #expect(raw.isEmpty)
            #expect(text.contains("u{1B}"))
        }
    }

    @Test(arguments: [
        ("abc", 3), ("日本", 4), ("e\u{301}", 1), ("😀", 2), ("👩‍👩‍👧", 2), ("❤️", 2), ("ｱ", 1), ("Ａ", 2),
    ])
    func `know how many columns text takes`(text: String, columns: Int) {
        #expect(DisplayText.width(text) == columns)
    }

    @Test func `shorten text in its middle`() {
        #expect(DisplayText.fit("abcdefghij", columns: 5) == "ab…ij")
        #expect(DisplayText.fit("日本語日本語", columns: 6) == "日…語")
        #expect(DisplayText.fit("abc", columns: 3) == "abc")
    }

    @Test(arguments: [
        ("plain", "plain"), ("a,b", "\"a,b\""), ("say \"hi\"", "\"say \"\"hi\"\"\""),
        ("=1+1", "'=1+1"), ("@x", "'@x"), ("+x", "'+x"), ("-x", "'-x"), ("\tx", "'\tx"),
        ("a\r\nb", "\"a\r\nb\""), ("=a,b", "\"'=a,b\""), ("", ""),
        ("a\"\u{301}", "\"a\"\"\u{301}\""),
    ])
    func `as CSV hold any text, but no formulas`(text: String, field: String) {
        #expect(CSVReport.field(text) == field)
    }

    @Test func `as CSV have one line a label and leave out what is not known`() throws {
        let lines = CSVReport.text(try summary()).split(separator: "\r\n")
        #expect(lines.count == 6)
        #expect(lines[1].hasPrefix("a,sampler,2,0,0.0,15.0,10.0,15.0,"))
        #expect(lines[4] == "Empty,controller,0,0,,,,,,,,,,,")
    }

    @Test func `escape what has an accent behind it, too`() {
        #expect(MarkdownReport.escaped("a|\u{301}<\u{301}") == "a\\|\u{301}&lt;\u{301}")
        #expect(OpenMetricsReport.escaped("\"\u{301}\n") == "\\\"\u{301}\\n")
    }

    @Test func `as Markdown keep labels within their cells`() throws {
        let text = MarkdownReport.text(try summary("elapsed,label,success\n5,a|b<i>`*,true\n"))
        #expect(text.contains("| a\\|b&lt;i>\\`\\* | 1 |"))
    }

    @Test(
        arguments: [
            (0, 0, "0"), (0.5, 0, "1"), (1234.567, 2, "1234.57"), (0.004, 2, "0.00"),
            (-1.5, 1, "-1.5"),
            (-0.001, 2, "0.00"), (1e18, 1, "1e+18"), (.infinity, 1, "∞"),
        ] as [(Double, Int, String)])
    func `round figures to decimal places`(value: Double, places: Int, text: String) {
        #expect(FixedPoint.text(value, places: places) == text)
    }
}
