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

    /// What there is once there is a text; shared by copies until one of them changes.
    private final class Content {
        var table = ByteTable()
        var times: [Int] = []
        /// The longest text that may be kept, once some had to go.
        var bound: [UInt8]?

        init() {}

        init(_ other: Content) { (table, times, bound) = (other.table, other.times, other.bound) }
    }

    // Safe: only changed while nobody else has it. Behind one reference, because there are two of
    // these in each of many thousands of aggregates, and most have no failures.
    private nonisolated(unsafe) var content: Content?

    /// How often texts beyond the limit occurred.
    public var other: Int { trimmed.beyond }

    /// The same, as long as there is room left for some of them.
    private var beyond = 0

    /// Counts of nothing.
    public init() {}

    /// The texts with their counts, the most frequent first, equal counts by text.
    public var counts: [(text: String, times: Int)] {
        kept.texts.map { (text: String(decoding: $0.text, as: UTF8.self), times: $0.times) }
            .sorted { $0.times != $1.times ? $0.times > $1.times : $0.text < $1.text }
    }

    mutating func add(_ text: UnsafeBufferPointer<UInt8>, times count: Int = 1) {
        let key = UnsafeBufferPointer(rebasing: text.prefix(Self.lengthLimit))
        let own = own()
        if let number = own.table.find(key) {
            own.times[number] += count
        } else if let bound = own.bound, !Self.precedes(key, bound) {
            beyond += count
        } else {
            own.table.insert(key)
            own.times.append(count)
            // Twice as many for a while, so that sorting them is rare.
            if own.times.count > 2 * Self.limit { dropLongest() }
        }
    }

    /// The content, to be changed.
    private mutating func own() -> Content {
        if isKnownUniquelyReferenced(&content), let content { return content }
        let own = content.map(Content.init) ?? Content()
        content = own
        return own
    }

    /// Adds to the count of a text, or with a negative number takes away from it.
    mutating func change(_ text: [UInt8], by count: Int) {
        text.withUnsafeBufferPointer { key in
            if count >= 0 {
                if count > 0 { add(key, times: count) }
            } else if let number = content?.table.find(key) {
                own().times[number] += count
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
        guard let all = content else { return }
        let left = Content(all)
        left.times = left.table.keepShortest(Self.limit).map { all.times[$0] }
        left.bound = Array(left.table.key(left.table.count - 1))
        beyond += all.times.reduce(0, +) - left.times.reduce(0, +)
        content = left
    }

    /// The same with no more texts than the limit.
    private var trimmed: CountedTexts {
        guard let content, content.times.count > Self.limit else { return self }
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
        guard let content = kept.content else { return ([], kept.beyond) }
        // What was taken out again to the last is not there.
        let numbers = content.times.indices.filter { content.times[$0] > 0 }
        return (
            numbers.map { (Array(content.table.key($0)), content.times[$0]) }, kept.beyond
        )
    }

    mutating func merge(_ more: CountedTexts) {
        beyond += more.beyond
        guard let texts = more.content else { return }
        guard content != nil else { return content = texts }
        for (number, count) in texts.times.enumerated() {
            texts.table.withKey(number) { add($0, times: count) }
        }
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
