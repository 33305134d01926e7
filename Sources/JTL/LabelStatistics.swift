// One label's share of the statistics. A label is an exact string: blanks, case and Unicode form
// all tell labels apart, as they do for JMeter.

/// What the rows of one label add up to.
public struct LabelStatistics: Sendable {
    /// The label; bytes that are no UTF-8 have become U+FFFD.
    public let label: String

    /// The samples of the label.
    public internal(set) var samples = Aggregate()

    /// The rows of transaction controllers of this label, which are not part of the total.
    public internal(set) var controllers = Aggregate()

    /// How many transaction controllers of this label had nothing in them.
    public internal(set) var emptyControllers = 0

    /// The last elapsed times; nil without a window.
    public internal(set) var window: SampleWindow?

    init(label: String, window: Int?) {
        self.label = label
        self.window = window.map(SampleWindow.init(capacity:))
    }

    /// All rows of the label, as JMeter's statistics show them.
    public var all: Aggregate {
        if controllers.samples == 0 { return samples }
        var both = samples
        both.merge(controllers)
        return both
    }

    /// Whether the label belongs to a transaction controller and to nothing else.
    public var isController: Bool {
        samples.samples == 0 && (controllers.samples > 0 || emptyControllers > 0)
    }

    /// Adds what was summed up elsewhere.
    mutating func absorb(_ part: LabelPart) {
        if let more = part.samples { samples.absorb(more) }
        if let more = part.controllers { controllers.absorb(more) }
        emptyControllers += part.emptyControllers
    }

    mutating func merge(_ other: LabelStatistics) {
        samples.merge(other.samples)
        controllers.merge(other.controllers)
        emptyControllers += other.emptyControllers
        if let more = other.window { window?.merge(more) }
    }
}

/// What was summed up for a label elsewhere.
struct LabelPart: Sendable {
    /// The label as valid UTF-8.
    let label: [UInt8]
    var samples: Aggregate?
    var controllers: Aggregate?
    var emptyControllers: Int
}
