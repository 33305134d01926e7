// The controller's live lines when the log is away for a while.
import Foundation
import Store
import Synchronization
import Testing

@testable import Node

@Suite struct LiveWriterTests {
    /// A log that takes nothing the first few times, and then everything.
    private final class Moody: LiveLog {
        let lines = Mutex<[String]>([])
        /// What was to be written, whether or not it was taken.
        let batches = Mutex<[LogBatch]>([])
        private let refusals: Mutex<Int>

        init(refusals: Int) { self.refusals = Mutex(refusals) }

        func append(_ batch: LogBatch) async throws {
            await Task.yield()
            batches.withLock { $0.append(batch) }
            let refuses = refusals.withLock { left in
                left -= 1
                return left >= 0
            }
            if refuses {
                throw StoreError.failed(operation: "write", what: "log", reason: "away")
            }
            lines.withLock { $0 += batch.lines }
        }

        func read(after position: LogPosition) async throws -> (
            lines: [String], position: LogPosition
        ) { ([], position) }
    }

    private func line(_ number: Int) -> LiveLine {
        .event(at: Date(timeIntervalSince1970: Double(number)), text: "\(number)")
    }

    @Test func `lines that could not be written come before those after them`() async throws {
        let log = Moody(refusals: 3)
        let writer = LiveWriter(log) { _ in }
        for number in 0..<6 { await writer.write([line(number)]) }
        #expect(
            LiveLines.decode(log.lines.withLock { $0 }) == (0..<6).map(line))
    }

    @Test func `what may be in the log already is tried again as it was`() async throws {
        let log = Moody(refusals: 2)
        let writer = LiveWriter(log) { _ in }
        for number in 0..<3 { await writer.write([line(number)]) }
        let batches = log.batches.withLock { $0 }
        try #require(batches.count == 4)
        #expect(Set(batches[..<3]).count == 1)
        #expect(LiveLines.decode(batches[3].lines) == [line(1), line(2)])
    }

    @Test func `lines of several writers at once are all there, each once`() async throws {
        let log = Moody(refusals: 2)
        let writer = LiveWriter(log) { _ in }
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<50 { group.addTask { await writer.write([line(number)]) } }
        }
        for number in 50..<53 { await writer.write([line(number)]) }
        let seconds = LiveLines.decode(log.lines.withLock { $0 }).compactMap { line -> Int? in
            if case .event(_, let text) = line { Int(text) } else { nil }
        }
        #expect(seconds.sorted() == Array(0..<53))
    }
}
