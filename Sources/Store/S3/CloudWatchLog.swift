// A run's live log as a stream of CloudWatch Logs.
//
// CloudWatch sorts by time and shows what it takes in late, so two rules keep lines in order and
// let none get lost. A writer's lines have times that only grow, a millisecond or more apart. A
// reader looks again at the last half minute before the newest line it has seen and leaves out
// what it knows; that also drops the copies that a repeated call leaves behind.

internal import AWS
internal import FoundationEssentials
internal import Synchronization

/// A log kept in a stream of CloudWatch Logs, which is made with its first line.
struct CloudWatchLog: LiveLog {
    let client: AWSClient
    let group: String
    let stream: String
    let clocks: LogClocks

    /// The most bytes of one line: CloudWatch's limit of 256 KiB, its overhead included.
    static let longestLine = (256 << 10) - PutLogEvents.eventOverhead

    func append(_ lines: [String]) async throws {
        // CloudWatch takes no empty line, and ours are never.
        let lines = lines.filter { !$0.isEmpty }
        guard !lines.isEmpty else { return }
        if let line = lines.first(where: { $0.utf8.count > Self.longestLine }) {
            throw StoreError.failed(
                operation: "write", what: name,
                reason: "a line of \(line.utf8.count) bytes is longer than the "
                    + "\(Self.longestLine) that CloudWatch Logs takes")
        }
        var left = clocks.stamp(lines, for: stream)[...]
        while !left.isEmpty {
            let batch = Self.batch(of: left)
            try await put(Array(batch))
            left = left.dropFirst(batch.count)
        }
    }

    func read(after position: LogPosition) async throws -> (
        lines: [String], position: LogPosition
    ) {
        guard var memory = LogMemory(position) else {
            throw StoreError.notAPosition(position, of: name)
        }
        let pages: [GetLogEvents.Answer]
        do throws(CallError) {
            pages = try await client.pages(
                of: GetLogEvents(group: group, stream: stream, startTime: memory.start),
                within: S3Store.callLimit)
        } catch {
            // Nothing was written yet.
            if error.code == Self.notFound { return ([], position) }
            throw StoreError.of(error, operation: "read", what: name)
        }
        let lines = pages.flatMap(\.events).filter { memory.isNew($0) }.map(\.message)
        memory.forget()
        return (lines, memory.position)
    }

    // MARK: - Writing

    private static let notFound = "ResourceNotFoundException"
    private var name: String { "log \(group) \(stream)" }

    /// As many of the first events as one call may carry.
    static func batch(of events: ArraySlice<LogLine>) -> ArraySlice<LogLine> {
        var bytes = 0
        let end = events.prefix(PutLogEvents.mostEvents).firstIndex { event in
            bytes += event.message.utf8.count + PutLogEvents.eventOverhead
            return bytes > PutLogEvents.largestBatch
        }
        return end.map { events[..<$0] } ?? events.prefix(PutLogEvents.mostEvents)
    }

    private func put(_ events: [LogLine]) async throws {
        let answer: PutLogEvents.Answer
        do throws(CallError) {
            do throws(CallError) {
                answer = try await send(events)
            } catch  where error.code == Self.notFound {
                try await makeStream()
                answer = try await send(events)
            }
        } catch {
            throw StoreError.of(error, operation: "write", what: name)
        }
        guard answer.tooNewStart == nil, answer.tooOldEnd == nil, answer.expiredEnd == nil else {
            throw StoreError.failed(
                operation: "write", what: name,
                reason: "CloudWatch Logs refuses lines of this machine's time",
                hint: "set its clock, for example with timedatectl set-ntp on")
        }
    }

    private func send(_ events: [LogLine]) async throws(CallError) -> PutLogEvents.Answer {
        try await client.send(
            PutLogEvents(group: group, stream: stream, events: events),
            within: S3Store.callLimit)
    }

    private func makeStream() async throws(CallError) {
        do throws(CallError) {
            _ = try await client.send(
                CreateLogStream(group: group, stream: stream), within: S3Store.callLimit)
        } catch  where error.code == "ResourceAlreadyExistsException" {
            // Another writer was faster.
        }
    }
}

/// Gives a writer's lines their times.
final class LogClocks: Sendable {
    private let last = Mutex<[String: Int64]>([:])

    /// Gives each line a later millisecond than the line before it.
    func stamp(_ lines: [String], for stream: String) -> [LogLine] {
        let now = Int64(Date.now.timeIntervalSince1970 * 1000)
        let first = last.withLock { last in
            let first = max(now, (last[stream] ?? 0) + 1)
            last[stream] = first + Int64(lines.count) - 1
            return first
        }
        return lines.enumerated().map { index, line in
            LogLine(
                time: Date(timeIntervalSince1970: Double(first + Int64(index)) / 1000),
                message: line)
        }
    }
}

/// What a reader has seen, in the position it holds: the newest line's time, and marks of the lines
/// since shortly before it.
struct LogMemory {
    /// How much older than the newest line a line may be that is yet to show, in milliseconds.
    private static let window: Int64 = 30_000

    private var newest: Int64 = 0
    private var seen: [UInt64: Int64] = [:]

    /// Reads a position; `nil` when it is none of this kind.
    init?(_ position: LogPosition) {
        guard position != .start else { return }
        for (index, word) in position.text.split(separator: " ").enumerated() {
            if index == 0 {
                guard let time = Int64(word) else { return nil }
                newest = time
            } else {
                let parts = word.split(separator: ":")
                guard parts.count == 2, let mark = UInt64(parts[0], radix: 36),
                    let age = Int64(parts[1], radix: 36)
                else { return nil }
                seen[mark] = newest - age
            }
        }
    }

    var position: LogPosition {
        let marks = seen.sorted { $0.value < $1.value }.map { mark, time in
            String(mark, radix: 36) + ":" + String(newest - time, radix: 36)
        }
        return LogPosition(text: ([String(newest)] + marks).joined(separator: " "))
    }

    /// From when on to look; `nil` for everything.
    var start: Date? {
        newest == 0 ? nil : Date(timeIntervalSince1970: Double(newest - Self.window) / 1000)
    }

    /// Whether an event was not seen before; from now on it was.
    mutating func isNew(_ event: LogEvent) -> Bool {
        let time = Int64((event.time.timeIntervalSince1970 * 1000).rounded())
        newest = max(newest, time)
        return seen.updateValue(time, forKey: Self.mark(time, event.message)) == nil
    }

    /// Forgets what no later look will bring again.
    mutating func forget() {
        let start = newest - Self.window
        seen = seen.filter { $0.value >= start }
    }

    /// FNV-1a of a line and its time: two lines of a log never have both in common.
    private static func mark(_ time: Int64, _ message: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        withUnsafeBytes(of: time.littleEndian) { bytes in
            for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        for byte in message.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash
    }
}
