// Which elements of an XML JTL are samples. As in JMeter's own listeners, a sample is a child of
// <testResults>; results within it (embedded resources, redirects, the samplers of a transaction
// with a parent sample) belong to it and are not counted again. The failure message is the first
// one of its assertions, the same that JMeter writes into a CSV row.

/// What takes in samples and the lines that are none.
protocol SampleCollector: SampleSink {
    var unusable: UnusableLines { get set }
}

extension Statistics: SampleCollector {}
extension Tally: SampleCollector {}

/// Makes samples of tags and texts.
struct XMLRows<Collector: SampleCollector>: XMLHandler {
    private let source: String
    private var state: XMLNesting
    var collector: Collector

    init(_ state: XMLNesting, source: String, into collector: Collector) {
        self.state = state
        self.source = source
        self.collector = collector
    }

    /// Where in the file's structure the rows have come to.
    var nesting: XMLNesting { state }

    mutating func tag(_ tag: XMLTag, at place: LinePosition) throws(JTLError) {
        if tag.name.hasPrefix("?") || tag.name.hasPrefix("!") { return }
        if tag.name == "testResults" { return root(tag, at: place) }
        guard state.hasRoot else { throw refusal(of: tag, at: place) }
        if tag.isClosing {
            close()
        } else if state.depth == 0 || isCutOff(by: tag) {
            try open(tag, at: place)
        } else {
            state.child(tag)
        }
    }

    mutating func text(_ bytes: UnsafeBufferPointer<UInt8>) { state.text(bytes) }

    mutating func brokenTag(at place: LinePosition) { drop(.brokenTag, at: place) }

    /// Accounts for a file that ended at `unfinished`, in a tag, or within a sample.
    mutating func finish(_ unfinished: LinePosition?) {
        guard let place = state.sample?.place ?? unfinished else { return }
        drop(.cutLastLine, at: place)
    }

    /// Gives up the sample at hand, or one of which nothing but a piece of a tag is there.
    private mutating func drop(_ kind: UnusableLines.Kind, at place: LinePosition) {
        collector.unusable.add(kind, at: state.sample?.place ?? place, in: source)
        state.sample = nil
        state.depth = 0
        state.isLost = true
    }
}

// MARK: - Samples

extension XMLRows {
    private mutating func root(_ tag: XMLTag, at place: LinePosition) {
        // A second run added to the file of one that was killed.
        if state.sample != nil { drop(.brokenTag, at: place) }
        state = XMLNesting(hasRoot: true, hasSamples: state.hasSamples)
    }

    /// Whether the sample at hand never ended.
    ///
    /// JMeter writes samples at the beginning of a line and indents all that is in them; a file
    /// without any indentation is not judged by it.
    private mutating func isCutOff(by tag: XMLTag) -> Bool {
        state.isIndented = state.isIndented || tag.isIndented
        guard state.isIndented, tag.isAtLineStart, ["sample", "httpSample"].contains(tag.name),
            let place = state.sample?.place
        else { return false }
        drop(.brokenTag, at: place)
        return true
    }

    private mutating func open(_ tag: XMLTag, at place: LinePosition) throws(JTLError) {
        // Behind damage, what is indented is the rest of the sample that was given up.
        if state.isLost, tag.isIndented { return }
        state.isLost = false
        let sample = XMLSample(tag, at: place)
        if !state.hasSamples, let column = sample.missing {
            throw .missingColumn(column, source: source)
        }
        state.hasSamples = true
        state.sample = sample
        state.depth = 1
        if tag.isEmpty { close() }
    }

    private mutating func close() {
        guard state.depth > 0 else { return }
        state.close()
        guard state.depth == 0, let sample = state.sample else { return }
        state.sample = nil
        if let kind = sample.record(into: &collector) {
            collector.unusable.add(kind, at: sample.place, in: source)
        }
    }

    private func refusal(of tag: XMLTag, at place: LinePosition) -> JTLError {
        let name = tag.name.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(40)
        return .notAJTL(
            source: source, found: "it is XML, but of <\(name)> and not of <testResults>",
            hint: "give a results file written by JMeter, as CSV or as XML")
    }
}
