// What the samples of one or many files add up to, label by label. Everything in here is a count,
// a sum, a minimum or a maximum, so two statistics merge by addition: nothing is ever averaged or
// estimated, and the order of merging changes no figure, only which label is listed first.
//
// Rows of transaction controllers stay apart from samples within a label, because JMeter shows
// them under their label but keeps them out of the total.

import Dispatch

/// What to collect beside the counts and histograms.
public struct StatisticsOptions: Equatable, Sendable {
    /// Makes percentiles cover only the last so many rows of each label and of the total, as
    /// JMeter's dashboard does with 20,000; nil covers all of them.
    public var window: Int?

    /// Whether samples are also gathered by the second and label.
    public var intervals: Bool

    /// Whether samples are also gathered by the second, whatever their label, which takes a fraction
    /// of what intervals take; intervals hold this, too.
    package var timeline: Bool

    /// Which samples are collected; all of them unless it says otherwise.
    public var selection: SampleSelection

    /// Options; by default percentiles are of all rows, and there are no intervals.
    public init(
        window: Int? = nil, intervals: Bool = false,
        selection: SampleSelection = SampleSelection()
    ) {
        self.init(window: window, intervals: intervals, timeline: false, selection: selection)
    }

    /// Options with a timeline, or without.
    package init(
        window: Int? = nil, intervals: Bool = false, timeline: Bool,
        selection: SampleSelection = SampleSelection()
    ) {
        self.window = window
        self.intervals = intervals
        self.timeline = timeline
        self.selection = selection
    }
}

/// The statistics of one or many JTLs.
public struct Statistics: Sendable {
    /// What is collected.
    public let options: StatisticsOptions

    /// One entry a label, in the order in which labels were first seen.
    public private(set) var labels: [LabelStatistics] = []

    /// The lines that could not be used.
    public internal(set) var unusable = UnusableLines()

    /// Without ``StatisticsOptions/intervals`` cells are of no label.
    private var series: IntervalSeries?

    /// The last elapsed times over all labels, controllers apart; nil without a window.
    public private(set) var totalWindow: SampleWindow?

    private var index = LabelIndex()

    /// Statistics of nothing yet.
    public init(_ options: StatisticsOptions = StatisticsOptions()) {
        self.options = options
        series = options.intervals || options.timeline ? IntervalSeries() : nil
        totalWindow = options.window.map(SampleWindow.init(capacity:))
    }

    /// What all samples add up to; transaction controllers are not samples.
    public var total: Aggregate {
        var sums = mapped(labels.count, least: 16) { range in
            var sum = Aggregate()
            for place in range { sum.merge(labels[place].samples) }
            return [sum]
        }
        var total = sums.removeFirst()
        for sum in sums { total.merge(sum) }
        return total
    }

    /// Adds what another statistics holds; windows and examples follow the order of merging.
    public mutating func merge(_ other: Statistics) {
        for label in other.labels {
            let place = place(ofRepaired: Array(label.label.utf8))
            labels[place].merge(label)
        }
        unusable.merge(other.unusable)
        if let more = other.series { series?.merge(more) }
        if let window = other.totalWindow { totalWindow?.merge(window) }
    }

    /// Says that what is added from now on is of another source, such as the next file or the next
    /// worker; only a timeline of the intervals tells sources apart.
    package mutating func begin(source name: String) { series?.begin(source: name) }

    /// Takes out the intervals before `second` (seconds since 1970, by the samples' start), or all
    /// of them, sorted by second; a sample that comes later makes a new interval of its second.
    public mutating func takeIntervals(before second: Int64 = .max) -> [Interval] {
        options.intervals ? series?.take(before: second) ?? [] : []
    }
}

// MARK: - Intervals

extension Statistics {
    /// Everything by the second; nil unless ``StatisticsOptions/intervals`` asks for it.
    ///
    /// Statistics made of it are equal to these.
    public var intervals: IntervalSeries? {
        guard options.intervals, var whole = series else { return nil }
        for (place, label) in labels.enumerated() { whole.ranks[Array(label.label.utf8)] = place }
        whole.unusable = unusable
        return whole
    }

    /// The samples along their time; nil unless the options ask for it, and where no sample has a
    /// time stamp.
    package func timeline(_ method: PercentileMethod) -> Timeline? {
        series.flatMap { Timeline($0, method) }
    }

    /// Adds what intervals hold, as if their samples were read.
    ///
    /// - Throws: ``JTLError/finerThanSecond`` and ``JTLError/windowOfIntervals`` where the options
    ///   ask for what intervals don't hold.
    public mutating func add(_ intervals: IntervalSeries) throws(JTLError) {
        guard options.window == nil else { throw .windowOfIntervals }
        let wanted = try intervals.selecting(options.selection)
        let sums = LabelSums(wanted)
        absorb(sums.labels)
        unusable.merge(wanted.unusable)
        series?.merge(wanted)
    }
}

// MARK: - Recording

extension Statistics: SampleSink {
    mutating func record(_ sample: Sample) {
        guard options.selection.wants(sample) else { return }
        let place = index.find(sample.label) ?? addLabel(sample.label)
        if options.intervals {
            series?.add(sample, label: labels[place].label)
        } else if sample.kind == .sampler {
            series?.add(sample, label: "")
        }
        switch sample.kind {
        case .emptyController:
            labels[place].emptyControllers += 1
            return
        case .controller:
            labels[place].controllers.add(sample)
        case .sampler:
            labels[place].samples.add(sample)
            totalWindow?.add(sample.elapsed)
        }
        labels[place].window?.add(sample.elapsed)
    }

    /// Adds what was summed up elsewhere, labels new to these statistics in their order.
    mutating func absorb(_ parts: [LabelPart]) {
        for part in parts {
            let place = place(ofRepaired: part.label)
            labels[place].absorb(part)
        }
    }

    /// Adds what sources hold, labels new to these statistics in their order.
    ///
    /// With many labels this takes as long as a good part of the reading, so each of several threads
    /// makes a tool and adds a share of the labels, all sources of a label at once.
    mutating func absorb<Source: Sendable, Tool: ~Copyable>(
        _ sources: [Source], label: (Source) -> [UInt8], by tool: @Sendable () -> Tool,
        adding add: @Sendable (inout Tool, ArraySlice<Source>, inout LabelStatistics) -> Void
    ) {
        let places = sources.map { place(ofRepaired: label($0)) }
        let order = places.indices.sorted { (places[$0], $0) < (places[$1], $1) }
        let sorted = order.map { sources[$0] }
        // Where the sources of each label begin, and where the last ones end.
        let starts =
            order.indices.filter { $0 == 0 || places[order[$0]] != places[order[$0 - 1]] }
            + [order.count]
        labels.withUnsafeMutableBufferPointer { labels in
            nonisolated(unsafe) let labels = labels
            forEachPart(of: starts.count - 1, least: 16) { range in
                var tool = tool()
                for index in range {
                    let sources = starts[index]..<starts[index + 1]
                    add(&tool, sorted[sources], &labels[places[order[sources.lowerBound]]])
                }
            }
        }
    }

    /// Adds cells that were gathered elsewhere.
    mutating func absorb(_ cells: CellBatch) { series?.add(cells) }

    /// Goes on with the windows of a later part of the samples.
    mutating func absorb(window: SampleWindow, label: [UInt8]) {
        labels[place(ofRepaired: label)].window?.merge(window)
    }

    /// Goes on with the window of all samples of a later part.
    mutating func absorb(totalWindow window: SampleWindow) { totalWindow?.merge(window) }

    /// Finds or makes the label of bytes that were not seen before, which may differ from known
    /// ones only in what is no UTF-8.
    private mutating func addLabel(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        let place = place(ofRepaired: repairedUTF8(bytes))
        index.insert(bytes, place: place)
        return place
    }

    /// Changes the label of a packed cell by its rows.
    mutating func change(
        _ cell: PackedStatistics.Cell, _ body: (inout Aggregate) -> CellSign
    ) {
        let place = place(ofRepaired: cell.label)
        if cell.isController {
            let sign = body(&labels[place].controllers)
            labels[place].emptyControllers += sign.rawValue * cell.emptyControllers
        } else {
            _ = body(&labels[place].samples)
        }
    }

    private mutating func place(ofRepaired bytes: [UInt8]) -> Int {
        bytes.withUnsafeBufferPointer { key in
            if let place = index.find(key) { return place }
            labels.append(
                LabelStatistics(
                    label: String(decoding: bytes, as: UTF8.self), window: options.window))
            index.insert(key, place: labels.count - 1)
            return labels.count - 1
        }
    }
}
