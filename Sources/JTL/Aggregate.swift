// The figures of a set of samples, all of them exact and added up. Sums have 128 bits: no file can
// make them overflow, so the mean of the largest values is still right.

/// What a set of samples adds up to.
public struct Aggregate: Sendable, Equatable {
    /// How many samples.
    public private(set) var samples = 0

    /// How many of them did not succeed.
    public private(set) var errors = 0

    /// How many of them had no time stamp; a rate is known only where there are none of these.
    public private(set) var untimed = 0

    /// How often each elapsed time occurs, in ms.
    public private(set) var elapsed = Histogram()

    /// The sum of elapsed times, in ms.
    public private(set) var elapsedSum: Int128 = 0

    /// The sum of latencies (time to the first byte), in ms.
    public private(set) var latencySum: Int128 = 0

    /// The sum of connect times, in ms.
    public private(set) var connectSum: Int128 = 0

    /// Bytes received.
    public private(set) var bytes: Int128 = 0

    /// Bytes sent.
    public private(set) var sentBytes: Int128 = 0

    /// The smallest elapsed time, in ms; `Int64.max` without samples.
    public private(set) var minElapsed = Int64.max

    /// The largest elapsed time, in ms; `Int64.min` without samples.
    public private(set) var maxElapsed = Int64.min

    /// The first start, in ms since 1970; `Int64.max` without time stamps.
    public private(set) var firstStart = Int64.max

    /// The last end (start + elapsed), in ms since 1970; `Int64.min` without time stamps.
    public private(set) var lastEnd = Int64.min

    /// The most threads that any sample saw active.
    public private(set) var maxThreads: Int64 = 0

    /// How often each response code occurs.
    public private(set) var responseCodes = CountedTexts()

    /// How often each kind of failure occurs: the code and message of the response, or the
    /// assertion's text where the code itself is one of success.
    public private(set) var failures = CountedTexts()

    /// An aggregate of nothing.
    public init() {}

    /// An aggregate for few values: see ``Histogram/init(sparse:)``.
    init(sparse: Void) { elapsed = Histogram(sparse: ()) }

    /// The mean elapsed time in ms: the exact quotient, rounded once; nil without samples.
    public var meanElapsed: Double? {
        samples == 0 ? nil : quotient(elapsedSum, samples)
    }

    /// The mean latency in ms; nil without samples.
    public var meanLatency: Double? { samples == 0 ? nil : quotient(latencySum, samples) }

    /// The mean connect time in ms; nil without samples.
    public var meanConnect: Double? { samples == 0 ? nil : quotient(connectSum, samples) }

    /// From the first start to the last end, in ms; nil where no such time is known.
    public var span: Int64? {
        samples == 0 || untimed > 0 ? nil : lastEnd &- firstStart
    }

    mutating func add(_ sample: Sample) {
        samples += 1
        elapsed.add(sample.elapsed)
        elapsedSum += Int128(sample.elapsed)
        latencySum += Int128(sample.latency)
        connectSum += Int128(sample.connect)
        bytes += Int128(sample.bytes)
        sentBytes += Int128(sample.sentBytes)
        minElapsed = min(minElapsed, sample.elapsed)
        maxElapsed = max(maxElapsed, sample.elapsed)
        maxThreads = max(maxThreads, sample.allThreads)
        if let start = sample.timestamp {
            firstStart = min(firstStart, start)
            // Java's long wraps around, and so does JMeter's end of an absurd sample.
            lastEnd = max(lastEnd, start &+ sample.elapsed)
        } else {
            untimed += 1
        }
        responseCodes.add(sample.responseCode)
        if !sample.isSuccess {
            errors += 1
            failures.addFailure(sample)
        }
    }

    /// Adds the samples of another aggregate.
    public mutating func merge(_ other: Aggregate) {
        samples += other.samples
        errors += other.errors
        untimed += other.untimed
        elapsed.merge(other.elapsed)
        elapsedSum += other.elapsedSum
        latencySum += other.latencySum
        connectSum += other.connectSum
        bytes += other.bytes
        sentBytes += other.sentBytes
        minElapsed = min(minElapsed, other.minElapsed)
        maxElapsed = max(maxElapsed, other.maxElapsed)
        firstStart = min(firstStart, other.firstStart)
        lastEnd = max(lastEnd, other.lastEnd)
        maxThreads = max(maxThreads, other.maxThreads)
        responseCodes.merge(other.responseCodes)
        failures.merge(other.failures)
    }
}

// MARK: - Packed cells

/// Whether a packed cell is added or taken out.
enum CellSign: Int {
    case plus = 1
    case minus = -1
}

extension Aggregate {
    /// Adds the rows of a packed cell.
    mutating func add(_ cell: PackedStatistics.Cell) -> CellSign {
        change(by: cell, .plus)
        guard cell.samples > 0 else { return .plus }
        if cell.samples > cell.untimed {
            firstStart = min(firstStart, cell.firstStart)
            lastEnd = max(lastEnd, cell.lastEnd)
        }
        maxThreads = max(maxThreads, cell.maxThreads)
        if let least = cell.elapsed.first, let most = cell.elapsed.last {
            minElapsed = min(minElapsed, least.value)
            maxElapsed = max(maxElapsed, most.value)
        }
        return .plus
    }

    /// Takes out the rows of a packed cell that was added before.
    mutating func remove(_ cell: PackedStatistics.Cell) -> CellSign {
        change(by: cell, .minus)
        let left = elapsed.inOrder
        minElapsed = left.first?.value ?? .max
        maxElapsed = left.last?.value ?? .min
        return .minus
    }

    private mutating func change(by cell: PackedStatistics.Cell, _ sign: CellSign) {
        let (one, long) = (sign.rawValue, Int128(sign.rawValue))
        samples += one * cell.samples
        errors += one * cell.errors
        untimed += one * cell.untimed
        elapsedSum += long * cell.elapsedSum
        latencySum += long * cell.latencySum
        connectSum += long * cell.connectSum
        bytes += long * cell.bytes
        sentBytes += long * cell.sentBytes
        for count in cell.elapsed {
            switch sign {
            case .plus: elapsed.add(count.value, times: count.times)
            case .minus: elapsed.remove(count.value, times: count.times)
            }
        }
        for text in cell.codes { responseCodes.change(text.text, by: one * text.times) }
        responseCodes.addOther(one * cell.otherCodes)
        for text in cell.failures { failures.change(text.text, by: one * text.times) }
        failures.addOther(one * cell.otherFailures)
    }
}

// MARK: - From the bulk reader

extension Aggregate {
    mutating func count(code: UnsafeBufferPointer<UInt8>, times: Int) {
        guard times > 0 else { return }
        responseCodes.add(code, times: times)
    }

    mutating func count(failure text: UnsafeBufferPointer<UInt8>) { failures.add(text) }

    mutating func count(elapsed value: Int64, times: Int) {
        elapsed.add(value, times: times)
        minElapsed = min(minElapsed, value)
        maxElapsed = max(maxElapsed, value)
    }

    /// Adds a lane's sums and two codes; times, other codes and failures come apart.
    mutating func add(_ lane: Lane) {
        samples += Int(lane.first[0])
        elapsedSum += Int128(lane.first[1])
        bytes += Int128(lane.first[2])
        sentBytes += Int128(lane.first[3])
        untimed += Int(lane.second[0])
        latencySum += Int128(lane.second[1])
        connectSum += Int128(lane.second[2])
        errors += Int(lane.second[3])
        firstStart = min(firstStart, lane.firstStart)
        lastEnd = max(lastEnd, lane.lastEnd)
        maxThreads = max(maxThreads, Int64(lane.maxThreads))
        lane.codes.keys.0.withBytes { count(code: $0, times: lane.codes.times.0) }
        lane.codes.keys.1.withBytes { count(code: $0, times: lane.codes.times.1) }
    }

    /// Adds elapsed times with their counts, smallest first.
    mutating func add(sorted times: [Histogram.Count]) {
        if let first = times.first, let last = times.last {
            minElapsed = min(minElapsed, first.value)
            maxElapsed = max(maxElapsed, last.value)
        }
        elapsed.merge(sorted: times)
    }

    /// Adds the figures of a cell; its texts and times come apart.
    mutating func add(_ cell: CellFigures, isTimed: Bool) {
        samples += cell.samples
        errors += cell.errors
        untimed += isTimed ? 0 : cell.samples
        elapsedSum += cell.elapsed
        latencySum += cell.latency
        connectSum += cell.connect
        bytes += cell.bytes
        sentBytes += cell.sentBytes
        firstStart = min(firstStart, cell.firstStart)
        lastEnd = max(lastEnd, cell.lastEnd)
        maxThreads = max(maxThreads, cell.maxThreads)
    }

    /// Counts the texts of a cell by what their numbers mean; unknown ones are not kept apart.
    mutating func count(
        textsOf cell: CellFigures, codes: [Int: [UInt8]], failures: [Int: [UInt8]]
    ) {
        Self.count(cell.codes, codes, of: cell.samples, in: &responseCodes)
        Self.count(cell.failures, failures, of: cell.errors, in: &self.failures)
    }

    /// Counts the response codes of so many samples by what their numbers mean.
    mutating func count(codes times: [Int], _ texts: [Int: [UInt8]], of samples: Int) {
        Self.count(Self.list(times), texts, of: samples, in: &responseCodes)
    }

    /// Counts the failures of so many samples by what their numbers mean.
    mutating func count(failures times: [Int], _ texts: [Int: [UInt8]], of errors: Int) {
        Self.count(Self.list(times), texts, of: errors, in: &failures)
    }

    private static func list(_ times: [Int]) -> [TextTimes] {
        times.enumerated().filter { $0.element > 0 }
            .map { TextTimes(number: $0.offset, times: $0.element) }
    }

    private static func count(
        _ list: [TextTimes], _ texts: [Int: [UInt8]], of total: Int, in counts: inout CountedTexts
    ) {
        var other = total
        for entry in list {
            guard let text = texts[entry.number] else { continue }
            text.withUnsafeBufferPointer { counts.add($0, times: entry.times) }
            other -= entry.times
        }
        counts.addOther(other)
    }

    /// Adds another aggregate, or becomes it where there was nothing.
    mutating func absorb(_ other: consuming Aggregate) {
        if samples == 0 { self = other } else { merge(other) }
    }
}

/// `sum / count`, rounded once to the nearest Double.
func quotient(_ sum: Int128, _ count: Int) -> Double {
    let magnitude = sum.magnitude
    // Both are exact as Doubles: the division is the only rounding.
    if magnitude < 1 << 53, count < 1 << 53 { return Double(Int64(sum)) / Double(count) }
    let divisor = UInt128(count)
    let (whole, rest) = magnitude.quotientAndRemainder(dividingBy: divisor)
    // The count has at most 63 bits, so the rest can be shifted by 64; a mean of whole
    // milliseconds has at most 64 bits.
    let (fraction, last) = (rest << 64).quotientAndRemainder(dividingBy: divisor)
    var bits = whole << 64 | fraction
    let shift = 64 - bits.leadingZeroBitCount
    var isInexact = last != 0
    if shift > 0 {
        isInexact = isInexact || bits & ((1 << UInt128(shift)) - 1) != 0
        bits >>= UInt128(shift)
    }
    // 64 bits of which the lowest stands for all that was cut: rounding to 53 sees it as it must.
    let rounded = Double(UInt64(bits) | (isInexact ? 1 : 0))
    let scaled = Double(sign: .plus, exponent: shift - 64, significand: rounded)
    return sum < 0 ? -scaled : scaled
}
