// One file, several threads. The file is cut into segments, many more than threads, of which each
// thread takes the next one whenever it is done with another, so that none waits long for the
// others. A thread reads the records that begin in the segment. Where the first of them begins can
// only be guessed, because a line end may lie inside quotes; so the guesses are checked afterwards:
// the records of each segment must end exactly where those of the next began, by the same columns.
// The first segment begins at a known place, so by induction all guesses are right if all pass. If
// one does not, the file is read again by one thread, which has nothing to guess.

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
    /// The best level of vector loops to use.
    var vectors = Int.max

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
        let bounds = bounds(from: start.offset, to: size, statistics.options)
        var shares = try readShares(bounds, start, statistics.options, source)
        if !Self.areJoined(shares, from: start) {
            shares = try readShares([start.offset, .max], start, statistics.options, source)
        }
        Tally.drain(shares.map(\.tally), into: &statistics)
        var lines = start.lines + 1
        for segment in Self.inOrder(shares) {
            statistics.unusable.merge(segment.unusable, linesBefore: lines)
            lines += segment.lines
        }
    }

    /// Where segments begin, and where the last one ends.
    ///
    /// Each is a part of what is left, as large as leaves something for the others: few large ones,
    /// because a cell of a second is cut where its rows are, and small ones at the end.
    private func bounds(
        from start: Int, to end: Int, _ collecting: StatisticsOptions
    ) -> [Int] {
        // With windows each segment has a tally of its own, so there are no more than needed.
        let isEven = threads == 1 || collecting.window != nil
        var bounds = [start]
        let least = max(smallestSegment, max(0, end - start) / (threads * 32))
        for number in 0... {
            let left = end - bounds[number]
            let parts = isEven ? threads - number : threads * 2
            guard parts > 1, left >= 2 * least else { break }
            bounds.append(bounds[number] + max(least, left / parts))
        }
        // The last segment goes on to the end, wherever that is by then.
        return bounds + [.max]
    }
}

// MARK: - Segments

/// What is known of one segment that was read.
private struct Segment: Sendable {
    let start: Int
    let end: Int
    let lines: Int
    let columns: ColumnPlan
    let unusable: UnusableLines
}

/// What one thread read.
private struct Share: Sendable {
    let tally: Tally
    var segments: [Segment] = []
}

extension SegmentedReader {
    /// Reads all segments.
    private func readShares(
        _ bounds: [Int], _ start: BulkStart, _ collecting: StatisticsOptions,
        _ source: @escaping Source
    ) throws -> [Share] {
        let next = Atomic(0)
        let shares = Mutex<[Result<[Share], any Error>]>([])
        DispatchQueue.concurrentPerform(iterations: min(threads, bounds.count - 1)) { _ in
            let read = Result {
                var read: [Share] = []
                var buffer = ReadBuffer(capacity: bufferSize)
                while case let index = next.add(1, ordering: .relaxed).oldValue,
                    index < bounds.count - 1
                {
                    var first = start
                    if index > 0 {
                        first.skipsLineFeed = false
                        first.offset = try guess(bounds[index], start, source)
                    }
                    // Which rows are the last is known only of rows that follow each other.
                    if read.isEmpty || collecting.window != nil {
                        read.append(Share(tally: Tally(collecting)))
                    }
                    let tally = read[read.count - 1].tally
                    tally.segment = index
                    read[read.count - 1].segments.append(
                        try segment(first, to: bounds[index + 1], into: tally, source, &buffer))
                }
                for share in read { share.tally.settle() }
                return read
            }
            shares.withLock { $0.append(read) }
        }
        return try shares.withLock { try $0.flatMap { try $0.get() } }
    }

    /// All segments as they lie in the file; an empty one comes before what begins at its end.
    private static func inOrder(_ shares: [Share]) -> [Segment] {
        shares.flatMap(\.segments).sorted { ($0.start, $0.end) < ($1.start, $1.end) }
    }

    /// Whether each segment ends where the next one begins.
    private static func areJoined(_ shares: [Share], from start: BulkStart) -> Bool {
        let segments = inOrder(shares)
        return zip(segments, segments.dropFirst()).allSatisfy { segment, next in
            segment.end == next.start && segment.columns == start.plan
        }
    }

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
        _ start: BulkStart, to limit: Int, into tally: Tally, _ source: Source,
        _ buffer: inout ReadBuffer
    ) throws -> Segment {
        var reader = BulkReader(start, options, into: tally, batch: batch, vectors: vectors)
        buffer.discard(buffer.bytes.count)
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
            columns: reader.columns, unusable: reader.unusable)
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
        var interpreter = RowInterpreter(plan: start.plan, options)
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
