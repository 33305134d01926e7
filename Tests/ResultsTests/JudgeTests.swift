// Reports before those who are to read them: Prometheus' own tool, its Python client, a real
// InfluxDB, and Chromium with axe-core.

import FoundationEssentials
import Glibc
import Testing

@testable import Results

@Suite(.enabled(if: Judges.areThere, "utility/report-test-tools puts the judges in place"))
struct `Judges of reports` {
    @Test func `take all of them`() throws {
        let seed = `All reports of a run`.seed
        print("random runs: LOADFLEET_SEED=\(seed)")
        var random = SplitMix(state: seed)
        let folder = try TemporaryFolder()
        let isLong = `All reports of a run`.isCampaign
        for number in 0..<(isLong ? 200 : 10) {
            let (summary, statistics) = try RandomRun(&random).judged()
            _ = try folder.write(OpenMetricsReport.text(summary).utf8, to: "\(number).prom")
            _ = try folder.write(InfluxReport.text(summary).utf8, to: "\(number).influx")
            guard number < (isLong ? 20 : 3) else { continue }
            let facts = Self.facts(number, summary.total.firstStartMs ?? 0)
            let page = HTMLReport(summary, statistics, facts)
            _ = try folder.write(try page.text.utf8, to: "\(number).html")
        }
        let faults = try Judges.judge(folder.path)
        #expect(faults.isEmpty, "\(faults)")
    }
}

extension `Judges of reports` {
    /// Facts of a run that began at a moment, epoch milliseconds; every other one knows none.
    private static func facts(_ number: Int, _ start: Int64) -> ReportFacts {
        var facts = ReportFacts(title: "Run \(number)")
        guard number.isMultiple(of: 2) else { return facts }
        facts.marks = RandomRun.hostile.enumerated().map { index, text in
            .init(index == 0 ? .ramp : .lost, atMs: start + Int64(index * 400), text)
        }
        facts.workers = RandomRun.hostile.prefix(5).map {
            .init(
                name: $0, threads: 5, ending: $0, skewMs: 7, cpu: .init(mean: 12.5, peak: 40))
        }
        return facts
    }
}

enum Judges {
    private static let tools = SharedCases.package + "/.build/report-test-tools"

    static var areThere: Bool { FileManager.default.fileExists(atPath: tools + "/installed") }

    /// What the judges of the reports in a folder say against them.
    static func judge(_ folder: String) throws -> String {
        let words = [tools + "/bin/python", SharedCases.package + "/utility/judge-reports", folder]
        let output = folder + "/faults.txt"
        let command = words.map { "'\($0)'" }.joined(separator: " ") + " >'\(output)' 2>&1"
        var pid = pid_t()
        let shell = ["sh", "-c", command]
        var arguments: [UnsafeMutablePointer<CChar>?] = shell.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        try #require(posix_spawnp(&pid, "sh", nil, nil, &arguments, environ) == 0)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let text = String(decoding: try Data(contentsOf: URL(filePath: output)), as: UTF8.self)
        return status == 0 ? text : text + "(ended with \(status))"
    }
}
