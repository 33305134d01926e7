// What the bulk reader has added up so far: the lanes of all labels, and the way from there into
// `Statistics`. Nothing but counts, sums, minima and maxima, so a tally is worth the same as the
// rows it was made from; tallies are absorbed in the order of their places in the file only to
// keep the order of labels and of examples.

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
        var controllers = -1
        var emptyControllers = 0
    }

    let options: StatisticsOptions
    // Safe: one thread at a time has a tally, and no call hands out access to these two. Checking
    // that at run time would cost as much as finding the label.
    @exclusivity(unchecked) private(set) var lanes: UnsafeMutablePointer<Lane>
    private var capacity = 64
    private var laneCount = 0
    /// What lanes do not hold, parallel to them: response codes, failures, odd rows.
    private var aside: [Aggregate] = []
    private var entries: [Entry] = []
    /// The entry of each lane.
    private var owners: [Int] = []
    @exclusivity(unchecked) private var labels = LabelTable()
    private var names = LabelIndex()
    /// Times beyond the lanes' arrays, by lane and time.
    private var far: [UInt64: Int] = [:]
    /// The lines that could not be used; their numbers count from the beginning of the stretch.
    var unusable = UnusableLines()
    /// The same rows by the second; nil if nobody wants that.
    let cells: CellTally?
    /// The last rows; nil if nobody wants them.
    let windows: WindowTally?

    init(_ options: StatisticsOptions) {
        self.options = options
        cells = options.intervals ? CellTally() : nil
        windows = options.window.map(WindowTally.init)
        lanes = .allocate(capacity: capacity)
    }

    deinit {
        for lane in 0..<laneCount where lanes[lane].denseCount > 0 {
            lanes[lane].dense.deallocate()
        }
        lanes.deallocate()
    }
}

// MARK: - Labels

extension Tally {
    /// The lane of a label's field as the file has it, quotes included.
    @inline(__always)
    func lane(_ field: UnsafePointer<UInt8>, count: Int) -> Int {
        let lane = labels.find(field, count: count)
        return lane >= 0 ? lane : newSpelling(field, count: count)
    }

    @inline(never)
    private func newSpelling(_ field: UnsafePointer<UInt8>, count: Int) -> Int {
        let bytes = UnsafeBufferPointer(start: field, count: count)
        let name = unquoted(bytes).withUnsafeBufferPointer { repairedUTF8($0) }
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
            entries.append(Entry(name: name, isWanted: isWanted, samplers: samplers))
            return entry
        }
    }

    private func addLane(of entry: Int, isWanted: Bool, isController: Bool = false) -> Int {
        cells?.addLane(isWanted: isWanted)
        windows?.addLane(entry: entry, isController: isController, isWanted: isWanted)
        if laneCount == capacity {
            let larger = UnsafeMutablePointer<Lane>.allocate(capacity: capacity * 2)
            larger.moveInitialize(from: lanes, count: laneCount)
            lanes.deallocate()
            (lanes, capacity) = (larger, capacity * 2)
        }
        // Safe: an array of no elements is never read, and the first growth replaces it.
        (lanes + laneCount).initialize(
            to: Lane(dense: UnsafeMutableRawPointer(lanes).assumingMemoryBound(to: UInt32.self)))
        aside.append(Aggregate())
        owners.append(entry)
        laneCount += 1
        return laneCount - 1
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
            addEmptyController(of: owners[lane], start)
            return -1
        case .controller: return controllers(of: owners[lane])
        }
    }

    private func controllers(of owner: Int) -> Int {
        if entries[owner].controllers < 0 {
            entries[owner].controllers = addLane(
                of: owner, isWanted: entries[owner].isWanted, isController: true)
        }
        return entries[owner].controllers
    }

    private func addEmptyController(of owner: Int, _ start: Int64?) {
        entries[owner].emptyControllers += 1
        cells?.addEmptyController(lane: controllers(of: owner), start: start)
    }
}

// MARK: - Rare additions

extension Tally {
    /// Counts a time that has no place in its lane's array.
    @inline(never)
    func addFar(_ elapsed: UInt64, to lane: Int) {
        if lanes[lane].growDense(for: Int(elapsed)) {
            lanes[lane].dense[Int(elapsed)] += 1
        } else {
            far[UInt64(lane) << 32 | elapsed, default: 0] += 1
        }
    }

    /// Ends the run of a lane's response code, and begins one of another code.
    ///
    /// `before` is the number of samples before this row.
    @inline(never)
    func changeCode(
        of lane: Int, to field: UnsafeBufferPointer<UInt8>, word: UInt64, before: UInt64
    ) {
        endRun(of: lane, before: before)
        lanes[lane].codeSince = before
        let isShort = field.count <= 8 && field.first != quote
        guard !isShort else {
            (lanes[lane].code, lanes[lane].codeLength) = (word, field.count)
            return
        }
        unquoted(field).withUnsafeBufferPointer { aside[lane].count(code: $0, times: 1) }
        lanes[lane].codeSince = before + 1
        lanes[lane].codeLength = -1
    }

    private func endRun(of lane: Int, before: UInt64) {
        let length = lanes[lane].codeLength
        guard length >= 0, before > lanes[lane].codeSince else { return }
        let times = Int(before - lanes[lane].codeSince)
        withUnsafeBytes(of: lanes[lane].code.littleEndian) { bytes in
            let code = UnsafeBufferPointer(
                start: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), count: length)
            aside[lane].count(code: code, times: times)
        }
    }

    /// Counts a failure by its fields as the file has them.
    @inline(never)
    func addFailure(
        to lane: Int, code: UnsafeBufferPointer<UInt8>, message: UnsafeBufferPointer<UInt8>,
        failureMessage: UnsafeBufferPointer<UInt8>
    ) {
        unquoted(code).withUnsafeBufferPointer { code in
            unquoted(message).withUnsafeBufferPointer { message in
                unquoted(failureMessage).withUnsafeBufferPointer { failure in
                    var sample = Sample()
                    sample.responseCode = code
                    sample.responseMessage = message
                    sample.failureMessage = failure
                    aside[lane].count(failureOf: sample)
                }
            }
        }
    }
}

extension Tally: SampleSink {
    /// Adds a sample that the slow reader made of an odd row.
    func record(_ sample: Sample) {
        guard options.selection.wants(sample) else { return }
        let owner = entry(of: repairedUTF8(sample.label))
        let lane: Int
        switch sample.kind {
        case .emptyController: return addEmptyController(of: owner, sample.timestamp)
        case .sampler: lane = entries[owner].samplers
        case .controller: lane = controllers(of: owner)
        }
        aside[lane].add(sample)
        cells?.add(sample, lane: lane)
        windows?.add(sample.elapsed, lane: lane)
    }
}

// MARK: - Draining

extension Tally {
    /// Adds everything to `statistics`, once; lines are counted from `firstLine`.
    func drain(into statistics: inout Statistics, firstLine: Int) {
        for (key, times) in far {
            aside[Int(key >> 32)].count(elapsed: Int64(key & 0xFFFF_FFFF), times: times)
        }
        far = [:]
        for entry in entries where entry.isWanted {
            let hasSamples = hasRows(entry.samplers)
            let hasControllers = entry.controllers >= 0 && hasRows(entry.controllers)
            guard hasSamples || hasControllers || entry.emptyControllers > 0 else { continue }
            statistics.absorb(
                label: entry.name, samples: hasSamples ? aggregate(of: entry.samplers) : nil,
                controllers: hasControllers ? aggregate(of: entry.controllers) : nil,
                emptyControllers: entry.emptyControllers)
        }
        statistics.unusable.merge(unusable, linesBefore: firstLine)
        drainFollowers(into: &statistics)
    }

    private func drainFollowers(into statistics: inout Statistics) {
        if let windows {
            for (entry, window) in zip(entries, windows.labels) where !window.values.isEmpty {
                statistics.absorb(window: window, label: entry.name)
            }
            statistics.absorb(totalWindow: windows.total)
        }
        guard let cells else { return }
        let keys = owners.indices.map { lane in
            let entry = entries[owners[lane]]
            return CellKey(
                label: String(decoding: entry.name, as: UTF8.self),
                isController: entry.controllers == lane)
        }
        for batch in cells.drain(keys: keys) { statistics.absorb(batch) }
    }

    private func hasRows(_ lane: Int) -> Bool {
        lanes[lane].first[0] > 0 || aside[lane].samples > 0
    }

    private func aggregate(of lane: Int) -> Aggregate {
        endRun(of: lane, before: lanes[lane].first[0])
        lanes[lane].codeSince = lanes[lane].first[0]
        aside[lane].add(lanes[lane])
        let whole = aside[lane]
        // Given up here, so that not all of the tally and all of the statistics exist at once.
        aside[lane] = Aggregate()
        if lanes[lane].denseCount > 0 {
            lanes[lane].dense.deallocate()
            lanes[lane].denseCount = 0
        }
        return whole
    }
}

/// A field without its quotes, doubled ones made single.
func unquoted(_ field: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    guard field.first == quote, field.count >= 2 else { return Array(field) }
    var text: [UInt8] = []
    text.reserveCapacity(field.count)
    var index = 1
    while index < field.count - 1 {
        text.append(field[index])
        index += field[index] == quote ? 2 : 1
    }
    return text
}
