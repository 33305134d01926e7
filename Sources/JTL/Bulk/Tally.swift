// What the bulk reader has added up so far: the lanes of all labels, and the way from there into
// `Statistics`. Nothing but counts, sums, minima and maxima, so a tally is worth the same as the
// rows it was made from, in whichever order they came.

import CVectors

/// The figures of one stretch of a file.
///
/// Filled by one thread and then handed to the one that drains it; never shared.
final class Tally: @unchecked Sendable {
    /// A label and its lanes.
    private struct Entry {
        /// The label with its UTF-8 repaired.
        let name: [UInt8]
        let isWanted: Bool
        let samplers: Int
        /// The segment in which it was first seen.
        let segment: Int
        var emptyControllers = 0
    }

    let options: StatisticsOptions
    // Safe: one thread at a time has a tally, and no call hands out access to these two. Checking
    // that at run time would cost as much as finding the label.
    @exclusivity(unchecked) private(set) var lanes: UnsafeMutablePointer<Lane>
    private var capacity = 64
    private var laneCount = 0
    /// What lanes do not hold, parallel to them: response codes, failures, odd rows.
    private var aside: UnsafeMutablePointer<Aggregate>
    private var entries: [Entry] = []
    /// The entry of each lane.
    private var owners: [Int] = []
    @exclusivity(unchecked) private var labels: LabelTable
    private var names = LabelIndex()
    /// Times beyond the lanes' arrays, by lane and time.
    private var far: [UInt64: Int] = [:]
    /// The same by lane, once there are no more rows.
    private(set) var farTimes: [Int: [Histogram.Count]] = [:]
    /// The rows by the second, from where they get to their lanes; nil if nobody wants intervals.
    let cells: CellTally?
    /// The total by the second, beside the lanes; nil if nobody wants that.
    let total: TotalTally?
    /// The last rows; nil if nobody wants them.
    let windows: WindowTally?
    /// Whether cells and what else has no order are with their lanes.
    private var isSettled = false
    /// Whether the times of all lanes were taken.
    private var isDrained = false
    /// The number of the segment that is being read.
    var segment = 0
    private var scratch: UnsafeMutableBufferPointer<UInt32>

    init(_ options: StatisticsOptions, _ loops: lf_loops = VectorLoops.best()) {
        self.options = options
        labels = LabelTable(loops)
        lanes = .allocate(capacity: capacity)
        aside = .allocate(capacity: capacity)
        cells = options.intervals ? CellTally(lanes) : nil
        total = options.timeline && !options.intervals ? TotalTally(loops) : nil
        scratch = .allocate(capacity: 0)
        windows = options.window.map(WindowTally.init)
    }

    deinit {
        if !isDrained { for lane in 0..<laneCount { lanes[lane].times.deallocate() } }
        lanes.deallocate()
        aside.deinitialize(count: laneCount)
        aside.deallocate()
        scratch.deallocate()
    }

    /// Memory for notes on so many rows, good until it is asked for again.
    func scratch(for rows: Int) -> UnsafeMutablePointer<UInt32> {
        // The loops write one beyond what they list.
        if scratch.count <= rows {
            scratch.deallocate()
            scratch = .allocate(capacity: 2 * rows + 1)
        }
        return scratch.baseAddress.unsafelyUnwrapped
    }
}

// MARK: - Labels

extension Tally {
    /// The slots of labels that are known, until the next new one.
    var slots: lf_labels { labels.slots }

    /// The lane of a label that has no slot.
    @inline(never)
    func lane(ofNew field: UnsafePointer<UInt8>, count: Int) -> Int {
        if count > 32, let lane = labels.findLong(field, count: count) { return lane }
        return newSpelling(field, count: count)
    }

    private func newSpelling(_ field: UnsafePointer<UInt8>, count: Int) -> Int {
        let bytes = UnsafeBufferPointer(start: field, count: count)
        let name = withUnquoted(bytes) { repairedUTF8($0) }
        let lane = entries[entry(of: name)].samplers
        labels.insert(field, count: count, lane: lane)
        return lane
    }

    private func entry(of name: [UInt8]) -> Int {
        name.withUnsafeBufferPointer { key in
            if let known = names.find(key) { return known }
            let entry = entries.count
            names.insert(key, place: entry)
            let isWanted =
                options.selection.labels?.wants(String(decoding: name, as: UTF8.self)) ?? true
            let samplers = addLane(of: entry, isWanted: isWanted)
            entries.append(
                Entry(name: name, isWanted: isWanted, samplers: samplers, segment: segment))
            return entry
        }
    }

    private func addLane(of entry: Int, isWanted: Bool, isController: Bool = false) -> Int {
        windows?.addLane(entry: entry, isController: isController, isWanted: isWanted)
        if laneCount == capacity {
            capacity *= 2
            Self.grow(&lanes, laneCount, to: capacity)
            Self.grow(&aside, laneCount, to: capacity)
        }
        (lanes + laneCount).initialize(to: Lane(times: LaneTimes()))
        cells?.addLane(isWanted: isWanted, lanes)
        total?.addLane(isWanted: isWanted && !isController)
        (aside + laneCount).initialize(to: Aggregate())
        owners.append(entry)
        laneCount += 1
        return laneCount - 1
    }

    private static func grow<Element>(
        _ list: inout UnsafeMutablePointer<Element>, _ count: Int, to capacity: Int
    ) {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
        larger.moveInitialize(from: list, count: count)
        list.deallocate()
        list = larger
    }

    /// The lane for rows that may be a transaction controller's; -1 for an empty one, which is
    /// counted here.
    @inline(never)
    func lane(
        ofController lane: Int, _ message: UnsafeBufferPointer<UInt8>, _ start: Int64?
    ) -> Int {
        switch Sample.Kind(message: message) {
        case .sampler: return lane
        case .emptyController:
            addEmptyController(to: lane, start)
            return -1
        case .controller: return controllers(of: lane)
        }
    }

    private func controllers(of lane: Int) -> Int {
        if lanes[lane].controllers < 0 {
            let owner = owners[lane]
            let added = addLane(of: owner, isWanted: entries[owner].isWanted, isController: true)
            lanes[lane].controllers = added
        }
        return lanes[lane].controllers
    }

    private func addEmptyController(to lane: Int, _ start: Int64?) {
        entries[owners[lane]].emptyControllers += 1
        cells?.addEmptyController(lane: controllers(of: lane), start: start)
    }
}

// MARK: - Rare additions

extension Tally {
    /// Counts a time that is too long for its lane's list.
    @inline(never)
    func addFar(_ elapsed: UInt64, to lane: Int) {
        far[UInt64(lane) << 32 | elapsed, default: 0] += 1
    }

    /// Makes room in a lane's list of times.
    @inline(never)
    func makeRoom(in lane: Int) {
        lanes[lane].times.makeRoom { addFar(UInt64($0), to: lane) }
    }

    /// Counts a response code that is not one of the lane's own, or makes it one.
    @inline(never)
    func addCode(_ field: UnsafeBufferPointer<UInt8>, _ key: CodeKey, to lane: Int) {
        // The lane may have learned it after the row was looked at.
        if lanes[lane].codes.count(key) { return }
        if key != .unknown, field.first != quote, lanes[lane].codes.learn(key),
            lanes[lane].codes.count(key)
        {
            return
        }
        withUnquoted(field) { aside[lane].count(code: $0, times: 1) }
    }

    /// Counts what a failure is counted as.
    func addFailure(_ text: UnsafeBufferPointer<UInt8>, to lane: Int) {
        aside[lane].count(failure: text)
    }
}

extension Tally: SampleSink {
    /// Adds a sample that the slow reader made of an odd row.
    func record(_ sample: Sample) {
        guard options.selection.wants(sample) else { return }
        let owner = entry(of: repairedUTF8(sample.label))
        let lane: Int
        switch sample.kind {
        case .emptyController:
            return addEmptyController(to: entries[owner].samplers, sample.timestamp)
        case .sampler: lane = entries[owner].samplers
        case .controller: lane = controllers(of: entries[owner].samplers)
        }
        if let cells { cells.add(sample, lane: lane) } else { aside[lane].add(sample) }
        total?.add(sample, lane: lane)
        windows?.add(sample.elapsed, lane: lane)
    }
}

// MARK: - Draining

extension Tally {
    /// Packs cells, and brings what was kept apart to its lane; the tally takes no more rows.
    func settle() {
        guard !isSettled else { return }
        isSettled = true
        cells?.finish()
        total?.finish()
        if let cells {
            for lane in 0..<laneCount { cells.addTexts(of: lane, to: &aside[lane]) }
            cells.forEachOdd { aside[$0].merge($1) }
        }
        for (key, times) in cells?.far ?? far {
            let time = Histogram.Count(value: Int64(key & 0xFFFF_FFFF), times: times)
            farTimes[Int(key >> 32), default: []].append(time)
        }
    }

    /// Adds everything to `statistics`, once, labels in the order in which the file has them.
    static func drain(_ tallies: [Tally], into statistics: inout Statistics) {
        var sources: [LaneSource] = []
        for (number, tally) in tallies.enumerated() {
            tally.settle()
            tally.isDrained = true
            for (place, entry) in tally.entries.enumerated() {
                if tally.isShown(entry) {
                    sources.append(
                        LaneSource(segment: entry.segment, tally: number, entry: place))
                } else {
                    tally.freeTimes(of: entry)
                }
            }
        }
        sources.sort()
        statistics.absorb(sources, label: { tallies[$0.tally].entries[$0.entry].name }) {
            LaneSum(tallies)
        } adding: {
            $0.add($1, to: &$2)
        }
        for tally in tallies.sorted(by: { $0.segment < $1.segment }) {
            tally.drainFollowers(into: &statistics)
        }
    }

    /// Whether anything was added up for a label, and is wanted.
    private func isShown(_ entry: Entry) -> Bool {
        let controllers = lanes[entry.samplers].controllers
        return entry.isWanted
            && (hasRows(entry.samplers) || controllers >= 0 && hasRows(controllers)
                || entry.emptyControllers > 0)
    }

    private func hasRows(_ lane: Int) -> Bool {
        lanes[lane].first[0] > 0 || aside[lane].samples > 0
    }

    private func freeTimes(of entry: Entry) {
        let controllers = lanes[entry.samplers].controllers
        lanes[entry.samplers].times.deallocate()
        if controllers >= 0 { lanes[controllers].times.deallocate() }
    }

    /// The lane of a label's samples.
    func samplers(of entry: Int) -> Int { entries[entry].samplers }

    /// The lane of a label's transaction controllers, if it has one.
    func controllers(ofEntry entry: Int) -> Int? {
        let lane = lanes[entries[entry].samplers].controllers
        return lane >= 0 ? lane : nil
    }

    /// How many transaction controllers of a label had nothing in them.
    func emptyControllers(of entry: Int) -> Int { entries[entry].emptyControllers }

    /// What a lane does not hold; given up here, so that what is merged later exists once.
    func takeAside(of lane: Int) -> Aggregate {
        let whole = (aside + lane).move()
        (aside + lane).initialize(to: Aggregate())
        return whole
    }

    private func drainFollowers(into statistics: inout Statistics) {
        if let windows {
            for (entry, window) in zip(entries, windows.labels) where !window.values.isEmpty {
                statistics.absorb(window: window, label: entry.name)
            }
            statistics.absorb(totalWindow: windows.total)
        }
        for batch in total?.drain() ?? [] { statistics.absorb(batch) }
        guard let cells else { return }
        let keys = owners.indices.map { lane in
            let entry = entries[owners[lane]]
            return CellKey(
                label: String(decoding: entry.name, as: UTF8.self),
                isController: lanes[entry.samplers].controllers == lane)
        }
        for batch in cells.drain(keys: keys) { statistics.absorb(batch) }
    }
}

/// Calls `body` with a field without its quotes, doubled ones made single.
func withUnquoted<Result>(
    _ field: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Result
) -> Result {
    guard field.first == quote, field.count >= 2 else { return body(field) }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: field.count) { text in
        var count = 0
        var index = 1
        while index < field.count - 1 {
            text[count] = field[index]
            index += field[index] == quote ? 2 : 1
            count += 1
        }
        return body(UnsafeBufferPointer(rebasing: text[0..<count]))
    }
}
