// How often each of a few texts occurs: response codes, kinds of failure. Messages may hold ids
// and never repeat, so the number of different texts is bounded and the rest is counted as other.
//
// Which texts are kept must not depend on the order in which they come, or two threads and two
// workers would add up to something else than one: the shortest are kept (then the first by their
// bytes), because a message with an id in it is longer than one without. A text among the shortest
// of all is among the shortest of every part, so no count that is shown was ever dropped.

/// Counts of different texts, of which only so many are kept apart.
public struct CountedTexts: Sendable {
    /// How many different texts are kept apart.
    public static let limit = 1000

    /// How many bytes of a text are kept.
    public static let lengthLimit = 512

    private var table = ByteTable()
    private var times: [Int] = []
    /// The longest text that may be kept, once some had to go.
    private var bound: [UInt8]?

    /// How often texts beyond the limit occurred.
    public var other: Int { trimmed.beyond }

    /// The same, as long as there is room left for some of them.
    private var beyond = 0

    /// Counts of nothing.
    public init() {}

    /// The texts with their counts, the most frequent first, equal counts by text.
    public var counts: [(text: String, times: Int)] {
        let kept = trimmed
        // What was taken out again to the last is not there.
        return kept.times.indices.filter { kept.times[$0] > 0 }
            .map {
                (text: String(decoding: kept.table.key($0), as: UTF8.self), times: kept.times[$0])
            }
            .sorted { $0.times != $1.times ? $0.times > $1.times : $0.text < $1.text }
    }

    mutating func add(_ text: UnsafeBufferPointer<UInt8>, times count: Int = 1) {
        let key = UnsafeBufferPointer(rebasing: text.prefix(Self.lengthLimit))
        if let number = table.find(key) {
            times[number] += count
        } else if let bound, !Self.precedes(key, bound) {
            beyond += count
        } else {
            table.insert(key)
            times.append(count)
            // Twice as many for a while, so that sorting them is rare.
            if times.count > 2 * Self.limit { dropLongest() }
        }
    }

    /// Adds to the count of a text, or with a negative number takes away from it.
    mutating func change(_ text: [UInt8], by count: Int) {
        text.withUnsafeBufferPointer { key in
            if count >= 0 {
                if count > 0 { add(key, times: count) }
            } else if let number = table.find(key) {
                times[number] += count
            } else {
                // It was added, and had to go: it is among the others.
                beyond += count
            }
        }
    }

    /// Whether a text is kept rather than another one.
    static func precedes(_ left: some Collection<UInt8>, _ right: [UInt8]) -> Bool {
        left.count != right.count
            ? left.count < right.count : left.lexicographicallyPrecedes(right)
    }

    /// Keeps the shortest texts up to the limit, and counts the rest as other.
    private mutating func dropLongest() {
        let texts = times.indices.map { (text: Array(table.key($0)), times: times[$0]) }
            .sorted { Self.precedes($0.text, $1.text) }
        table = ByteTable()
        times = []
        for entry in texts.prefix(Self.limit) {
            entry.text.withUnsafeBufferPointer { table.insert($0) }
            times.append(entry.times)
        }
        bound = texts[Self.limit - 1].text
        beyond += texts.dropFirst(Self.limit).reduce(0) { $0 + $1.times }
    }

    /// The same with no more texts than the limit.
    private var trimmed: CountedTexts {
        guard times.count > Self.limit else { return self }
        var trimmed = self
        trimmed.dropLongest()
        return trimmed
    }

    mutating func addFailure(_ sample: Sample) {
        Self.withFailure(sample) { add($0) }
    }

    /// Calls `body` with what a failure is counted as.
    static func withFailure(
        _ sample: Sample, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        withFailure(sample.responseCode, sample.responseMessage, sample.failureMessage, body)
    }

    /// Calls `body` with what a failure is counted as: its message, or the response's code and
    /// message.
    static func withFailure(
        _ code: UnsafeBufferPointer<UInt8>, _ message: UnsafeBufferPointer<UInt8>,
        _ failure: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        guard !isSuccessCode(code) || failure.isEmpty else { return body(failure) }
        guard !message.isEmpty else { return body(code) }
        // What is longer than the limit is cut there anyway.
        let code = UnsafeBufferPointer(rebasing: code.prefix(lengthLimit))
        let message = UnsafeBufferPointer(rebasing: message.prefix(lengthLimit))
        withUnsafeTemporaryAllocation(
            of: UInt8.self, capacity: code.count + 1 + message.count
        ) { text in
            var end = text.update(fromContentsOf: code)
            if end > 0 {
                text[end] = UInt8(ascii: "/")
                end += 1
            }
            end = text[end...].update(fromContentsOf: message)
            body(UnsafeBufferPointer(rebasing: text[..<end]))
        }
    }

    /// Counts texts that are not kept apart.
    mutating func addOther(_ times: Int) { beyond += times }

    /// The texts that are kept apart, as bytes, with their counts, and the count of the others.
    var kept: (texts: [(text: [UInt8], times: Int)], other: Int) {
        let kept = trimmed
        return (
            kept.times.indices.filter { kept.times[$0] > 0 }
                .map { (Array(kept.table.key($0)), kept.times[$0]) }, kept.beyond
        )
    }

    mutating func merge(_ more: CountedTexts) {
        for (number, count) in more.times.enumerated() {
            Array(more.table.key(number)).withUnsafeBufferPointer { add($0, times: count) }
        }
        beyond += more.beyond
    }
}

/// What JMeter takes for success: a code from 200 to 399.
private func isSuccessCode(_ code: UnsafeBufferPointer<UInt8>) -> Bool {
    code.count == 3 && (code[0] == UInt8(ascii: "2") || code[0] == UInt8(ascii: "3"))
        && code.allSatisfy { (0x30...0x39).contains($0) }
}

extension CountedTexts: Equatable {
    /// Equal when every text occurs as often in both.
    public static func == (left: CountedTexts, right: CountedTexts) -> Bool {
        left.other == right.other
            && left.counts.elementsEqual(right.counts) {
                $0.text == $1.text && $0.times == $1.times
            }
    }
}
