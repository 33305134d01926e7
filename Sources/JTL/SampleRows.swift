// Samples one by one, for whoever passes them on instead of adding them up. Slower by far than
// `BulkReader`, since each row becomes values of its own; the rows of a chunk are all that is held.

/// One sample.
package struct SampleRow: Sendable, Equatable {
    /// Its place among the samples of its file, from 0; the same at each reading.
    package var number: Int
    /// Milliseconds since 1970; nil where the file has no such column.
    package var startMs: Int64?
    package var elapsedMs: Int64
    package var latencyMs: Int64
    package var connectMs: Int64
    package var isSuccess: Bool
    /// Whether it is the sum of a transaction controller's samples, and no part of totals.
    package var isController: Bool
    package var label: String
    /// This and all other texts are empty where there is none.
    package var responseCode: String
    package var responseMessage: String
    package var failureMessage: String
    package var threadName: String
    package var url: String
    package var receivedBytes: Int64
    package var sentBytes: Int64
    /// Threads that were active in its process.
    package var activeThreads: Int64
}

/// A push reader that gives back the samples of what it was fed.
package struct SampleRowReader: ~Copyable {
    private var reader: SampleReader
    private var collector = RowCollector()

    /// A reader at the first byte of a file.
    package init(_ options: ReaderOptions = ReaderOptions()) {
        reader = SampleReader(options)
    }

    /// The lines that are no samples so far.
    package var unusable: UnusableLines { collector.unusable }

    /// The samples that end in `chunk`, in their order.
    ///
    /// - Throws: ``JTLError`` when the first line shows that this is no JTL.
    package mutating func rows(in chunk: UnsafeRawBufferPointer) throws(JTLError) -> [SampleRow] {
        try reader.collect(chunk, into: &collector)
        return collector.take()
    }

    /// The samples of what is left: a last line without its line end.
    ///
    /// - Throws: ``JTLError`` when the only line shows that this is no JTL.
    package mutating func rest() throws(JTLError) -> [SampleRow] {
        try reader.collectRest(into: &collector)
        return collector.take()
    }
}

/// Keeps samples as values.
private struct RowCollector: SampleCollector {
    var unusable = UnusableLines()
    private var rows: [SampleRow] = []
    private var count = 0

    mutating func take() -> [SampleRow] {
        defer { rows.removeAll(keepingCapacity: true) }
        return rows
    }

    mutating func record(_ sample: Sample) {
        // Nothing ran in it, and no count has it.
        guard sample.kind != .emptyController else { return }
        rows.append(
            SampleRow(
                number: count, startMs: sample.timestamp, elapsedMs: sample.elapsed,
                latencyMs: sample.latency, connectMs: sample.connect,
                isSuccess: sample.isSuccess, isController: sample.kind == .controller,
                label: text(sample.label), responseCode: text(sample.responseCode),
                responseMessage: text(sample.responseMessage),
                failureMessage: text(sample.failureMessage), threadName: text(sample.threadName),
                url: text(sample.url), receivedBytes: sample.bytes, sentBytes: sample.sentBytes,
                activeThreads: sample.allThreads))
        count += 1
    }

    /// Broken UTF-8 becomes what it becomes in labels everywhere else.
    private func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        return String(decoding: repairedUTF8(bytes), as: UTF8.self)
    }
}
