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
            let page = HTMLReport(summary, statistics, ReportFacts(title: "Run \(number)"))
            _ = try folder.write(try page.text.utf8, to: "\(number).html")
        }
        let faults = try Judges.judge(folder.path)
        #expect(faults.isEmpty, "\(faults)")
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
