// Samples to send: of hostile labels, and as many as wanted.

import AWS
import CurlHTTP
import Foundation
import LoadfleetTesting
import Results

@testable import Export

enum SampleText {
    static let labels = [
        "plain", "a b,c=d", "<script>alert(1)</script>", "\"quoted\" & 'so'", "line\nend",
        "cr\rlf\r\n", "tab\tx", "back\\", "😀👩‍👩‍👧", "\u{202E}txet", "\u{2028}x", "日本語", "",
        " blank ", "\u{1B}[31m", "Total", "x\u{0}y", String(repeating: "long ", count: 60),
    ]

    /// A JTL; what the samples are follows from their numbers.
    static func jtl(_ count: Int, start: Int64 = 1_700_000_000_000) -> String {
        var text =
            "timeStamp,elapsed,label,responseCode,responseMessage,threadName,success,"
            + "failureMessage,bytes,sentBytes,allThreads,URL,Latency,Connect\n"
        for number in 0..<count {
            let label = labels[number % labels.count].replacing("\"", with: "\"\"")
            let isSuccess = number % 7 != 0
            text += "\(start + Int64(number / 3)),\(number % 1000),\"\(label)\","
            text += isSuccess ? "200,OK" : "500,\"no, \"\"really\"\"\""
            text += ",Users 1-\(number % 5),\(isSuccess),\(isSuccess ? "" : "expected 200"),"
            text += "1024,100,5,http://shop.test/?a=\(number % 3),\(number % 90),\(number % 9)\n"
        }
        return text
    }

    /// A run of some workers, judged.
    static func run(
        _ name: String = "20270115-080000-q7x2", workers: Int = 2, samples: Int,
        in folder: TemporaryFolder, gates: [String] = ["p95 < 100ms", "samples > 1"]
    ) throws -> ExportedRun {
        let files = try (1...workers).map { worker in
            try folder.write("samples/worker-\(worker).jtl", jtl(samples))
            return "\(folder.path)/samples/worker-\(worker).jtl"
        }
        var summary = Summary(try SampleFiles.read(files))
        summary.verdict = Verdict.judge(summary, gates: try gates.map(Gate.init(parsing:)))
        return try ExportedRun(
            name: name, summary: summary, sampleFiles: files, plan: "shop.jmx", fleet: "f")
    }
}

extension Courier {
    /// One that does not wait for long, since the servers of tests have little time.
    static func hasty(attempts: Int = 60) throws -> Courier {
        var rules = Courier.rules
        rules.attempts = attempts
        rules.transientBase = .milliseconds(1)
        rules.throttlingBase = .milliseconds(1)
        rules.cap = .milliseconds(5)
        rules.transientCost = 0
        rules.throttlingCost = 0
        return Courier(try CurlTransport(), rules: rules)
    }
}

extension Server {
    /// A server of a test.
    init(_ url: String, _ kind: ExportTarget.Kind) throws {
        try self.init(url, of: kind, in: [:])
    }
}
