// One file, several threads: each reads the records that begin in its segment. Where a segment's
// first record begins can only be guessed, because a line end may lie inside quotes; so the guess
// is checked afterwards: the records of segment k must end exactly where those of segment k+1
// began, by the same columns. The first segment begins at a known place, so by induction every
// guess that passes is right; one that does not pass is discarded and its segment read again.

import Dispatch
import Synchronization

/// Reads a file by several threads.
public struct SegmentedReader: Sendable {
    /// Puts bytes from an offset of the file into a buffer and returns how many; 0 is the end.
    ///
    /// Called from several threads at once.
    public typealias Source =
        @Sendable (_ offset: Int, _ buffer: UnsafeMutableRawBufferPointer) throws -> Int

    let options: ReaderOptions
    private let threads: Int
    var batch = 1 << 14
    /// Fits into a processor's second cache.
    var bufferSize = 1 << 18
    /// A thread for fewer bytes than this costs more than it brings.
    var smallestSegment = 1 << 20

    /// A reader with as many threads as given.
    public init(_ options: ReaderOptions = ReaderOptions(), threads: Int) {
        self.options = options
        self.threads = max(1, threads)
    }

    /// Adds the samples of a file that had `size` bytes when it was opened.
    ///
    /// A file that turns out shorter or longer is read as far as it goes.
    /// - Throws: ``JTLError`` when the first line shows that this is no CSV JTL, or what `source`
    ///   throws.
    public func read(
        size: Int, into statistics: inout Statistics, from source: @escaping Source
    ) throws {
        if try readXML(source, into: &statistics) { return }
        guard let start = try begin(source) else { return }
        statistics.unusable.merge(start.unusable)
        guard !start.isBlank else { return }
        let bounds = bounds(from: start.offset, to: size)
        let collecting = statistics.options
        let results = Mutex([Result<Segment, any Error>?](repeating: nil, count: bounds.count - 1))
        DispatchQueue.concurrentPerform(iterations: bounds.count - 1) { index in
            let result = Result {
                var first = start
                if index > 0 {
                    first.skipsLineFeed = false
                    first.offset = try guess(bounds[index], start, source)
                }
                return try segment(first, to: bounds[index + 1], collecting, source)
            }
            results.withLock { $0[index] = result }
        }
        let segments = results.withLock { $0 }
        try join(segments, from: start, bounds, into: &statistics, source)
    }

    private func bounds(from start: Int, to end: Int) -> [Int] {
        let length = max(0, end - start)
        let count = max(1, min(threads, length / smallestSegment))
        // The last segment goes on to the end, wherever that is by then.
        return (0..<count).map { start + length / count * $0 } + [.max]
    }
}

// MARK: - Segments

/// What was read of one segment.
private struct Segment: Sendable {
    let start: Int
    let end: Int
    let lines: Int
    let columns: ColumnPlan
    let tally: Tally
}

extension SegmentedReader {
    /// Reads the first lines, as many as it takes.
    private func begin(_ source: Source) throws -> BulkStart? {
        var buffer = ReadBuffer(capacity: 1 << 16)
        while true {
            let count = try source(buffer.bytes.count, buffer.room())
            buffer.append(count)
            if let start = try BulkStart(buffer.bytes, atEnd: count == 0, options) { return start }
            if count == 0 { return nil }
        }
    }

    /// Reads the records that begin from `start` on and before `limit`.
    private func segment(
        _ start: BulkStart, to limit: Int, _ collecting: StatisticsOptions, _ source: Source
    ) throws -> Segment {
        let tally = Tally(collecting)
        var reader = BulkReader(start, options, into: tally, batch: batch)
        var buffer = ReadBuffer(capacity: bufferSize)
        while reader.offset < limit || reader.isBehindReturn {
            let offset = reader.offset + buffer.bytes.count
            let count = try source(offset, buffer.room())
            buffer.append(count)
            let before = reader.offset
            let read = reader.read(
                buffer.bytes, limit: limit - before, atEnd: count == 0)
            buffer.discard(read)
            if count == 0, read == 0 { break }
        }
        return Segment(
            start: start.offset, end: reader.offset, lines: reader.lines,
            columns: reader.columns, tally: tally)
    }

    /// Checks the guesses in order, reads again what was guessed wrong, and adds everything up.
    private func join(
        _ results: [Result<Segment, any Error>?], from start: BulkStart, _ bounds: [Int],
        into statistics: inout Statistics, _ source: Source
    ) throws {
        var next = start
        for (index, result) in results.enumerated() {
            guard let result else { continue }
            var segment = try result.get()
            let isRight = index == 0 || segment.start == next.offset && next.plan == start.plan
            if !isRight {
                segment = try self.segment(next, to: bounds[index + 1], statistics.options, source)
            }
            segment.tally.drain(into: &statistics, firstLine: next.lines + 1)
            next.lines += segment.lines
            next.offset = segment.end
            next.plan = segment.columns
            next.skipsLineFeed = false
        }
    }
}

// MARK: - Guessing

extension SegmentedReader {
    /// Looks for lines in pieces of this size.
    private static let window = 1 << 16

    /// The first offset from `bound` on at which a row seems to begin.
    private func guess(_ bound: Int, _ start: BulkStart, _ source: Source) throws -> Int {
        var buffer = ReadBuffer(capacity: Self.window)
        while buffer.bytes.count < Self.window {
            let count = try source(bound - 1 + buffer.bytes.count, buffer.room())
            if count == 0 { break }
            buffer.append(count)
        }
        let bytes = buffer.bytes
        var first: Int?
        for index in bytes.indices where isLineEnd(bytes[index]) {
            let next = index + 1
            guard next < bytes.count else { break }
            if bytes[index] == carriageReturn, bytes[next] == lineFeed { continue }
            if first == nil { first = next }
            let rest = UnsafeBufferPointer(rebasing: bytes[next...])
            if isRow(rest, start) { return bound - 1 + next }
        }
        return bound - 1 + (first ?? bytes.count)
    }

    private func isRow(_ bytes: UnsafeBufferPointer<UInt8>, _ start: BulkStart) -> Bool {
        var scanner = RecordScanner(delimiter: start.delimiter)
        guard let length = scanner.advance(over: bytes), length > 0 else { return false }
        var interpreter = RowInterpreter(plan: start.plan, timestamps: options.timestamps)
        var copy = Array(bytes[0..<length])
        var sink = NoSink()
        return copy.withUnsafeMutableBufferPointer {
            interpreter.read($0, scanner.fields, scanner.ending, into: &sink) == nil
        }
    }
}

/// Takes samples and forgets them.
private struct NoSink: SampleSink {
    mutating func record(_ sample: Sample) {}
}
