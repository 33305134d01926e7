// The bulk reader for bytes that come in chunks: standard input, a decompressor, a growing file.
// XML, which only comes in chunks, goes to a reader of its own.

/// A push reader for much data: feed it chunks of any size, then finish it into statistics.
///
/// The results are those of ``SampleReader``, several times faster, but there are none before
/// ``finish(into:)`` or ``collect(into:)``, and neither windows nor intervals.
public struct StreamReader: ~Copyable {
    private let options: ReaderOptions
    private let batch: Int
    private let collecting: StatisticsOptions
    private var tally: Tally
    private var buffer: ReadBuffer
    private var reader: BulkReader?
    private var xml: XMLSampleReader?
    private var start: BulkStart?

    /// Whether the bulk readers can collect what these options ask for.
    public static func supports(_ options: StatisticsOptions) -> Bool {
        options.window == nil && !options.intervals
    }

    /// A reader at the first byte of a file.
    public init(
        _ options: ReaderOptions = ReaderOptions(),
        collecting: StatisticsOptions = StatisticsOptions()
    ) {
        self.init(options, collecting: collecting, batch: 1 << 14)
    }

    init(_ options: ReaderOptions, collecting: StatisticsOptions, batch: Int) {
        self.options = options
        self.batch = batch
        self.collecting = collecting
        tally = Tally(collecting)
        buffer = ReadBuffer(capacity: 1 << 18)
    }

    /// Reads the records completed by `chunk`, and keeps an unfinished rest.
    ///
    /// - Throws: ``JTLError`` when the first line shows that this is no CSV JTL.
    public mutating func consume(_ chunk: UnsafeRawBufferPointer) throws(JTLError) {
        buffer.room(chunk.count).copyMemory(from: chunk)
        buffer.append(chunk.count)
        if xml != nil { return try readXML() }
        if reader == nil {
            guard
                buffer.bytes.count >= HeaderReader.limit || chunk.contains(where: isLineEnd)
            else { return }
            try begin(atEnd: false)
        }
        read(atEnd: false)
    }

    /// Reads what is left, and adds all figures to `statistics`.
    ///
    /// - Throws: ``JTLError`` when the only line shows that this is no CSV JTL.
    public mutating func finish(into statistics: inout Statistics) throws(JTLError) {
        if reader == nil, xml == nil { try begin(atEnd: true) }
        if xml == nil { read(atEnd: true) } else { finishXML() }
        drain(into: &statistics)
    }

    /// Adds the figures of all records read so far to `statistics`, and goes on behind them.
    ///
    /// For files that are still growing: a record whose end has not come is left for later.
    public mutating func collect(into statistics: inout Statistics) {
        drain(into: &statistics)
        tally = Tally(collecting)
        guard var next = start, let plan = reader?.columns else { return }
        next.plan = plan
        next.offset = reader?.offset ?? 0
        next.lines += reader?.lines ?? 0
        next.skipsLineFeed = reader?.isBehindReturn ?? false
        next.unusable = UnusableLines()
        start = next
        reader = BulkReader(next, options, into: tally, batch: batch)
    }

    private mutating func drain(into statistics: inout Statistics) {
        if let start { statistics.unusable.merge(start.unusable) }
        tally.drain(into: &statistics, firstLine: (start?.lines ?? 0) + 1)
    }

    private mutating func begin(atEnd: Bool) throws(JTLError) {
        if XMLSampleReader.recognizes(buffer.bytes) {
            xml = XMLSampleReader(options, firstLine: 0)
            return try readXML()
        }
        guard let start = try BulkStart(buffer.bytes, atEnd: atEnd, options) else { return }
        self.start = start
        guard !start.isBlank else { return }
        reader = BulkReader(start, options, into: tally, batch: batch)
        buffer.discard(start.offset)
    }

    private mutating func read(atEnd: Bool) {
        let read = reader?.read(buffer.bytes, limit: .max, atEnd: atEnd)
        buffer.discard(read ?? 0)
    }

    private mutating func readXML() throws(JTLError) {
        var collector = tally
        try xml?.consume(buffer.bytes, into: &collector)
        buffer.discard(buffer.bytes.count)
    }

    private mutating func finishXML() {
        var collector = tally
        xml?.finish(into: &collector)
    }
}
