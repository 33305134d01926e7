// Every record goes to exactly one worker, whatever is in it and however the file arrives.
import JMeter
import Testing

/// A generator whose numbers depend on nothing but its seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

struct RecordSplitterTests {
    private func settings(quoted: Bool = true, header: Bool = false) -> DataFile.CSV {
        DataFile.CSV(
            delimiter: ",", isQuoted: quoted, hasHeader: header, recycles: true,
            stopsThreads: false, shareMode: "shareMode.all")
    }

    private func shards(
        _ text: String, _ settings: DataFile.CSV, workers: Int, piece: Int = .max,
        weights: [Int]? = nil
    ) -> (shards: [String], records: [Int]) {
        let bytes = Array(text.utf8)
        var outputs = Array(repeating: [UInt8](), count: workers)
        var splitter = RecordSplitter(
            settings, weights: weights ?? Array(repeating: 1, count: workers))
        var position = 0
        while position < bytes.count {
            let end = piece < bytes.count - position ? position + piece : bytes.count
            splitter.append(Array(bytes[position..<end])) { worker, run in
                for index in worker.map({ [$0] }) ?? Array(0..<workers) { outputs[index] += run }
            }
            position = end
        }
        splitter.finish()
        return (outputs.map { String(decoding: $0, as: UTF8.self) }, splitter.records)
    }

    @Test(arguments: ["\n", "\r\n", "\r"], [true, false])
    func `Each of 1,000 rows is used once on 1 to 7 workers`(end: String, header: Bool) {
        var random = SeededGenerator(state: 2026)
        let cells = [
            "plain", "\"a,b\"", "\"two\(end)lines\"", "\"say \"\"hi\"\"\"", "", "ü 漢", "x\"y",
        ]
        let rows = (0..<1000).map { row in
            (["row\(row)"] + (0..<3).map { _ in cells.randomElement(using: &random) ?? "" })
                .joined(separator: ",") + (row == 999 ? "" : end)
        }
        let head = header ? "id,a,\"b\(end)" : ""
        for workers in 1...7 {
            let result = shards(head + rows.joined(), settings(header: header), workers: workers)
            for worker in 0..<workers {
                let own = stride(from: worker, to: 1000, by: workers).map { rows[$0] }
                #expect(result.shards[worker] == head + own.joined())
                #expect(result.records[worker] == own.count)
            }
        }
    }

    @Test(arguments: [[34, 33, 33], [3, 2], [1, 0], [5, 0, 0, 1], [7]])
    func `Workers get records in proportion to their threads`(weights: [Int]) {
        let rows = (0..<1200).map { "row\($0)\n" }
        let result = shards(
            rows.joined(), settings(), workers: weights.count, weights: weights)
        let sum = weights.reduce(0, +)
        #expect(result.records.reduce(0, +) == 1200)
        for (records, weight) in zip(result.records, weights) {
            #expect(abs(records * sum - 1200 * weight) <= sum)
        }
        let used = result.shards.flatMap { $0.split(separator: "\n") }
        #expect(Set(used).count == 1200)
    }

    @Test(arguments: [[334, 333, 333], [0, 1000], [1000, 0], [0, 0, 7, 993], [1000]])
    func `Blocks hold neighbours, each record once`(blocks: [Int]) {
        let rows = (0..<1000).map { "row\($0),\"a\nb\"\n" }
        var outputs = Array(repeating: [UInt8](), count: blocks.count)
        var splitter = RecordSplitter(settings(header: true), blocks: blocks)
        splitter.append(Array(("head\n" + rows.joined()).utf8)) { worker, run in
            for index in worker.map({ [$0] }) ?? Array(blocks.indices) { outputs[index] += run }
        }
        splitter.finish()
        var start = 0
        for (output, block) in zip(outputs, blocks) {
            let own = rows[start..<start + block].joined()
            #expect(String(decoding: output, as: UTF8.self) == "head\n" + own)
            start += block
        }
        #expect(splitter.records == blocks)
    }

    @Test func `Pieces of any size give the same shards`() {
        let text = "h\r\n1,\"a\r\nb\"\r\n2,\"c\"\"d\"\r\n3\r\r\n4,x\"y\n\n5"
        let whole = shards(text, settings(header: true), workers: 3)
        for piece in 1...12 {
            let cut = shards(text, settings(header: true), workers: 3, piece: piece)
            #expect(cut.shards == whole.shards)
            #expect(cut.records == whole.records)
        }
    }

    @Test func `Without quoted data a quote is a character, and lines are records`() {
        let result = shards("\"a\nb\"\nc\n", settings(quoted: false), workers: 2)
        #expect(result.shards == ["\"a\nc\n", "b\"\n"])
    }

    @Test func `Bytes that are no UTF-8 pass through`() {
        var splitter = RecordSplitter(settings(), weights: [1])
        var output: [UInt8] = []
        let bytes: [UInt8] = [0xE4, 0xFF, 0x00, 0x0A, 0xFC]
        splitter.append(bytes) { _, run in output += run }
        splitter.finish()
        #expect(output == bytes)
        #expect(splitter.records == [2])
    }
}
