// A run's live log as a stream of CloudWatch Logs.
//
// CloudWatch sorts by time and shows what it takes in late, so three rules keep lines in order and
// let none get lost. Times are CloudWatch's own, as far as its answers tell it. A writer's lines
// have times that only grow, a millisecond or more apart, and keep them when they have to be
// written again. A reader looks again at the last half minute before the newest line it has seen
// and leaves out what it knows; that also drops the copies that a repeated call leaves behind.

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

    func batch(_ lines: [String]) -> LogBatch {
        // CloudWatch takes no empty line, and ours are never.
        let lines = lines.filter { !$0.isEmpty }
        return LogBatch(
            lines: lines, times: clocks.stamp(lines, for: stream, now: client.now(at: .logs)))
    }

    func append(_ batch: LogBatch) async throws {
        if let line = batch.lines.first(where: { $0.utf8.count > Self.longestLine }) {
            throw StoreError.failed(
                operation: "write", what: name,
                reason: "a line of \(line.utf8.count) bytes is longer than the "
                    + "\(Self.longestLine) that CloudWatch Logs takes")
        }
        var left = zip(batch.times, batch.lines).map { LogLine(time: $0, message: $1) }[...]
        while !left.isEmpty {
            let part = Self.batch(of: left)
            try await put(Array(part))
            left = left.dropFirst(part.count)
        }
    }

    func read(after position: LogPosition) async throws -> (
        lines: [String], position: LogPosition
    ) {
        guard var memory = LogMemory(position) else {
            throw StoreError.notAPosition(position, of: name)
        }
        let lines: [String]
        do throws(CallError) {
            lines = try await look(&memory)
        } catch {
            // Nothing was written yet.
            if error.code == Self.notFound { return ([], position) }
            throw StoreError.of(error, operation: "read", what: name)
        }
        memory.forget()
        return (lines, memory.position)
    }

    /// A page with fewer events than this is taken for the last one if it brings anything new.
    private static let largePage = 1_000
    /// Age at which all lines before a line have arrived.
    private static let settling = 2.0

    /// Reads what is new, page by page.
    ///
    /// The first page shows the log at one moment. Until a further one comes, more may be written,
    /// some of it before the place where that page begins: young lines of further pages are left
    /// to the next look, which has them in its first.
    private func look(_ memory: inout LogMemory) async throws(CallError) -> [String] {
        var call = GetLogEvents(group: group, stream: stream, startTime: memory.start)
        var lines: [String] = []
        while true {
            let page = try await client.send(call, within: S3Store.callLimit)
            let now = client.now(at: .logs)
            for event in page.events {
                if call.nextToken != nil, event.time > now - Self.settling { return lines }
                if memory.isNew(event, now: now) { lines.append(event.message) }
            }
            // The end is where a page brings back the token it was asked with.
            guard let token = page.forwardToken, token != call.nextToken,
                lines.isEmpty || page.events.count >= Self.largePage
            else { return lines }
            call.nextToken = token
        }
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
    func stamp(_ lines: [String], for stream: String, now: Date) -> [Date] {
        let now = Int64(now.timeIntervalSince1970 * 1000)
        let first = last.withLock { last in
            let first = max(now, (last[stream] ?? 0) + 1)
            last[stream] = first + Int64(lines.count) - 1
            return first
        }
        return lines.indices.map {
            Date(timeIntervalSince1970: Double(first + Int64($0)) / 1000)
        }
    }
}
