// The HTML report: its data is the summary's, and nothing that a plan or a server says gets out of
// its place. What it looks like, `utility/check-page` asks a browser.

import FoundationEssentials
import JTL
import Testing

@testable import Results

@Suite struct `The page` {
    private func page(
        _ text: String, gates: [String] = [], workers: [ReportFacts.Worker] = [],
        marks: [ReportFacts.Mark] = []
    ) throws -> (String, Summary) {
        let folder = try TemporaryFolder()
        let path = try folder.write(text.utf8, to: "x.jtl")
        let statistics = try SampleFiles.read(
            [path], options: SampleFiles.Options(statistics: StatisticsOptions(intervals: true)))
        var summary = Summary(statistics)
        summary.verdict = Verdict.judge(summary, gates: try gates.map { try Gate(parsing: $0) })
        let facts = ReportFacts(
            title: "<plan>.jmx", facts: [.init("Fact", "</dd><b>")], workers: workers,
            marks: marks)
        return (try HTMLReport(summary, statistics, facts).text, summary)
    }

    /// What a browser would make of the page's data.
    static func data(of page: String) throws -> JSONValue {
        let parts = page.split(separator: "<script type=\"application/json\" id=\"data\">")
        let text = try #require(parts.last?.split(separator: "</script>").first)
        return try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }

    @Test func `has data that is summary.json, and rows that are the table's`() throws {
        var random = SplitMix(state: `All reports of a run`.seed)
        for number in 0..<(`All reports of a run`.isCampaign ? 200 : 20) {
            let (summary, statistics) = try RandomRun(&random).judged()
            let page = try HTMLReport(summary, statistics, ReportFacts(title: "x")).text
            let own = try JSONDecoder().decode(
                JSONValue.self, from: Data(try summary.json().utf8))
            let place = "seed \(`All reports of a run`.seed), run \(number)"
            #expect(try Self.data(of: page)["summary"] == own, "\(place)")
            for row in summary.labels + [summary.total] {
                let name = markupEscaped(DisplayText.visible(row.label))
                let mark = row.kind == .controller ? " *" : ""
                let head = name.isEmpty ? "(empty)" : name
                // By bytes: strings of Swift are equal where one é is two scalars, and labels aren't.
                let wantedHead = Array("<th scope=\"row\">\(head)\(mark)</th><td data-v=".utf8)
                let lines = page.split(separator: "\n").filter { $0.utf8.contains(wantedHead) }
                // A label may be called Total, too.
                let line = row.kind == .total ? lines.last : lines.first
                let cells = (line ?? "").split(separator: "<td").dropFirst()
                    .map { $0.drop { $0 != ">" }.dropFirst().prefix { $0 != "<" } }
                let wanted = ReportColumn.all.map { Substring($0.text(row)) }
                #expect(Array(cells.prefix(wanted.count)) == wanted, "\(place): \(row.label)")
            }
            // Only what the page itself is made of.
            #expect(page.split(separator: "<script").count == 5, "\(place)")
            let strange = page.unicodeScalars.filter {
                [.control, .format, .lineSeparator, .unassigned].contains(
                    $0.properties.generalCategory)
                    && $0 != "\n"
            }
            #expect(strange.allSatisfy { $0 == "\u{200D}" || $0 == "\u{202F}" }, "\(place)")
        }
    }

    @Test func `never lets text of a run become markup`() throws {
        let hostile = "</script><img src=x onerror=alert(1)>\u{2028}\u{202E}'\"\u{301}&"
        let field = CSVReport.quoted(hostile)
        let (page, _) = try page(
            "timeStamp,elapsed,label,success,responseCode,responseMessage\n"
                + "0,5,\(field),false,\(field),\(field)\n", gates: ["max(<b>) < 1s"])
        #expect(!page.contains("<img"))
        #expect(!page.contains("<b>"))
        #expect(!page.contains("\u{2028}"))
        #expect(!page.contains("\u{202E}"))
        #expect(page.contains("<h1>&lt;plan&gt;.jmx</h1>"))
    }

    @Test func `tells what happened when, in words and for the charts`() throws {
        let rows = (0..<60).map { "\(1_700_000_000_000 + $0 * 1000),5,a,true\n" }.joined()
        // Quotes and backslashes with an accent are as dangerous as others.
        let hostile = "worker-2 </script><b>was\u{202E}\nlost \"\u{301}\\\u{301}"
        let marks: [ReportFacts.Mark] = [
            .init(.lost, atMs: 1_700_000_030_500, hostile),
            .init(.ramp, atMs: 1_700_000_010_000, "all threads were started"),
            // Noticed when the samples were over.
            .init(.stopped, atMs: 1_700_000_100_000, "stopped"),
        ]
        let (page, _) = try page("timeStamp,elapsed,label,success\n" + rows, marks: marks)
        let places = [
            "all threads were started", "worker-2 &lt;/script&gt;&lt;b&gt;was", "stopped",
        ]
        for (number, (place, clock)) in zip(places, ["0:10", "0:30", "1:40"]).enumerated() {
            let row = page.split(separator: "\n").first {
                $0.contains("<th scope=\"row\">\(number + 1)</th>") && $0.contains(place)
            }
            #expect(row?.contains(">\(clock)</td>") == true, "\(place)")
        }
        #expect(!page.contains("<b>was"))
        guard case .array(let told) = try Self.data(of: page)["marks"] else {
            Issue.record("no marks")
            return
        }
        #expect(told.map { $0["kind"] } == ["ramp", "lost", "stopped"].map(JSONValue.string))
        #expect(told.first?["at"] == .number(1_700_000_010))
    }

    @Test func `shows how workers fared, those without a sample included`() throws {
        let usage = ReportFacts.Usage(mean: 34.25, peak: 91)
        let workers: [ReportFacts.Worker] = [
            .init(
                name: "worker-1", threads: 5, ending: "completed", skewMs: 12, cpu: usage,
                collection: .init(mean: 0.5, peak: 3)
            ),
            .init(name: "worker-2", ending: "<lost>"),
        ]
        let (page, _) = try page(
            "timeStamp,elapsed,label,success\n0,5,a,true\n", workers: workers)
        let row = page.split(separator: "\n").first { $0.contains(">worker-1</th>") } ?? ""
        for cell in [">5<", ">34.3%<", ">91.0%<", ">0.5%<", ">3.0%<", ">+12 ms<", ">completed<"] {
            #expect(row.contains(cell), "\(cell) in \(row)")
        }
        #expect(page.contains("worker-2</th><td class=\"text whole\">&lt;lost&gt;</td><td>-</td>"))
        #expect(page.contains("&lt;lost&gt;"))
    }

    @Test func `stays small, however long the run and however many its labels`() throws {
        var text = "timeStamp,elapsed,label,success\n"
        for index in 0..<40_000 {
            text +=
                "\(1_700_000_000_000 + index * 5000),\(index * 7919 % 3000),l\(index % 50),true\n"
        }
        let (page, _) = try page(text)
        let data = try Self.data(of: page)
        guard case .array(let slots) = data["time"]?["samples"] else {
            Issue.record("no slots")
            return
        }
        #expect((100...2000).contains(slots.count))
        #expect(page.utf8.count < 500_000)
    }

    @Test func `is there without samples, and without time stamps`() throws {
        let (empty, _) = try page("elapsed,label,success\n")
        #expect(empty.contains("The run can't be believed"))
        #expect(try Self.data(of: empty)["time"] == .null)
        let (untimed, _) = try page("elapsed,label,success\n5,a,true\n")
        #expect(!untimed.contains("id=\"chart-rate\""))
        #expect(untimed.contains("id=\"chart-distribution\""))
    }

    @Test(arguments: [
        // Fast, fair, slow and failed samples; the index, or its bounds.
        ([10, 600, 2000], 0, "0.50"), ([10, 600, 2000], 1, "0.17–0.50"), ([10, 10], 2, "0.00"),
        ([2000], 1, "0.00"), ([600, 2000], 2, "0.00"),
    ])
    func `gives the APDEX, or says between what it lies`(
        times: [Int], errors: Int, text: String
    ) throws {
        let lines = times.enumerated().map { "\($0.element),a,\($0.offset >= errors)\n" }
        let total = try summary("elapsed,label,success\n" + lines.joined()).total
        #expect(Apdex(total)?.text == text)
    }
}
