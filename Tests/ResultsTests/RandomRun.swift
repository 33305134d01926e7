// Small random runs with labels that reports have to survive.

import FoundationEssentials
import JTL

@testable import Results

/// Random results, and how they are judged.
struct RandomRun {
    static let hostile = [
        "plain", "a b,c=d", "=1+1", "-x", "@x", "<script>alert(1)</script>",
        "</script><b>", "\"quoted\" & 'so'", "line\nend", "cr\rlf\r\n", "tab\tx", "back\\",
        "\\n", "|pipe|", "*_`[x]", "😀👩‍👩‍👧", "\u{202E}txet", "\u{2028}x\u{2029}", "日本語", "e\u{301}",
        "é", "", " blank ", "\u{1B}[31m", "\u{7F}", "#x", "Total", "%0A::error::x", "\u{FFFE}",
        String(repeating: "long ", count: 60), "{a=\"b\"}", "x\u{0}y",
    ]

    let text: String
    let gates: [String]

    init(_ random: inout SplitMix) {
        var labels = Array(
            Self.hostile.shuffled(using: &random).prefix(Int.random(in: 1...8, using: &random)))
        if Bool.random(using: &random) { labels = labels.map { $0 + "\(random.next() % 10)" } }
        let count = [0, 1, 2, 10, 300].randomElement(using: &random) ?? 1
        let start = Int64.random(in: 0...1_900_000_000_000, using: &random)
        let span = [1, 900, 70_000, 9_000_000].randomElement(using: &random) ?? 1
        var lines = [
            "timeStamp,elapsed,label,responseCode,responseMessage,success,bytes,sentBytes,"
                + "allThreads,Latency,Connect"
        ]
        for _ in 0..<count {
            let label = labels.randomElement(using: &random) ?? ""
            let isSuccess = Int.random(in: 0..<4, using: &random) > 0
            let elapsed = Int.random(
                in: 0...([3, 500, 90_000].randomElement(using: &random) ?? 3), using: &random)
            let message = isSuccess ? "OK" : Self.hostile.randomElement(using: &random) ?? ""
            lines.append(
                [
                    "\(start + Int64.random(in: 0..<Int64(span), using: &random))", "\(elapsed)",
                    Self.quoted(label), isSuccess ? "200" : "500", Self.quoted(message),
                    "\(isSuccess)", "\(random.next() % 100_000)", "\(random.next() % 1000)",
                    "\(random.next() % 50)", "\(elapsed / 2)", "\(elapsed / 3)",
                ].joined(separator: ","))
        }
        text = lines.map { $0 + "\n" }.joined()
        let names = labels.filter { !$0.contains("\"") && !$0.contains("\n") }
        gates =
            ["p95 < \(random.next() % 1000)ms", "errors < 20%", "p99(nobody) < 1s", "rps > 5"]
            + names.prefix(3).map { "max(\"\($0)\") < 400ms" }
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\"", with: "\"\"") + "\""
    }

    /// The run summarized and judged, with its figures by the second.
    func judged() throws -> (summary: Summary, statistics: Statistics) {
        let folder = try TemporaryFolder()
        let path = try folder.write(text.utf8, to: "x.jtl")
        let statistics = try SampleFiles.read(
            [path], options: SampleFiles.Options(statistics: StatisticsOptions(intervals: true)))
        var summary = Summary(statistics)
        // A label that the language of gates can't name gets no gate.
        summary.verdict = Verdict.judge(summary, gates: gates.compactMap { try? Gate(parsing: $0) })
        return (summary, statistics)
    }
}
