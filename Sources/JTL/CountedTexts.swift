// How often each of a few texts occurs: response codes, kinds of failure. Messages may hold ids
// and never repeat, so the number of different texts is bounded and the rest is counted as other.

/// Counts of different texts, of which only so many are kept apart.
public struct CountedTexts: Sendable {
    /// How many different texts are kept apart.
    public static let limit = 1000

    /// How many bytes of a text are kept.
    public static let lengthLimit = 512

    private var table = ByteTable()
    private var times: [Int] = []

    /// How often texts beyond the limit occurred.
    public private(set) var other = 0

    /// Counts of nothing.
    public init() {}

    /// The texts with their counts, the most frequent first, equal counts by text.
    public var counts: [(text: String, times: Int)] {
        times.indices
            .map { (text: String(decoding: table.key($0), as: UTF8.self), times: times[$0]) }
            .sorted { $0.times != $1.times ? $0.times > $1.times : $0.text < $1.text }
    }

    mutating func add(_ text: UnsafeBufferPointer<UInt8>, times count: Int = 1) {
        let key = UnsafeBufferPointer(rebasing: text.prefix(Self.lengthLimit))
        if let number = table.find(key) {
            times[number] += count
        } else if times.count < Self.limit {
            table.insert(key)
            times.append(count)
        } else {
            other += count
        }
    }

    mutating func addFailure(_ sample: Sample) {
        var text: [UInt8]
        if isSuccessCode(sample.responseCode), !sample.failureMessage.isEmpty {
            text = Array(sample.failureMessage.prefix(Self.lengthLimit))
        } else {
            text = Array(sample.responseCode)
            if !sample.responseMessage.isEmpty {
                if !text.isEmpty { text.append(UInt8(ascii: "/")) }
                text += sample.responseMessage.prefix(Self.lengthLimit)
            }
        }
        text.withUnsafeBufferPointer { add($0) }
    }

    mutating func merge(_ more: CountedTexts) {
        for (number, count) in more.times.enumerated() {
            Array(more.table.key(number)).withUnsafeBufferPointer { add($0, times: count) }
        }
        other += more.other
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
