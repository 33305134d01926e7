import Compression
import Foundation
import JTL
import LoadfleetTesting
import Store
import Testing

@testable import Node

@Suite struct TailTests {
    private let scratch: TemporaryFolder
    private var folder: String { scratch.path }

    init() throws { scratch = try TemporaryFolder() }

    private func append(_ text: String, to path: String) throws {
        if !FileManager.default.fileExists(atPath: path) {
            try Data().write(to: URL(filePath: path))
        }
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }

    private let header =
        "timeStamp,elapsed,label,responseCode,responseMessage,threadName,success,bytes,allThreads\n"

    private func row(_ elapsed: Int, success: Bool = true) -> String {
        "1700000000000,\(elapsed),\"a \"\"b\"\"\n\",200,OK,g 1-1,\(success),10,3\n"
    }

    @Test func `a line shows once it is complete`() throws {
        let path = folder + "/console.log"
        var tail = LineTail(path: path)
        #expect(tail.newLines().isEmpty)
        try append("one\ntw", to: path)
        #expect(tail.newLines() == ["one"])
        try append("o\n\nthree\n", to: path)
        #expect(tail.newLines() == ["two", "", "three"])
        #expect(tail.newLines().isEmpty)
    }

    @Test func `counts samples as they are written, cut anywhere, each of them once`() throws {
        let path = folder + "/samples.jtl"
        let text = Array((header + (1...50).map { row($0, success: $0 % 10 != 0) }.joined()).utf8)
        var tail = SampleTail(path: path)
        for piece in stride(from: 0, to: text.count, by: 37) {
            let bytes = text[piece..<min(piece + 37, text.count)]
            try append(String(decoding: bytes, as: UTF8.self), to: path)
            tail.read()
        }
        tail.finish()
        #expect(tail.samples == 50)
        #expect(tail.errors == 5)
        #expect(tail.unusableLines == 0)
        #expect(tail.firstSampleMs == 1_700_000_000_000)
        let seconds = tail.takeSeconds()
        #expect(seconds.last?.counted == Int64(text.count))
        #expect(zip(seconds, seconds.dropFirst()).allSatisfy { $0.second < $1.second })
        #expect(zip(seconds, seconds.dropFirst()).allSatisfy { $0.counted <= $1.counted })
        // What was seen live is what the run comes to in the end.
        var live = Statistics()
        for second in seconds { live.add(second.statistics) }
        var final = Statistics()
        var reader = SampleReader()
        try reader.consume(text, into: &final)
        try reader.finish(into: &final)
        #expect(live.total == final.total)
        #expect(live.total.maxThreads == 3)
    }

    @Test func `a file that is no JTL is a fault, not a crash`() throws {
        let path = folder + "/samples.jtl"
        try append("no such thing\n\u{0}\u{1}\n", to: path)
        var tail = SampleTail(path: path)
        tail.read()
        tail.finish()
        #expect(tail.fault != nil)
        #expect(tail.samples == 0)
    }

    @Test func `delivered parts are the whole file again, whenever they were cut`() async throws {
        let path = folder + "/samples.jtl"
        let store = try FolderStore(at: folder + "/store")
        let keys = RunKeys("r").node("worker-1")
        var delivery = SampleDelivery(path: path, store: store, keys: keys)
        try await delivery.deliver(upTo: 0)
        var whole = ""
        // Where the last whole line ends.
        func end() -> Int64 {
            Int64(
                whole.utf8.lastIndex(of: UInt8(ascii: "\n")).map {
                    whole.utf8.distance(from: whole.utf8.startIndex, to: $0) + 1
                } ?? 0)
        }
        for number in 0..<20 {
            let text = number == 0 ? header + "1,2" : row(number) + "170000000000\(number)"
            whole += text
            try append(text, to: path)
            try await delivery.deliver(upTo: end())
            #expect(delivery.delivered == end())
        }
        try await delivery.deliver(upTo: nil)
        try await delivery.deliver(upTo: nil)
        var joined = Data()
        for part in try await store.list(prefix: keys.partsPrefix) {
            joined += try #require(try await store.read(part.key))
        }
        let compressed = folder + "/joined.zst"
        try joined.write(to: URL(filePath: compressed))
        try ZstdFile.decompress(from: compressed, to: folder + "/joined.jtl")
        let back = try Data(contentsOf: URL(filePath: folder + "/joined.jtl"))
        #expect(String(decoding: back, as: UTF8.self) == whole)
        #expect(delivery.parts.count > 10)
        #expect(delivery.parts.reduce(0) { $0 + $1.bytes } == Int64(whole.utf8.count))
    }
}
