// The page in a real browser, for runs from one sample to a day: no message in the console, no request,
// no serious fault that axe finds, in both themes, and never more than a megabyte.
// LOADFLEET_PAGES=FOLDER keeps the pages there, for people to look at.

import FoundationEssentials
import Glibc
import JTL
import Testing

@testable import Results

@Suite(.enabled(if: Judges.areThere, "utility/report-test-tools puts the judges in place"))
struct `Pages in a browser` {
    /// A run to be shown.
    struct Scene: Sendable, CustomStringConvertible {
        let name: String
        var seconds = 1
        var labels = ["GET /"]
        /// A worker has a sample of each label each `step` seconds.
        var step = 1
        var workers = 1
        var gates = ["p95 < 400ms", "errors < 2%"]
        var isHostile = false
        var isLong = false

        var description: String { name }
    }

    private static let paths = [
        "GET /", "GET /search", "GET /products/{id}", "POST /cart", "POST /checkout",
        "GET /account",
        "POST /login", "GET /images/{id}.webp", "GET /api/stock", "POST /api/payment",
    ]

    static let scenes = [
        Scene(name: "one"), Scene(name: "ten", seconds: 10),
        Scene(
            name: "hostile", seconds: 20,
            labels: RandomRun.hostile + [
                String(repeating: "x", count: 300), String(repeating: "\u{202E}تجربة ", count: 50),
                "👩‍🚀🇩🇪🏴‍☠️", "a\nb\r\nc",
            ], workers: 3, gates: ["max(\"<script>alert(1)</script>\") < 1ms"], isHostile: true),
        // That of the documentation.
        Scene(
            name: "checkout", seconds: 1200, labels: paths.suffix(8), workers: 3,
            gates: ["p95 < 700ms", "errors < 2%", "p99(\"POST /checkout\") < 2s"], isLong: true),
        Scene(
            name: "hour", seconds: 3600,
            labels: (1...5).flatMap { group in paths.map { "\(group) \($0)" } }, step: 5,
            workers: 5, isLong: true),
        Scene(
            name: "day", seconds: 86_400, labels: Array(paths.prefix(5)), step: 6, workers: 6,
            isLong: true),
    ]

    @Test(arguments: scenes.filter { !$0.isLong || `All reports of a run`.isCampaign })
    func `hold for a run of any size`(scene: Scene) throws {
        let folder = try TemporaryFolder()
        let page = try Self.page(of: scene, in: folder)
        #expect(page.utf8.count <= 1 << 20)
        print("page of \(scene): \(page.utf8.count) bytes")
        let pages = try TemporaryFolder()
        _ = try pages.write(page.utf8, to: "\(scene).html")
        if let kept = getenv("LOADFLEET_PAGES").map({ String(cString: $0) }) {
            try Data(page.utf8).write(to: URL(filePath: "\(kept)/\(scene).html"))
        }
        let faults = try Judges.judge(pages.path)
        #expect(faults.isEmpty, "\(faults)")
    }

    // MARK: - Made-up runs

    private static let start: Int64 = 1_763_700_000_000

    private static func page(of scene: Scene, in folder: borrowing TemporaryFolder) throws -> String
    {
        var files: [String] = []
        for worker in 0..<scene.workers {
            files.append(
                try folder.write(rows(of: scene, worker).utf8, to: "worker-\(worker + 1)"))
        }
        let options = StatisticsOptions(intervals: true)
        let statistics = try SampleFiles.read(
            files, options: SampleFiles.Options(statistics: options))
        var summary = Summary(statistics)
        summary.verdict = Verdict.judge(
            summary, gates: try scene.gates.map { try Gate(parsing: $0) },
            losses: scene.workers > 1 ? [loss(of: scene)] : [])
        return try HTMLReport(summary, statistics, facts(of: scene, files)).text
    }

    /// A worker's samples: a ramp of a tenth, a slow time in the middle; the last one of several is
    /// taken away after two thirds.
    private static func rows(of scene: Scene, _ worker: Int) -> String {
        var random = SplitMix(state: UInt64(worker + 1))
        var text = "timeStamp,elapsed,label,responseCode,responseMessage,success,bytes,allThreads,"
        text += "Latency,Connect\n"
        let isTaken = scene.workers > 1 && worker == scene.workers - 1
        let count = isTaken ? scene.seconds * 2 / 3 : scene.seconds
        for second in stride(from: worker % scene.step, to: count, by: scene.step) {
            let share = Double(second) / Double(max(scene.seconds, 2))
            let ramp = min(1, share * 10)
            let load = exp(-pow((share - 0.5) * 14, 2))
            for (index, label) in scene.labels.enumerated() {
                // While threads are being started, and then all of them.
                guard scene.seconds < 100 || unit(&random) <= ramp else { continue }
                let factor = exp((unit(&random) + unit(&random) + unit(&random)) * 1.4 - 1.4)
                let elapsed = Int(Double(20 + index % 10 * 9) * factor * (1 + 2 * load))
                let fails = unit(&random) < 0.004 + 0.03 * load
                let at = start + Int64(second * 1000) + Int64(index * 997 / scene.labels.count)
                let quoted = "\"" + label.replacing("\"", with: "\"\"") + "\""
                text += "\(at),\(elapsed),\(quoted),\(fails ? "503" : "200"),"
                text += fails && scene.isHostile ? quoted : fails ? "Service Unavailable" : "OK"
                text += ",\(!fails),\(900 + index * 211),\(max(1, Int(ramp * 20))),"
                text += "\(elapsed * 3 / 4),\(elapsed / 9)\n"
            }
        }
        return text
    }

    private static func unit(_ random: inout SplitMix) -> Double {
        Double(random.next() >> 11) / Double(1 << 53)
    }

    private static func moment(_ scene: Scene, _ share: Double) -> Int64 {
        start + Int64(Double(scene.seconds) * share * 1000)
    }

    private static func loss(of scene: Scene) -> String {
        "worker-\(scene.workers) was taken away by its owner, its part ended at "
            + "\(UTCTime.text(ms: moment(scene, 2.0 / 3)).dropFirst(11)) UTC; all of its samples "
            + "arrived, and its load is missing in the run's last \(scene.seconds / 3) s"
    }

    private static func facts(of scene: Scene, _ files: [String]) -> ReportFacts {
        let hostile = scene.isHostile ? RandomRun.hostile : []
        var facts = ReportFacts(title: scene.isHostile ? "<b>\u{202E}plan</b>.jmx" : "checkout.jmx")
        facts.facts = [
            .init("Run", "20251121-044000-9f3a"), .init("Fleet", "shop"),
            .init("Environment", "ec2 in eu-central-1, ec2-fleet of c6i.large or c6a.large"),
            .init("Plan", "test-plans/checkout.jmx"),
            .init("Plan, SHA-256", String(repeating: "0f1e2d3c4b5a6978", count: 4)),
            .init("Mode", "standalone"), .init("Workers", "\(scene.workers)"),
            .init("Cost", "0.0312usd for the fleet until the run's end, 0.0921usd an hour"),
            .init("loadfleet", "0.1.0"), .init("JMeter", "5.6.3"), .init("Java", "21.0.4"),
        ]
        facts.facts += hostile.map { .init($0, $0) }
        facts.workers = files.enumerated().map { index, name in
            let isTaken = files.count > 1 && index == files.count - 1
            return ReportFacts.Worker(
                name: name, threads: 20, ending: isTaken ? "interrupted" : "completed",
                skewMs: Int64(index * 7), cpu: .init(mean: 31.4 + Double(index % 7), peak: 74.9),
                collection: .init(mean: 0.6, peak: 4.1))
        }
        guard scene.seconds > 10 else { return facts }
        facts.marks = [
            .init(
                .ramp, atMs: moment(scene, 0.1),
                "end of the ramp (shaded): all threads were started")
        ]
        if scene.workers > 1 {
            facts.marks.append(.init(.interrupted, atMs: moment(scene, 2.0 / 3), loss(of: scene)))
        }
        facts.marks += hostile.enumerated().map { index, text in
            .init(.lost, atMs: start + Int64(index * 500), text)
        }
        facts.marks.sort { $0.atMs < $1.atMs }
        return facts
    }
}
