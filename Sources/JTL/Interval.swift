// Samples by the second, exact and mergeable, small enough to publish every second. A sample
// belongs to the second in which it STARTED, floor(timeStamp / 1000): the file holds that time
// exactly, and it does not move when a response is slow. So a slow sample may come when its second
// was published already; it then makes another interval of that second, and merging sets it right.

/// The samples of one label that started in one second.
public struct IntervalCell: Codable, Equatable, Sendable {
    /// How many samples.
    public internal(set) var samples = 0
    /// How many of them did not succeed.
    public internal(set) var errors = 0
    /// Bytes received; wraps around like Java's long.
    public internal(set) var bytes: Int64 = 0
    /// Bytes sent; wraps around like Java's long.
    public internal(set) var sentBytes: Int64 = 0
    /// The most threads that any sample saw active.
    public internal(set) var maxThreads: Int64 = 0
    /// How often each elapsed time occurs, in ms.
    public internal(set) var elapsed = Histogram(sparse: ())

    /// A cell of nothing.
    public init() {}

    mutating func add(_ sample: Sample) {
        samples += 1
        if !sample.isSuccess { errors += 1 }
        bytes &+= sample.bytes
        sentBytes &+= sample.sentBytes
        maxThreads = max(maxThreads, sample.allThreads)
        elapsed.add(sample.elapsed)
    }

    /// Adds the samples of another cell.
    public mutating func merge(_ other: IntervalCell) {
        samples += other.samples
        errors += other.errors
        bytes &+= other.bytes
        sentBytes &+= other.sentBytes
        maxThreads = max(maxThreads, other.maxThreads)
        elapsed.merge(other.elapsed)
    }
}

/// Whose samples a cell holds.
public struct CellKey: Hashable, Codable, Sendable {
    /// The label.
    public let label: String
    /// Whether the rows are those of a transaction controller, which is not part of the total.
    public let isController: Bool

    /// Labels are exact: Swift's own `==` would take two Unicode forms of é for one.
    public static func == (left: CellKey, right: CellKey) -> Bool {
        left.isController == right.isController && left.label.utf8.elementsEqual(right.label.utf8)
    }

    /// Hashes the exact bytes of the label.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(isController)
        for byte in label.utf8 { hasher.combine(byte) }
    }
}

/// One second of a run.
public struct Interval: Codable, Equatable, Sendable {
    /// Seconds since 1970.
    public let second: Int64

    /// The samples by label.
    public internal(set) var cells: [CellKey: IntervalCell] = [:]

    /// An interval in which nothing happened.
    public init(second: Int64) {
        self.second = second
    }

    /// What all samples of the second add up to, transaction controllers apart.
    public var total: IntervalCell {
        cells.reduce(into: IntervalCell()) { total, entry in
            if !entry.key.isController { total.merge(entry.value) }
        }
    }

    /// Adds the samples of the same second of another source.
    public mutating func merge(_ other: Interval) {
        for (key, cell) in other.cells { cells[key, default: IntervalCell()].merge(cell) }
    }
}
