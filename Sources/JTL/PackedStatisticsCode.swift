// Packed statistics as bytes, one second after another. A number is a LEB128 varint; a signed one is
// folded first. A text that comes again is a number: writer and reader number texts in the order in
// which they come, up to a limit, so that labels and codes cost their length once in a stream.
//
//   new texts: how many; of each its length and bytes
//   cells: how many; of each
//     1 for a transaction controller or 0, its label (a text), empty controllers (of those only),
//     samples; where there are any:
//     errors, samples without time stamps, sums of elapsed times less sum of latencies (signed),
//     elapsed times (signed), connect times (signed), bytes, bytes sent (signed all)
//     where there are time stamps: first start (ms, signed, less `base`), last end less first start
//     (signed), then the most active threads (signed)
//     elapsed times: how many different ones; of each the difference to the one before (folded for
//     the first) times 2, plus 1 if its count follows
//     codes, then kinds of failure: how many; of each the text and its count; then the others
//   A text is its number plus 1, or 0 and then its length and bytes where the limit is reached.

/// Numbers for the texts of a stream.
private enum TextLimit {
    /// How many texts get a number.
    static let count = 4096
    /// No text is longer, of those that a reader believes.
    static let length = 1 << 20
}

/// Writes packed statistics as a stream.
package struct PackedStatisticsWriter: Sendable {
    private var numbers: [[UInt8]: Int] = [:]
    private var news: [[UInt8]] = []

    /// A writer at the beginning of a stream.
    package init() {}

    /// Appends statistics to bytes; times are written as differences to `second`.
    package mutating func write(
        _ packed: PackedStatistics, second: Int64, to bytes: inout [UInt8]
    ) {
        var body = PackedBytes()
        news = []
        body.add(packed.cells.count)
        for cell in packed.cells { write(cell, base: second &* 1000, to: &body) }
        var head = PackedBytes()
        head.add(news.count)
        for text in news { head.add(text: text) }
        bytes += head.bytes
        bytes += body.bytes
    }

    private mutating func write(
        _ cell: PackedStatistics.Cell, base: Int64, to body: inout PackedBytes
    ) {
        body.add(cell.isController ? 1 : 0)
        write(cell.label, to: &body)
        if cell.isController { body.add(cell.emptyControllers) }
        body.add(cell.samples)
        guard cell.samples > 0 else { return }
        body.add(cell.errors)
        body.add(cell.untimed)
        body.add(signed: cell.elapsedSum - cell.latencySum)
        body.add(signed: cell.elapsedSum)
        body.add(signed: cell.connectSum)
        body.add(signed: cell.bytes)
        body.add(signed: cell.sentBytes)
        if cell.samples > cell.untimed {
            body.add(folded: cell.firstStart &- base)
            body.add(folded: cell.lastEnd &- cell.firstStart)
        }
        body.add(folded: cell.maxThreads)
        write(cell.elapsed, to: &body)
        write(cell.codes, cell.otherCodes, to: &body)
        write(cell.failures, cell.otherFailures, to: &body)
    }

    private func write(_ counts: [PackedCount], to body: inout PackedBytes) {
        body.add(counts.count)
        var before: Int64?
        for count in counts {
            // The values rise, so differences have no sign, however far apart they are.
            let gap =
                before.map { UInt64(bitPattern: count.value &- $0) } ?? folded(count.value)
            body.add(long: UInt128(gap) << 1 | (count.times > 1 ? 1 : 0))
            if count.times > 1 { body.add(count.times) }
            before = count.value
        }
    }

    private mutating func write(
        _ texts: [PackedText], _ other: Int, to body: inout PackedBytes
    ) {
        body.add(texts.count)
        for text in texts {
            write(text.text, to: &body)
            body.add(text.times)
        }
        body.add(other)
    }

    private mutating func write(_ text: [UInt8], to body: inout PackedBytes) {
        if let number = numbers[text] { return body.add(number + 1) }
        guard numbers.count < TextLimit.count else {
            body.add(0)
            body.add(text: text)
            return
        }
        numbers[text] = numbers.count
        news.append(text)
        body.add(numbers.count)
    }
}

/// Reads a stream of packed statistics.
package struct PackedStatisticsReader: Sendable {
    private var texts: [[UInt8]] = []

    /// A reader at the beginning of a stream.
    package init() {}

    /// Reads what was written for `second`; with `again`, what this reader has read before.
    ///
    /// - Throws: ``JTLError/intervals(source:reason:)`` for what no writer wrote; the reader is then of
    ///   no more use.
    package mutating func read(
        _ bytes: ArraySlice<UInt8>, second: Int64, again: Bool = false
    ) throws(JTLError) -> PackedStatistics {
        var source = PackedSource(bytes)
        for _ in 0..<(try source.count()) {
            let text = try source.text()
            if !again { texts.append(text) }
        }
        guard texts.count <= TextLimit.count else { throw PackedSource.damaged }
        var packed = PackedStatistics()
        let count = try source.count()
        packed.cells.reserveCapacity(count)
        for _ in 0..<count { packed.cells.append(try cell(&source, base: second &* 1000)) }
        guard source.isAtEnd else { throw PackedSource.damaged }
        return packed
    }

    private func cell(
        _ source: inout PackedSource, base: Int64
    ) throws(JTLError) -> PackedStatistics.Cell {
        let isController = try source.number() == 1
        var cell = PackedStatistics.Cell(label: try text(&source), isController: isController)
        if isController { cell.emptyControllers = try source.amount() }
        cell.samples = try source.amount()
        guard cell.samples > 0 else { return cell }
        cell.errors = try source.amount()
        cell.untimed = try source.amount()
        let beyondLatency = try source.signed()
        cell.elapsedSum = try source.signed()
        cell.latencySum = cell.elapsedSum - beyondLatency
        cell.connectSum = try source.signed()
        cell.bytes = try source.signed()
        cell.sentBytes = try source.signed()
        if cell.samples > cell.untimed {
            cell.firstStart = base &+ (try source.folded())
            cell.lastEnd = cell.firstStart &+ (try source.folded())
        }
        cell.maxThreads = try source.folded()
        cell.elapsed = try counts(&source)
        (cell.codes, cell.otherCodes) = try list(&source)
        (cell.failures, cell.otherFailures) = try list(&source)
        guard cell.elapsed.reduce(0, { $0 &+ $1.times }) == cell.samples else {
            throw PackedSource.damaged
        }
        return cell
    }

    private func counts(_ source: inout PackedSource) throws(JTLError) -> [PackedCount] {
        let count = try source.count()
        var counts: [PackedCount] = []
        counts.reserveCapacity(count)
        for index in 0..<count {
            let code = try source.long()
            let gap = UInt64(truncatingIfNeeded: code >> 1)
            let value =
                index == 0 ? unfolded(gap) : counts[index - 1].value &+ Int64(bitPattern: gap)
            counts.append(PackedCount(value: value, times: code & 1 == 1 ? try source.amount() : 1))
        }
        return counts
    }

    private func list(
        _ source: inout PackedSource
    ) throws(JTLError) -> (texts: [PackedText], other: Int) {
        let count = try source.count()
        var texts: [PackedText] = []
        texts.reserveCapacity(count)
        for _ in 0..<count {
            let text = try text(&source)
            texts.append(PackedText(text: text, times: try source.amount()))
        }
        return (texts, try source.amount())
    }

    private func text(_ source: inout PackedSource) throws(JTLError) -> [UInt8] {
        let number = try source.count(atMost: TextLimit.count)
        if number == 0 { return try source.text() }
        guard number <= texts.count else { throw PackedSource.damaged }
        return texts[number - 1]
    }
}

/// Bytes that are being written.
private struct PackedBytes {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ value: Int) { add(long: UInt128(UInt64(truncatingIfNeeded: value))) }

    mutating func add(folded value: Int64) { add(long: UInt128(folded(value))) }

    mutating func add(signed value: Int128) { add(long: folded(value)) }

    mutating func add(text: [UInt8]) {
        add(text.count)
        bytes += text
    }

    mutating func add(long value: UInt128) {
        var rest = value
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    private func folded(_ value: Int64) -> UInt64 { JTL.folded(value) }
    private func folded(_ value: Int128) -> UInt128 { JTL.folded(value) }
}

/// Bytes from outside that are being read: none of them is believed.
private struct PackedSource {
    private let bytes: ArraySlice<UInt8>
    private var next: Int

    static var damaged: JTLError {
        .intervals(source: "a node's log", reason: "a second in it is damaged")
    }

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        next = bytes.startIndex
    }

    var isAtEnd: Bool { next == bytes.endIndex }

    /// A number that may have 128 bits.
    mutating func long() throws(JTLError) -> UInt128 {
        // All but a few numbers are short.
        var small: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 56 {
            guard next < bytes.endIndex else { throw Self.damaged }
            let byte = bytes[next]
            next += 1
            small |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return UInt128(small) }
            shift += 7
        }
        var value = UInt128(small)
        while shift < 128 {
            guard next < bytes.endIndex else { throw Self.damaged }
            let byte = bytes[next]
            next += 1
            value |= UInt128(byte & 0x7F) << UInt128(shift)
            if byte < 0x80 { return value }
            shift += 7
        }
        throw Self.damaged
    }

    mutating func number() throws(JTLError) -> UInt64 {
        guard let value = UInt64(exactly: try long()) else { throw Self.damaged }
        return value
    }

    /// A count of something, far from what could overflow a sum of many.
    mutating func amount() throws(JTLError) -> Int {
        let value = try number()
        guard value < 1 << 48 else { throw Self.damaged }
        return Int(value)
    }

    /// How many things follow, each of which takes a byte at least.
    mutating func count() throws(JTLError) -> Int {
        let value = try number()
        guard value <= UInt64(bytes.endIndex - next) else { throw Self.damaged }
        return Int(value)
    }

    mutating func count(atMost limit: Int) throws(JTLError) -> Int {
        let value = try number()
        guard value <= UInt64(limit) else { throw Self.damaged }
        return Int(value)
    }

    mutating func folded() throws(JTLError) -> Int64 { unfolded(try number()) }

    mutating func signed() throws(JTLError) -> Int128 {
        let value = unfolded(try long())
        guard value.magnitude < 1 << 100 else { throw Self.damaged }
        return value
    }

    mutating func text() throws(JTLError) -> [UInt8] {
        let length = try count()
        guard length <= TextLimit.length else { throw Self.damaged }
        defer { next += length }
        return Array(bytes[next..<(next + length)])
    }
}
