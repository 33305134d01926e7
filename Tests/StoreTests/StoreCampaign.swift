// What takes long: a large file by way of S3, and how far behind a log's readers are.
import Foundation
import LoadfleetTesting
import Store
import Testing

@Suite(
    .enabled(if: ProcessInfo.processInfo.environment["LOADFLEET_CAMPAIGN"] == "1"), .serialized)
struct StoreCampaign {
    @Test func `300 MB go up and come back, and memory does not grow with them`() async throws {
        let store = try await SimulatedCloud.running().makeStore()
        let scratch = try TemporaryFolder()
        let (source, copy) = (scratch.path + "/in", scratch.path + "/out")
        let key = StoreKey(unchecked: "large")
        try Self.writeRandom(300 << 20, to: source)
        try Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
        let before = try Self.peak()
        let clock = ContinuousClock()
        let up = try await clock.measure { try await store.upload(file: source, to: key) }
        var isThere = false
        let down = try await clock.measure {
            isThere = try await store.download(key, to: copy)
        }
        #expect(isThere)
        let grown = try Self.peak() - before
        print("300 MiB: up \(up), down \(down), memory grew by \(grown) KiB")
        #expect(grown < 32 << 10)
        #expect(FileManager.default.contentsEqual(atPath: source, andPath: copy))
    }

    @Test func `a log's lines reach whoever reads along`() async throws {
        let store = try await SimulatedCloud.running().makeStore()
        let count = 100
        let writing = Task {
            let log = store.liveLog(of: "r")
            for _ in 0..<count {
                try await log.append(["\(Date.now.timeIntervalSince1970)"])
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        var lags: [Double] = []
        var position = LogPosition.start
        let deadline = ContinuousClock.now + .seconds(120)
        while lags.count < count, ContinuousClock.now < deadline {
            let news = try await store.liveLog(of: "r").read(after: position)
            position = news.position
            lags += news.lines.compactMap(Double.init).map { Date.now.timeIntervalSince1970 - $0 }
            try await Task.sleep(for: store.recommendedPoll)
        }
        try await writing.value
        try #require(lags.count == count)
        lags.sort()
        print("lag in seconds: median \(lags[count / 2]), largest \(lags[count - 1])")
    }

    private static func writeRandom(_ count: Int, to path: String) throws {
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        let file = try #require(FileHandle(forWritingAtPath: path))
        let piece = Data((0..<(1 << 20)).map { _ in UInt8.random(in: 0...255) })
        for number in 0..<(count >> 20) {
            try file.write(contentsOf: Data("\(number)".utf8) + piece.dropFirst("\(number)".count))
        }
        try file.close()
    }

    /// The most memory this process had, in KiB.
    private static func peak() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return try #require(line?.split(separator: " ").compactMap { Int($0) }.first)
    }
}
