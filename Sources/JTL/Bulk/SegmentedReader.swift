// One file, several threads. The file is cut into segments, of which a thread takes the next one
// whenever it is done with another, and reads the records that begin in it. Where a segment's first
// record begins can only be guessed, because a line end may lie inside quotes; so the guess is
// checked afterwards: the records of segment k must end exactly where those of segment k+1 began,
// by the same columns. The first segment begins at a known place, so by induction every guess that
// passes is right; one that does not pass is discarded and its segment read again.

import Dispatch
import Synchronization

/// Reads a file by several threads.
public struct SegmentedReader: Sendable {
    /// Puts bytes from an offset of the file into a buffer and returns how many; 0 is the end.
    ///
    /// Called from several threads at once.
    public typealias Source =
        @Sendable (_ offset: Int, _ buffer: UnsafeMutableRawBufferPointer) throws -> Int

    private let options: ReaderOptions
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
        guard let start = try begin(source) else { return }
        statistics.unusable.merge(start.unusable)
        guard !start.isBlank else { return }
        let bounds = bounds(from: start.offset, to: size)
        let segments = bounds.count - 1
        let collecting = statistics.options
        let next = Atomic(0)
        let joint = Mutex(Joint(statistics, start, segments))
        // Nobody else holds them now, so that adding to them copies nothing.
        statistics = Statistics(collecting)
        DispatchQueue.concurrentPerform(iterations: min(threads, segments)) { _ in
            while case let index = next.add(1, ordering: .relaxed).oldValue, index < segments {
                let result = Result {
                    var first = start
                    if index > 0 {
                        first.skipsLineFeed = false
                        first.offset = try guess(bounds[index], start, source)
                    }
                    return try segment(first, to: bounds[index + 1], collecting, source)
                }
                joint.withLock { $0.add(result, index) }
            }
        }
        statistics = try joint.withLock { joint in
            while let wrong = try joint.wrongSegment() {
                let end = bounds[wrong.index + 1]
                joint.replace(try segment(wrong.start, to: end, collecting, source))
            }
            return joint.statistics
        }
    }

    /// Where segments begin: few large ones for a start, and at last small ones, so that no thread
    /// waits long for another.
    private func bounds(from start: Int, to end: Int) -> [Int] {
        let length = max(0, end - start)
        let count = max(1, min(threads, length / smallestSegment))
        var bounds = [start]
        // The last segment goes on to the end, wherever that is by then.
        guard count > 1 else { return bounds + [.max] }
        for sixteenths in [9, 4, 3] {
            let first = bounds[bounds.count - 1]
            let share = length / 16 * sixteenths / count
            bounds += (1...count).map { first + share * $0 }
        }
        return bounds.dropLast() + [.max]
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
        var reader = BulkReader(start, options, into: tally, batch: batch, vectors: vectors)
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
}

/// Adds up what was read of the segments, in their order, as soon as each is known to be right.
private struct Joint {
    private(set) var statistics: Statistics
    private var segments: [Result<Segment, any Error>?]
    /// How many segments were added.
    private var added = 0
    /// Where the next segment must begin, and by which columns.
    private var next: BulkStart
    private let columns: ColumnPlan

    init(_ statistics: Statistics, _ start: BulkStart, _ count: Int) {
        self.statistics = statistics
        segments = Array(repeating: nil, count: count)
        next = start
        columns = start.plan
    }

    /// Takes in a segment, and adds it and those behind it if nothing before them is missing.
    mutating func add(_ segment: Result<Segment, any Error>, _ index: Int) {
        segments[index] = segment
        while added < segments.count, case .success(let segment)? = segments[added],
            isRight(segment)
        {
            add(segment)
        }
    }

    /// The first segment that began at a wrong place, and where it must begin; nil at the end.
    func wrongSegment() throws -> (index: Int, start: BulkStart)? {
        guard added < segments.count else { return nil }
        _ = try segments[added]?.get()
        return (added, next)
    }

    /// Adds a segment that was read again, and those behind it.
    mutating func replace(_ segment: Segment) {
        add(segment)
        if added < segments.count, let following = segments[added] { add(following, added) }
    }

    private func isRight(_ segment: Segment) -> Bool {
        added == 0 || segment.start == next.offset && next.plan == columns
    }

    private mutating func add(_ segment: Segment) {
        segment.tally.drain(into: &statistics, firstLine: next.lines + 1)
        segments[added] = nil
        added += 1
        next.lines += segment.lines
        next.offset = segment.end
        next.plan = segment.columns
        next.skipsLineFeed = false
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
