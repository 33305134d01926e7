// `report --merged` and `--jmeter-dashboard`: where the samples go, what is refused, and that JMeter
// makes the same statistics of them.
import Compression
import Foundation
import Testing

@testable import LoadfleetCLI

struct MergedTests {
    private let header =
        "timeStamp,elapsed,label,responseCode,responseMessage,threadName,success,"
        + "bytes,sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect\n"

    private func rows(_ worker: Int, count: Int) -> String {
        var text = header
        for row in 0..<count {
            // Ends are in order, starts are not.
            let elapsed = 20 + row * 7919 % 400
            let start = 1_767_225_600_000 + row * 10 - elapsed
            let label = ["home", "cart", "a, \"b\""][(row + worker) % 3]
                .replacing("\"", with: "\"\"")
            let isGood = row % 17 != worker
            text += "\(start),\(elapsed),\"\(label)\",\(isGood ? 200 : 500),"
            text += "\(isGood ? "OK" : "no"),g 1-\(row % 5),\(isGood),\(900 + row % 50),120,5,5,"
            text += "http://h/\(row % 3),\(elapsed / 2),0,\(elapsed / 9)\n"
        }
        return text
    }

    private func scene() throws -> Scene {
        let scene = try Scene()
        for worker in 1...3 {
            try scene.write("in/worker-\(worker).jtl", rows(worker, count: 400))
        }
        return scene
    }

    @Test func `one file has all samples in order, with their worker`() async throws {
        let scene = try scene()
        let outcome = await scene.run("report", "in", "-o", "csv", "--merged", "all.csv")
        #expect(outcome.status == .done, "\(outcome.errors)")
        let lines = try scene.read("all.csv").split(separator: "\n")
        #expect(lines.count == 1201)
        #expect(lines[0].hasSuffix(",Connect,\"worker\""))
        let times = lines.dropFirst().map { Int($0.prefix(13)) ?? 0 }
        #expect(times == times.sorted())
        for worker in 1...3 {
            #expect(lines.count { $0.hasSuffix(",worker-\(worker)") } == 400)
        }
        let again = await scene.run("report", "all.csv", "-o", "csv")
        func rows(_ text: String) -> [Substring] {
            text.split(whereSeparator: \.isNewline).sorted()
        }
        #expect(rows(again.output) == rows(outcome.output))
        #expect(scene.files.filter { $0.contains(".part") || $0.contains(".loadfleet") } == [])
    }

    @Test func `zst compresses it, and '-' is standard output`() async throws {
        let scene = try scene()
        let outcome = await scene.run(
            "report", "in", "--merged", "all.csv.zst", "-o", "table=table.txt")
        #expect(outcome.status == .done, "\(outcome.errors)")
        try ZstdFile.decompress(
            from: scene.folder + "/all.csv.zst", to: scene.folder + "/all.csv")
        let printed = await scene.run("report", "in", "--merged", "-")
        #expect(printed.status == .done, "\(printed.errors)")
        #expect(try scene.read("all.csv") == printed.output)
    }

    @Test(arguments: [
        (["--merged", "-", "-o", "csv"], "takes standard output for itself"),
        (["--merged", "-", "--json"], "takes standard output for itself"),
        (["--merged", "x.csv.gz"], "it would be gzip"),
        (["--merged", "none/x.csv"], "cannot write none/x.csv"),
        (["--merged", "in/worker-1.jtl"], "it is one of the results"),
        (["--merged", "x.csv", "--label", "home"], "--label can't be used with it"),
        (["--merged", "x.csv", "--trim", "1s"], "--trim can't be used with it"),
        (["--jmeter-dashboard", "in"], "the folder is not empty"),
        (["--jmeter-dashboard", "none/x"], "cannot make none/x"),
    ])
    func `what can't be is refused before anything is read`(options: [String], words: String)
        async throws
    {
        let scene = try scene()
        let outcome = await scene.run(["report", "in"] + options)
        #expect(outcome.status != .done)
        #expect(outcome.output == "")
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
        #expect(scene.files.count == 4)
    }

    // MARK: - JMeter

    /// The JMeter that `downloads/get-jmeter` fetched.
    private static let jmeter: String? = {
        let package = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let names = try? FileManager.default.contentsOfDirectory(atPath: package + "/downloads")
        return names?.filter { $0.hasPrefix("apache-jmeter-") && !$0.contains(".t") }.max()
            .map { "\(package)/downloads/\($0)" }
    }()

    @Test(.enabled(if: jmeter != nil), .timeLimit(.minutes(3)))
    func `JMeter's own dashboard has the same statistics`() async throws {
        let scene = try scene()
        let variables = ["JMETER_HOME": try #require(Self.jmeter), "PATH": "/usr/bin:/bin"]
        try FileManager.default.createDirectory(
            atPath: scene.folder + "/board", withIntermediateDirectories: false)
        let outcome = await scene.run(
            [
                "report", "in", "--jmeter-dashboard", "board", "--merged", "all.csv", "-o",
                "statistics",
            ], variables: variables)
        #expect(outcome.status == .done, "\(outcome.errors)")
        #expect(scene.files.contains("board/index.html"))
        #expect(scene.files.filter { $0.hasPrefix(".") } == [])
        let window = await scene.run(
            "report", "all.csv", "--window", "20000", "-o", "statistics")
        let theirs = try statistics(try scene.read("board/statistics.json"))
        #expect(theirs.keys.sorted() == ["Total", "a, \"b\"", "cart", "home"])
        for text in [outcome.output, window.output] {
            let ours = try statistics(text)
            #expect(ours.keys == theirs.keys)
            for (label, figures) in theirs {
                for (name, value) in figures {
                    let own = ours[label]?[name] ?? .nan
                    // JMeter lets its mean drift; see docs/results.md.
                    let limit = name == "meanResTime" ? 1e-12 * abs(value) : 0
                    #expect(abs(own - value) <= limit, "\(label) \(name): \(own) \(value)")
                }
            }
        }
    }

    private func statistics(_ text: String) throws -> [String: [String: Double]] {
        let json = try JSONSerialization.jsonObject(with: Data(text.utf8))
        let entries = try #require(json as? [String: [String: Any]])
        return entries.mapValues { $0.compactMapValues { ($0 as? NSNumber)?.doubleValue } }
    }

    @Test(.enabled(if: jmeter != nil), .timeLimit(.minutes(3)))
    func `what JMeter complains of is said`() async throws {
        let scene = try Scene()
        try scene.write("x.jtl", "timeStamp,elapsed,label,success\n1767225600000,5,a,true\n")
        let outcome = await scene.run(
            ["report", "x.jtl", "--jmeter-dashboard", "board"],
            variables: ["JMETER_HOME": try #require(Self.jmeter), "PATH": "/usr/bin:/bin"])
        #expect(outcome.status == .failed)
        #expect(outcome.errors.contains("JMeter made no dashboard"), "\(outcome.errors)")
        #expect(scene.files == ["x.jtl"])
    }
}
