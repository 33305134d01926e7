// All figures of a cell but its times: what a row adds to the summary, added up for one second of
// one label. Texts are numbers here; whoever numbers them knows the texts.

/// How often a numbered text occurs.
struct TextTimes: Equatable {
    var number: Int
    var times: Int
}

/// The figures of one cell.
struct CellFigures: Equatable {
    var samples = 0
    /// Transaction controllers in which nothing ran; they are no samples.
    var emptyControllers = 0
    var errors = 0
    var elapsed: Int128 = 0
    var latency: Int128 = 0
    var connect: Int128 = 0
    var bytes: Int128 = 0
    var sentBytes: Int128 = 0
    var maxThreads: Int64 = 0
    /// As in ``Aggregate``, the values without time stamps included.
    var firstStart = Int64.max
    var lastEnd = Int64.min
    /// Response codes; those of the other samples are not kept apart.
    var codes: [TextTimes] = []
    /// Kinds of failure; those of the other errors are not kept apart.
    var failures: [TextTimes] = []

    /// Takes the sums of plain rows: `Lane.first`, `Lane.second`.
    mutating func set(_ first: Four, _ second: Four, maxThreads most: UInt64) {
        samples = Int(first[0])
        errors = Int(second[3])
        elapsed = Int128(first[1])
        bytes = Int128(first[2])
        sentBytes = Int128(first[3])
        latency = Int128(second[1])
        connect = Int128(second[2])
        maxThreads = Int64(most)
    }

    /// Adds what another cell holds, if both number texts alike.
    mutating func merge(_ other: CellFigures) {
        samples += other.samples
        emptyControllers += other.emptyControllers
        errors += other.errors
        elapsed += other.elapsed
        latency += other.latency
        connect += other.connect
        bytes += other.bytes
        sentBytes += other.sentBytes
        maxThreads = max(maxThreads, other.maxThreads)
        firstStart = min(firstStart, other.firstStart)
        lastEnd = max(lastEnd, other.lastEnd)
        Self.add(other.codes, to: &codes)
        Self.add(other.failures, to: &failures)
    }

    private static func add(_ more: [TextTimes], to list: inout [TextTimes]) {
        for entry in more { add(entry.times, of: entry.number, to: &list) }
    }

    /// Counts a text; a negative number is that of a text which is not kept apart.
    static func add(_ times: Int, of number: Int, to list: inout [TextTimes]) {
        guard number >= 0 else { return }
        for index in list.indices where list[index].number == number {
            list[index].times += times
            return
        }
        list.append(TextTimes(number: number, times: times))
    }

    /// Forgets everything but the memory for it.
    mutating func clear() {
        // Most cells have no failures, and asking costs less than removing nothing.
        if !codes.isEmpty { codes.removeAll(keepingCapacity: true) }
        if !failures.isEmpty { failures.removeAll(keepingCapacity: true) }
        (samples, emptyControllers, errors) = (0, 0, 0)
        (elapsed, latency, connect, bytes, sentBytes) = (0, 0, 0, 0, 0)
        (maxThreads, firstStart, lastEnd) = (0, .max, .min)
    }
}
