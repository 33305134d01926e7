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
        private let refusals: Mutex<Int>

        init(refusals: Int) { self.refusals = Mutex(refusals) }

        func append(_ lines: [String]) async throws {
            await Task.yield()
            let refuses = refusals.withLock { left in
                left -= 1
                return left >= 0
            }
            if refuses {
                throw StoreError.failed(operation: "write", what: "log", reason: "away")
            }
            self.lines.withLock { $0 += lines }
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
