// A run along its time, for charts: the seconds of a series merged into no more slots than a chart
// has room for. A slot's percentiles are those of all its samples' times; none is made of others.
//
// Each thread makes its slots one after another, so that only one of them needs counts of its times.

/// What a run's samples add up to, slot of time by slot of time; transaction controllers apart.
package struct Timeline: Sendable {
    /// A few seconds of a run, by the start of the samples.
    package struct Slot: Sendable {
        /// How many samples.
        package var samples = 0
        /// How many of them did not succeed.
        package var errors = 0
        /// Percentiles of the elapsed times in ms; nil without samples, as is the largest.
        package var p50: Double?
        package var p95: Double?
        package var p99: Double?
        package var max: Int64?
        /// Sums in ms.
        package var elapsedSum: Int128 = 0
        package var latencySum: Int128 = 0
        package var connectSum: Int128 = 0
        /// Bytes received.
        package var bytes: Int128 = 0
        /// The most threads that were active, added up over the sources.
        package var threads: Int64 = 0
        /// Response codes as places in ``Timeline/codes``, with their counts.
        package var codes: [(code: Int, times: Int)] = []
    }

    /// When a kind of failure occurred, in seconds since 1970.
    package struct Occurrence: Sendable, Equatable {
        package var first: Int64
        package var last: Int64

        mutating func merge(_ other: Occurrence) {
            first = min(first, other.first)
            last = max(last, other.last)
        }
    }

    /// What one source of samples contributed.
    package struct Source: Sendable, Equatable {
        /// The name it was given; empty where it got none.
        package var name: String
        package var samples = 0
        package var errors = 0
        package var maxThreads: Int64 = 0
        /// The seconds in which its first and its last sample started.
        package var first = Int64.max
        package var last = Int64.min

        mutating func merge(_ other: Source) {
            samples += other.samples
            errors += other.errors
            maxThreads = Swift.max(maxThreads, other.maxThreads)
            first = min(first, other.first)
            last = Swift.max(last, other.last)
        }
    }

    /// The second in which the first sample started, since 1970.
    package let firstSecond: Int64
    /// The second in which the last sample started.
    package let lastSecond: Int64
    /// How many seconds a slot has; the first and the last one may be covered in part only.
    package let secondsPerSlot: Int64
    /// All slots without a gap; the first begins at a multiple of ``secondsPerSlot``.
    package private(set) var slots: [Slot] = []
    /// The response codes that occur.
    package private(set) var codes: [String] = []
    /// When each kind of failure was first and last seen.
    package private(set) var failures: [String: Occurrence] = [:]
    /// What came from where, in the order of reading.
    package private(set) var sources: [Source] = []

    /// The second in which a slot begins.
    package func start(of slot: Int) -> Int64 {
        (floorDivided(firstSecond, secondsPerSlot) + Int64(slot)) * secondsPerSlot
    }

    /// How many of a slot's seconds lie between the first and the last sample.
    package func covered(of slot: Int) -> Int64 {
        let start = start(of: slot)
        return min(start + secondsPerSlot, lastSecond + 1) - Swift.max(start, firstSecond)
    }

    /// The timeline of a series in at most so many slots; nil where no sample has a time stamp.
    package init?(_ series: IntervalSeries, slots limit: Int = 2000, _ method: PercentileMethod) {
        let places = SlotPlaces(series)
        guard let span = places.span else { return nil }
        firstSecond = span.lowerBound
        lastSecond = span.upperBound
        secondsPerSlot = Self.width(of: span, slots: Swift.max(limit, 2))
        sources = places.names.map { Source(name: $0) }
        let order = SlotOrder(places, span, width: secondsPerSlot)
        let ranges = mapped(order.count, least: 100) { [SlotAdder(places, method).add(order, $0)] }
        var numbers: [String: Int] = [:]
        for range in ranges { append(range, &numbers) }
    }

    /// Appends the next slots; `numbers` has those of all codes so far.
    private mutating func append(_ range: SlotRange, _ numbers: inout [String: Int]) {
        let places = range.codes.map { text in
            let code = String(decoding: text, as: UTF8.self)
            if let number = numbers[code] { return number }
            numbers[code] = codes.count
            codes.append(code)
            return codes.count - 1
        }
        for var slot in range.slots {
            slot.codes = slot.codes.map { (code: places[$0.code], times: $0.times) }
            slots.append(slot)
        }
        for (text, seen) in range.failures {
            failures[String(decoding: text, as: UTF8.self), default: seen].merge(seen)
        }
        for index in sources.indices { sources[index].merge(range.sources[index]) }
    }

    /// A width that people count in, such that the slots suffice.
    private static func width(of span: ClosedRange<Int64>, slots: Int) -> Int64 {
        let usual: [Int64] = [
            1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200,
            86400,
        ]
        let count = { (width: Int64) in
            floorDivided(span.upperBound, width) - floorDivided(span.lowerBound, width) + 1
        }
        if let width = usual.first(where: { count($0) <= slots }) { return width }
        var width: Int64 = 86400
        while count(width) > slots { width *= 2 }
        return width
    }
}

/// `value / divisor` rounded down, for a positive divisor.
func floorDivided(_ value: Int64, _ divisor: Int64) -> Int64 {
    let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
    return rest < 0 ? quotient - 1 : quotient
}
