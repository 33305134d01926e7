// JMeter's results as XML, a best effort: CSV is what figures should be made from, because there
// every result is a row. In its reading order:
//   XMLSampleReader  recognizes XML, takes chunks                         (this file)
//   XMLScanner       where tags begin and end                             → XMLTag
//   XMLRows          which elements are samples                           → XMLSample
// The three readers of CSV hand a file over to this one when its first bytes say that it is XML.

/// Reads the samples of an XML JTL, fed with chunks of any size.
struct XMLSampleReader {
    private let source: String
    private var scanner: XMLScanner
    private var nesting = XMLNesting()

    /// Whether a file that begins with these bytes is XML that may be a JTL.
    static func recognizes(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let rest = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
        return rest.starts(with: "<?xml".utf8) || rest.starts(with: "<testResults".utf8)
    }

    /// A reader at the first byte of a file, whose lines count from `firstLine`.
    init(_ options: ReaderOptions, firstLine: Int) {
        source = options.source
        scanner = XMLScanner(firstLine: firstLine, limit: options.recordLimit)
    }

    /// Adds the samples that end in `chunk`.
    ///
    /// - Throws: ``JTLError`` when the root element or the first sample shows that this is no JTL.
    mutating func consume(
        _ chunk: UnsafeBufferPointer<UInt8>, into collector: inout some SampleCollector
    ) throws(JTLError) {
        var rows = XMLRows(nesting, source: source, into: collector)
        try scanner.scan(chunk, into: &rows)
        (nesting, collector) = (rows.nesting, rows.collector)
    }

    /// Accounts for what is cut at the end.
    mutating func finish(into collector: inout some SampleCollector) {
        var rows = XMLRows(nesting, source: source, into: collector)
        rows.finish(scanner.unfinishedTag)
        (nesting, collector) = (rows.nesting, rows.collector)
    }
}
