// Samples by the second, exact and mergeable. A sample belongs to the second in which it STARTED,
// floor(timeStamp / 1000): the file holds that time exactly, and it does not move when a response
// is slow. So a slow sample may come when its second was taken already; it then makes another
// interval of that second, and merging sets it right.

/// What the rows of one label that started in one second add up to.
public struct IntervalCell: Equatable, Sendable {
    /// The samples, or the rows of a transaction controller.
    public internal(set) var rows = Aggregate(sparse: ())

    /// How many transaction controllers had nothing in them.
    public internal(set) var emptyControllers = 0

    /// A cell of nothing.
    public init() {}

    mutating func add(_ sample: Sample) {
        if sample.kind == .emptyController {
            emptyControllers += 1
        } else {
            rows.add(sample)
        }
    }

    /// Adds the rows of another cell.
    public mutating func merge(_ other: IntervalCell) {
        rows.merge(other.rows)
        emptyControllers += other.emptyControllers
    }
}

/// Whose rows a cell holds.
public struct CellKey: Hashable, Sendable {
    /// The label.
    public let label: String
    /// Whether the rows are those of a transaction controller, which is not part of the total.
    public let isController: Bool

    /// The key of a label's samples, or of the rows of a transaction controller of that name.
    public init(label: String, isController: Bool) {
        self.label = label
        self.isController = isController
    }

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
public struct Interval: Equatable, Sendable {
    /// Seconds since 1970; nil for samples without a time stamp, which are in no second.
    public let second: Int64?

    /// The rows by label.
    public internal(set) var cells: [CellKey: IntervalCell] = [:]

    /// An interval in which nothing happened.
    public init(second: Int64?) {
        self.second = second
    }

    /// What all samples of the second add up to, transaction controllers apart.
    public var total: Aggregate {
        cells.reduce(into: Aggregate(sparse: ())) { total, entry in
            if !entry.key.isController { total.merge(entry.value.rows) }
        }
    }
}
