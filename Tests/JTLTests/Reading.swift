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
    let timeline: TimelineFigures?

    init(_ statistics: Statistics) {
        labels = statistics.labels.map(\.label)
        samples = statistics.labels.map(\.samples)
        controllers = statistics.labels.map(\.controllers)
        empty = statistics.labels.map(\.emptyControllers)
        unusable = statistics.unusable
        intervals = statistics.intervals?.encoded()
        windows = statistics.labels.map(\.window) + [statistics.totalWindow]
        timeline = statistics.timeline(.jmeter).map(TimelineFigures.init)
    }
}

/// What a timeline says, without the numbers it has for response codes.
struct TimelineFigures: Equatable {
    /// All of a slot but its codes; a text of it would take longer than reading the file.
    struct Slot: Equatable {
        let counts: [Int]
        let times: [Double?]
        let max: Int64?
        let sums: [Int128]
        let threads: Int64
        let codes: [String: Int]

        init(_ slot: Timeline.Slot, _ names: [String]) {
            counts = [slot.samples, slot.errors]
            times = [slot.p50, slot.p95, slot.p99]
            max = slot.max
            sums = [slot.elapsedSum, slot.latencySum, slot.connectSum, slot.bytes]
            threads = slot.threads
            codes = Dictionary(
                slot.codes.map { (names[$0.code], $0.times) }, uniquingKeysWith: +)
        }
    }

    let seconds: [Int64]
    let slots: [Slot]
    let failures: [String: Timeline.Occurrence]
    let sources: [Timeline.Source]

    init(_ timeline: Timeline) {
        seconds = [timeline.firstSecond, timeline.lastSecond, timeline.secondsPerSlot]
        slots = timeline.slots.map { Slot($0, timeline.codes) }
        failures = timeline.failures
        sources = timeline.sources
    }
}
