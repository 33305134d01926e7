// What the lanes of one label add up to, which each thread has of its own. Their times become one
// sorted list of counts at once: with thousands of labels, a list for each lane and another one for
// both took longer than anything else after the reading.

/// Where a label's rows are: an entry of one of several tallies.
struct LaneSource: Comparable {
    /// The segment in which the label was first seen there.
    let segment: Int
    let tally: Int
    let entry: Int

    static func < (left: LaneSource, right: LaneSource) -> Bool {
        (left.segment, left.tally, left.entry) < (right.segment, right.tally, right.entry)
    }
}

/// Adds up lanes, label by label.
struct LaneSum: ~Copyable {
    private let tallies: [Tally]
    private var sorter = ElapsedSorter()

    init(_ tallies: [Tally]) { self.tallies = tallies }

    /// Adds all rows of a label to its statistics.
    mutating func add(_ sources: ArraySlice<LaneSource>, to label: inout LabelStatistics) {
        let samples = take(sources) { $0.samplers(of: $1) }
        if samples.samples > 0 { label.samples.absorb(samples) }
        let controllers = take(sources) { $0.controllers(ofEntry: $1) }
        if controllers.samples > 0 { label.controllers.absorb(controllers) }
        for source in sources {
            label.emptyControllers += tallies[source.tally].emptyControllers(of: source.entry)
        }
    }

    private mutating func take(
        _ sources: ArraySlice<LaneSource>, _ lane: (Tally, Int) -> Int?
    ) -> Aggregate {
        var sum = Aggregate()
        for source in sources {
            let tally = tallies[source.tally]
            guard let lane = lane(tally, source.entry) else { continue }
            sum.absorb(tally.takeAside(of: lane))
            sum.add(tally.lanes[lane])
            tally.lanes[lane].times.add(to: &sorter)
            tally.lanes[lane].times.deallocate()
            for far in tally.farTimes[lane] ?? [] { sorter.add(far.value, times: far.times) }
        }
        sum.add(sorted: Array(sorter.sorted()))
        return sum
    }
}
