// A thousand random JTLs against an independent reader in Python. The seed is printed; a failure
// is repeated with LOADFLEET_SEED.

import FoundationEssentials
import Glibc
import JTL
import Testing

@testable import Results

@Suite struct `Random files` {
    /// What the reference found in one file.
    struct Expected: Decodable {
        struct Figures: Decodable {
            let samples, errors, bytes, sent_bytes, latency, connect: Int
            let threads: Int
            let mean: Double?
            let first, last, min, max: Int64?
            let sum: String?
            let jmeter, nearest, aggregate: [Double]?
        }
        struct Label: Decodable {
            let label: String
            let samplers, controllers: Figures
        }
        let file: String
        let unusable: Int
        let total: Figures
        let labels: [Label]
    }

    @Test func `give the figures of the reference`() throws {
        let seed =
            ProcessInfo.processInfo.environment["LOADFLEET_SEED"].flatMap { Int($0) }
            ?? Int.random(in: 0..<1_000_000)
        print("random JTL files: LOADFLEET_SEED=\(seed)")
        let folder = try TemporaryFolder()
        let script = SharedCases.package + "/Tests/ResultsTests/Reference/reference.py"
        try #require(run(["python3", script, "\(seed)", "1000", folder.path]) == 0)
        let data = try Data(contentsOf: URL(filePath: folder.path + "/expected.json"))
        let files = try JSONDecoder().decode([Expected].self, from: data)
        #expect(files.count == 1000)
        var rows = 0
        for expected in files {
            let path = "\(folder.path)/\(expected.file)"
            let statistics = try SampleFiles.read([path])
            rows += statistics.total.samples
            if !agrees(statistics, expected) {
                Issue.record("\(expected.file), seed \(seed)")
                return
            }
        }
        #expect(rows > 5000)
    }

    private func agrees(_ statistics: Statistics, _ expected: Expected) -> Bool {
        let labels = statistics.labels
        let names = labels.map { Array($0.label.utf8) }
        guard names == expected.labels.map({ Array($0.label.utf8) }) else {
            Issue.record("labels \(labels.map(\.label)), not \(expected.labels.map(\.label))")
            return false
        }
        guard statistics.unusable.count == expected.unusable else {
            Issue.record("\(statistics.unusable) unusable lines, not \(expected.unusable)")
            return false
        }
        return agrees(statistics.total, expected.total)
            && zip(labels, expected.labels).allSatisfy {
                agrees($0.samples, $1.samplers) && agrees($0.controllers, $1.controllers)
            }
    }

    private func agrees(_ found: Aggregate, _ expected: Expected.Figures) -> Bool {
        let counts = [
            found.samples, found.errors, Int(found.bytes), Int(found.sentBytes),
            Int(found.latencySum), Int(found.connectSum), Int(found.maxThreads),
        ]
        let wanted = [
            expected.samples, expected.errors, expected.bytes, expected.sent_bytes,
            expected.latency, expected.connect, expected.threads,
        ]
        guard counts == wanted else {
            Issue.record("\(counts), not \(wanted)")
            return false
        }
        guard found.samples > 0 else { return true }
        let ends = [found.minElapsed, found.maxElapsed, found.firstStart, found.lastEnd]
        let distribution = Distribution(found.elapsed)
        let points: [Double] = [50, 90, 95, 99, 99.9, 0, 100]
        let isRight =
            ends == [expected.min, expected.max, expected.first, expected.last]
            && found.meanElapsed == expected.mean && "\(found.elapsedSum)" == expected.sum
            && points.map { distribution.percentile($0, .jmeter) } == expected.jmeter
            && points.map { distribution.percentile($0, .nearest) } == expected.nearest
            && points.map { distribution.percentile($0, .aggregate) } == expected.aggregate
        if !isRight { Issue.record("\(found.elapsed.counts), \(ends), not \(expected)") }
        return isRight
    }

    /// Runs a program to its end and returns its exit code.
    private func run(_ arguments: [String]) throws -> Int32 {
        var pid = pid_t()
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        guard posix_spawnp(&pid, arguments[0], nil, nil, &words, environ) == 0 else { return -1 }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status
    }
}
