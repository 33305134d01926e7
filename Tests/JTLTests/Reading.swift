// How the tests of this room read: text or bytes in, in chunks of any size, statistics out.

import JTL

/// Statistics of bytes fed in chunks of `chunk` bytes, or in one piece.
func statistics(
    _ bytes: [UInt8], chunk: Int? = nil, options: ReaderOptions = ReaderOptions(),
    collecting: StatisticsOptions = StatisticsOptions()
) throws -> Statistics {
    var statistics = Statistics(collecting)
    var reader = SampleReader(options)
    let size = max(1, chunk ?? bytes.count)
    for start in stride(from: 0, to: bytes.count, by: size) {
        try reader.consume(
            Array(bytes[start..<min(start + size, bytes.count)]), into: &statistics)
    }
    try reader.finish(into: &statistics)
    return statistics
}

/// Statistics of a text.
func statistics(
    _ text: String, options: ReaderOptions = ReaderOptions(),
    collecting: StatisticsOptions = StatisticsOptions()
) throws -> Statistics {
    try statistics(Array(text.utf8), options: options, collecting: collecting)
}

/// JMeter's header without the columns that no test here looks at.
let header = "timeStamp,elapsed,label,responseCode,responseMessage,success,bytes,sentBytes,Latency"

/// One row for that header.
func row(
    _ start: Int = 1000, _ elapsed: Int = 10, _ label: String = "L", code: String = "200",
    message: String = "OK", success: String = "true"
) -> String {
    "\(start),\(elapsed),\(label),\(code),\(message),\(success),100,50,5"
}

/// A file of that header and these rows.
func file(_ rows: String...) -> String {
    ([header] + rows).map { $0 + "\n" }.joined()
}

/// Everything that two readings of one file must have in common, order of labels included.
struct Figures: Equatable {
    let labels: [String]
    let samples: [Aggregate]
    let controllers: [Aggregate]
    let empty: [Int]
    let unusable: UnusableLines
    /// The intervals as a file, which tells more differences than their list.
    let intervals: [UInt8]?
    let windows: [SampleWindow?]
    let timeline: [String]?

    init(_ statistics: Statistics) {
        labels = statistics.labels.map(\.label)
        samples = statistics.labels.map(\.samples)
        controllers = statistics.labels.map(\.controllers)
        empty = statistics.labels.map(\.emptyControllers)
        unusable = statistics.unusable
        intervals = statistics.intervals?.encoded()
        windows = statistics.labels.map(\.window) + [statistics.totalWindow]
        timeline = statistics.timeline(.jmeter).map(described)
    }
}

/// What a timeline says, without the numbers it has for response codes.
func described(_ timeline: Timeline) -> [String] {
    let slots = timeline.slots.map { slot in
        var plain = slot
        plain.codes = []
        let codes = slot.codes.map { "\(timeline.codes[$0.code]): \($0.times)" }.sorted()
        return "\(plain) \(codes)"
    }
    let failures = timeline.failures.map { "\($0)" }.sorted()
    return ["\(timeline.firstSecond) \(timeline.secondsPerSlot)"] + slots + failures
        + timeline.sources.map { "\($0)" }
}
