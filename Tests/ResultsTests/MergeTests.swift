// Many files into one: in order, nothing lost, nothing changed, whatever the files are like and
// however little memory there is.

import Compression
import FoundationEssentials
import JTL
import Testing

@testable import Results

@Suite final class `Merged samples` {
    private let folder: TemporaryFolder
    private let seed: UInt64

    init() throws {
        folder = try TemporaryFolder()
        let given = ProcessInfo.processInfo.environment["LOADFLEET_SEED"].flatMap { UInt64($0) }
        seed = given ?? UInt64.random(in: 0..<1_000_000)
    }

    private func merged(
        _ sources: [MergeSource], memory: Int = 32 << 20, options: SampleFiles.Options = .init()
    ) throws -> String {
        var bytes: [UInt8] = []
        _ = try SampleMerger(sources, options: options, memory: memory)
            .merge(scratch: folder.path) { bytes += $0 }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func source(_ text: String, _ name: String) throws -> MergeSource {
        MergeSource(path: try folder.write(text.utf8, to: name), worker: name)
    }

    @Test func `are in the order of their starts, with their worker, under all columns`() throws {
        let text = try merged([
            try source(
                """
                timeStamp,elapsed,label,success,"user"
                2000,5,"a,b",true,"x"
                1000,6,"say ""no""\nplease",false,y

                """, "w1"),
            try source(
                """
                elapsed;label;success;timeStamp;Hostname
                7;c,d;true;1500;h
                8;e;true;1000;h

                """, "w,2"),
        ])
        #expect(
            text == """
                timeStamp,elapsed,label,success,"user",Hostname,"worker"
                1000,6,"say ""no""\nplease",false,y,,w1
                1000,8,e,true,,h,"w,2"
                1500,7,"c,d",true,,h,"w,2"
                2000,5,"a,b",true,"x",,w1

                """)
    }

    @Test func `keep their workers when they are merged once more`() throws {
        let rows = "timeStamp,elapsed,label,success\n1000,5,a,true\n"
        let once = try merged([try source(rows, "w1"), try source(rows, "w2")])
        let twice = try merged([
            try source(once, "all"), try source(rows.replacing("1000", with: "900"), "w3"),
        ])
        #expect(
            twice.split(separator: "\n").dropFirst()
                == ["900,5,a,true,w3", "1000,5,a,true,w1", "1000,5,a,true,w2"])
    }

    @Test func `have their time in ms, however it was written, and no unusable lines`() throws {
        let text = try merged([
            try source(
                "timeStamp,elapsed,label,success\n2026/01/01 00:00:00.250,5,a,true\nx,y\n\n", "w"),
            try source("1767225600100,3,b,200,OK,t,text,true,,1,2,3,4,u,5,6,7\n", "bare"),
        ])
        let lines = text.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[1].hasPrefix("1767225600100,3,b,true,200,OK,t,"), "\(text)")
        #expect(lines[2].hasPrefix("1767225600250,5,a,true,,"), "\(text)")
    }

    @Test(
        arguments: [
            ("elapsed,label,success\n5,a,true\n", "has no time stamps"),
            ("<?xml version=\"1.0\"?>\n<testResults></testResults>\n", "is XML"),
            ("timeStamp,elapsed,label,success\n", "there are no samples to merge"),
            ("some prose\n", "is not a CSV JTL"),
        ])
    func `are refused where they can't be had`(text: String, words: String) throws {
        let source = try source(text, "x")
        let error = #expect(throws: ResultsError.self) { try merged([source]) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test func `come out as they went in, from any files, with any memory`() throws {
        print("random files: LOADFLEET_SEED=\(seed)")
        var random = SplitMix(state: seed)
        let isLong = ProcessInfo.processInfo.environment["LOADFLEET_CAMPAIGN"] != nil
        // Some three files each time.
        for round in 0..<(isLong ? 3400 : 150) {
            let files = (0..<Int.random(in: 1...5, using: &random)).map { _ in
                RandomSamples(&random)
            }
            let sources = try files.enumerated().map { try source($1.text, "w\($0)") }
            guard files.contains(where: { !$0.rows.isEmpty }) else { continue }
            let memory = [1, 300, 5000, 32 << 20].randomElement(using: &random) ?? 1
            let text = try merged(sources, memory: memory)
            let expected = files.enumerated().flatMap { number, file in
                file.rows.map { (time: $0.time, key: "w\(number) \($0.mark)") }
            }
            // Sorting by the time alone, and stably, is the order that is promised.
            let ordered = expected.enumerated().sorted {
                ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
            }
            .map(\.element.key)
            #expect(try keys(text) == ordered, "round \(round)")
            let path = try folder.write(text.utf8, to: "merged")
            let all = Summary(try SampleFiles.read(sources.map(\.path)))
            #expect(try figures(Summary(try SampleFiles.read([path]))) == figures(all))
        }
    }

    /// Worker and mark of each row.
    private func keys(_ text: String) throws -> [String] {
        var keys: [String] = []
        var statistics = Statistics(StatisticsOptions())
        var reader = SampleReader()
        reader.onRecord = { record in
            func field(_ name: String) -> String {
                let place = record.columns.firstIndex { $0.text == name } ?? 0
                return String(decoding: record.field(place).bytes, as: UTF8.self)
            }
            keys.append("\(field("worker")) \(field("mark"))")
        }
        try reader.consume(Array(text.utf8), into: &statistics)
        try reader.finish(into: &statistics)
        #expect(statistics.unusable.count == 0)
        return keys
    }

    /// A summary as it is whatever the order of the samples.
    private func figures(_ summary: Summary) throws -> String {
        var summary = summary
        // As strings, two Unicode forms of a label would be equal.
        summary.labels.sort { $0.label.utf8.lexicographicallyPrecedes($1.label.utf8) }
        summary.failures.sort { $0.kind.utf8.lexicographicallyPrecedes($1.kind.utf8) }
        summary.unusableLines = Summary(Statistics(StatisticsOptions())).unusableLines
        return try summary.json()
    }
}

/// A file of samples with columns in any order, any delimiter, and lines that can't be used.
private struct RandomSamples {
    private(set) var text = ""
    /// The samples: when each started, and what tells it from the others.
    private(set) var rows: [(time: Int64, mark: Int)] = []

    init(_ random: inout SplitMix) {
        let delimiter = [",", ",", ";", "\t"].randomElement(using: &random) ?? ","
        let needed = ["timeStamp", "elapsed", "label", "success", "\"mark\""]
        let more = ["bytes", "responseCode", "responseMessage", "Latency", "\"user,name\"", "URL"]
        let columns = (needed + more.filter { _ in random.next() % 2 == 0 })
            .shuffled(using: &random)
        let end = ["\n", "\r\n"].randomElement(using: &random) ?? "\n"
        text = columns.joined(separator: delimiter) + end
        let start: Int64 = 1_767_225_600_000
        let disorder: Int64 = [1, 50, 100_000].randomElement(using: &random) ?? 1
        let count = [0, 1, 5, 60].randomElement(using: &random) ?? 1
        for mark in 0..<count {
            let time = start + Int64(mark * 3) + Int64.random(in: 0..<disorder, using: &random)
            let fields = columns.map { column in
                switch column {
                case "timeStamp": "\(time)"
                case "elapsed", "bytes", "Latency": "\(random.next() % 500)"
                case "success": random.next() % 5 == 0 ? "false" : "true"
                case "\"mark\"": "\(mark)"
                case "responseCode": ["200", "500"].randomElement(using: &random) ?? ""
                default: Self.quoted(RandomRun.hostile.randomElement(using: &random) ?? "")
                }
            }
            text += fields.joined(separator: delimiter) + end
            rows.append((time, mark))
            if random.next() % 20 == 0 { text += "not a sample" + end }
        }
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
