// The bulk reader for bytes that come in chunks: standard input, a decompressor, a growing file.

/// A push reader for much data: feed it chunks of any size, then finish it into statistics.
///
/// The results are those of ``SampleReader``, several times faster, but there are none before
/// ``finish(into:)``, and neither windows nor intervals.
public struct StreamReader: ~Copyable {
    private let options: ReaderOptions
    private let batch: Int
    private let vectors: Int
    private let tally: Tally
    private var buffer: ReadBuffer
    private var reader: BulkReader?
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

    init(
        _ options: ReaderOptions, collecting: StatisticsOptions, batch: Int,
        vectors: Int = .max
    ) {
        self.options = options
        self.batch = batch
        self.vectors = vectors
        tally = Tally(collecting)
        buffer = ReadBuffer(capacity: 1 << 18)
    }

    /// Reads the records completed by `chunk`, and keeps an unfinished rest.
    ///
    /// - Throws: ``JTLError`` when the first line shows that this is no CSV JTL.
    public mutating func consume(_ chunk: UnsafeRawBufferPointer) throws(JTLError) {
        buffer.room(chunk.count).copyMemory(from: chunk)
        buffer.append(chunk.count)
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
        if reader == nil { try begin(atEnd: true) }
        read(atEnd: true)
        if let start {
            statistics.unusable.merge(start.unusable)
            Tally.drain([tally], into: &statistics)
            if let unusable = reader?.unusable {
                statistics.unusable.merge(unusable, linesBefore: start.lines + 1)
            }
        }
    }

    private mutating func begin(atEnd: Bool) throws(JTLError) {
        guard let start = try BulkStart(buffer.bytes, atEnd: atEnd, options) else { return }
        self.start = start
        guard !start.isBlank else { return }
        reader = BulkReader(start, options, into: tally, batch: batch, vectors: vectors)
        buffer.discard(start.offset)
    }

    private mutating func read(atEnd: Bool) {
        let read = reader?.read(buffer.bytes, limit: .max, atEnd: atEnd)
        buffer.discard(read ?? 0)
    }
}
