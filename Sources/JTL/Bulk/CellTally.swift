// Intervals in the bulk reader. Where they are wanted, every plain row is added to the cell of its
// second and lane instead of to the lane itself; what a cell holds is added to the lane when the cell
// is put away, so a label's sums cost next to nothing more. Rows come about in the order of their
// ends, so the seconds in which they began are few and recent: those stay open, found by their
// number, and the cells of a second are packed into the log when a later one needs its place. Rows
// of seconds that were put away make pieces of their own, and the log is compacted when it has grown
// by many such pieces, so that no order of rows takes more memory than the intervals do.

import CVectors

/// The cells of one stretch of a file.
final class CellTally {
    typealias Cell = UnsafeMutablePointer<OpenCell>

    /// What is known of a lane: texts, and what its cells so far add up to beside the lane's sums.
    private struct LaneUse {
        let isWanted: Bool
        var codes = TextNumbers()
        var failures = TextNumbers()
        /// The numbers of the lane's two codes.
        var pair = (-1, -1)
        /// How often each other code and each kind of failure occurred, by number.
        var codeTimes: [Int] = []
        var failureTimes: [Int] = []
    }

    private struct Place: Hashable {
        let lane: Int
        let second: Int64?
    }

    /// Stands for no second at all, not even for ``CellPiece/untimed``.
    private static let none = Int64.min + 1
    /// How many seconds are open, a power of two: longer responses are rare and cost more.
    private static let window = 16
    // Safe, here and below: one thread at a time has a tally, and no call hands out access to these.
    // Checking that at run time would cost a tenth of all that is done here.
    private let open: UnsafeMutablePointer<lf_open>
    /// The lanes that have a cell, by the place of the second.
    @exclusivity(unchecked) private var used = [[Int]](repeating: [], count: window)
    /// For how many lanes a second has room.
    private var capacity = 64
    @exclusivity(unchecked) private var spare: [Cell] = []
    /// Takes the rows of labels that nobody wants.
    private let sink: Cell
    /// Takes one row of a second that is not open.
    private let single: Cell
    @exclusivity(unchecked) private var log = PieceLog()
    private var compactAt = 1 << 18
    @exclusivity(unchecked) private var sorter = ElapsedSorter()
    @exclusivity(unchecked) private var uses: [LaneUse] = []
    /// The lanes, which the tally has.
    @exclusivity(unchecked) private var lanes: UnsafeMutablePointer<Lane>
    /// Times beyond the lanes' arrays, by lane and time.
    @exclusivity(unchecked) private(set) var far: [UInt64: Int] = [:]
    /// What no open cell can hold: numbers that are negative or very large.
    private var odd: [Place: IntervalCell] = [:]

    /// The cells of all lanes, which get from them what they hold.
    init(_ lanes: UnsafeMutablePointer<Lane>) {
        self.lanes = lanes
        open = .allocate(capacity: Self.window)
        for place in 0..<Self.window {
            let cells = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: capacity)
            cells.initialize(repeating: nil, count: capacity)
            (open + place).initialize(to: lf_open(number: Self.none, cells: cells))
        }
        (sink, single) = (Self.newCell(), Self.newCell())
    }

    deinit {
        for place in 0..<Self.window {
            for lane in used[place] { knownCell(lane, at: place).map(Self.free) }
            open[place].cells.deallocate()
        }
        spare.forEach(Self.free)
        Self.free(sink)
        Self.free(single)
        open.deallocate()
    }

    private static func newCell() -> Cell {
        let cell = Cell.allocate(capacity: 1)
        cell.initialize(to: OpenCell())
        return cell
    }

    private static func free(_ cell: Cell) {
        cell.pointee.times.deallocate()
        cell.deinitialize(count: 1)
        cell.deallocate()
    }

    /// Makes room for the next lane; `lanes` is where all of them are now.
    func addLane(isWanted: Bool, _ lanes: UnsafeMutablePointer<Lane>) {
        self.lanes = lanes
        uses.append(LaneUse(isWanted: isWanted))
        guard uses.count > capacity else { return }
        for place in 0..<Self.window {
            let larger = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(
                capacity: capacity * 2)
            larger.update(from: open[place].cells, count: capacity)
            (larger + capacity).initialize(repeating: nil, count: capacity)
            open[place].cells.deallocate()
            open[place].cells = larger
        }
        capacity *= 2
    }
}

// MARK: - Seconds

extension CellTally {
    /// Where a second is when it is open.
    @inline(__always)
    private static func place(of second: Int64) -> Int {
        Int(truncatingIfNeeded: second & Int64(window - 1))
    }

    /// The cell of a lane in an open second, if it has one.
    @inline(__always)
    private func knownCell(_ lane: Int, at place: Int) -> Cell? {
        open[place].cells[lane]?.assumingMemoryBound(to: OpenCell.self)
    }

    /// The cell of a lane in a second; one for a single row if the second was put away.
    private func cell(_ lane: Int, _ second: Int64) -> Cell {
        let place = Self.place(of: second)
        guard open[place].number == second, let cell = knownCell(lane, at: place) else {
            return newCell(lane, second)
        }
        return cell
    }

    @inline(never)
    private func newCell(_ lane: Int, _ second: Int64) -> Cell {
        guard uses[lane].isWanted else {
            sink.pointee.clear(lane: lane, codes: lanes[lane].codes.keys)
            return sink
        }
        let place = Self.place(of: second)
        if open[place].number != second {
            guard second > open[place].number else {
                single.pointee.clear(lane: lane, codes: lanes[lane].codes.keys)
                return single
            }
            putAway(place)
            open[place].number = second
        }
        let cell = spare.popLast() ?? Self.newCell()
        cell.pointee.clear(lane: lane, codes: lanes[lane].codes.keys)
        open[place].cells[lane] = UnsafeMutableRawPointer(cell)
        used[place].append(lane)
        return cell
    }

    /// Packs all cells of a second.
    private func putAway(_ place: Int) {
        for lane in used[place] {
            guard let cell = knownCell(lane, at: place) else { continue }
            pack(&cell.pointee, open[place].number)
            open[place].cells[lane] = nil
            spare.append(cell)
        }
        used[place].removeAll(keepingCapacity: true)
        open[place].number = Self.none
        if log.pieces.count > compactAt {
            log = log.compacted()
            compactAt = max(1 << 18, 2 * log.pieces.count)
        }
    }

    /// Writes a cell into the log, and adds it to its lane.
    private func pack(_ cell: inout OpenCell, _ second: Int64) {
        let lane = cell.lane
        for index in cell.figures.codes.indices {
            Self.add(cell.figures.codes[index], to: &uses[lane].codeTimes)
        }
        for index in cell.figures.failures.indices {
            Self.add(cell.figures.failures[index], to: &uses[lane].failureTimes)
        }
        cell.finish(uses[lane].pair)
        sorter.add(cell.times, count: cell.figures.samples)
        log.append(second: second, key: lane, cell.figures, &sorter)
        lanes[lane].add(cell)
        lanes[lane].times.add(sorter.last) {
            far[UInt64(lane) << 32 | UInt64($0), default: 0] += $1
        }
    }

    @inline(__always)
    private static func add(_ text: TextTimes, to times: inout [Int]) {
        while times.count <= text.number { times.append(0) }
        times[text.number] += text.times
    }

    /// Makes room for one more time, in a larger array or by packing what is there.
    @inline(never)
    private func makeRoom(_ cell: Cell, _ second: Int64) {
        guard cell.pointee.first[0] >= OpenCell.limit else { return cell.pointee.growTimes() }
        if cell != sink { pack(&cell.pointee, second) }
        let lane = cell.pointee.lane
        cell.pointee.clear(lane: lane, codes: lanes[lane].codes.keys)
    }
}

// MARK: - Rows

extension CellTally {
    /// Adds the rows of a batch, which have their lanes.
    func add(_ rows: UnsafeMutableBufferPointer<PlainRow>, _ stage: TextStage) {
        let isTimed = stage.plan.timeStamp >= 0
        let rest = stage.tally.scratch(for: rows.count)
        let count = stage.asLoopsKnow(rows) {
            stage.loops.add_to_cells(
                $0, rows.count, open, Int64(Self.window - 1), CellPiece.untimed, isTimed ? 1 : 0,
                rest)
        }
        // First what belongs to rows that were added: rows that were not may close their cells.
        for index in 0..<count where rest[index] & UInt32(LF_LEFT_OUT) == 0 {
            let row = rows[Int(rest[index] >> 3)]
            let second = isTimed ? CellPiece.second(row.start) : CellPiece.untimed
            addTexts(of: row, UInt64(rest[index]), to: cell(Int(row.lane), second), stage)
        }
        for index in 0..<count where rest[index] & UInt32(LF_LEFT_OUT) != 0 {
            add(rows[Int(rest[index] >> 3)], isTimed: isTimed, stage)
        }
    }

    /// Adds a row whose cell is full, or was not there.
    private func add(_ row: PlainRow, isTimed: Bool, _ stage: TextStage) {
        let second = isTimed ? CellPiece.second(row.start) : CellPiece.untimed
        let cell = cell(Int(row.lane), second)
        if cell.pointee.first[0] == UInt64(truncatingIfNeeded: cell.pointee.capacity) {
            makeRoom(cell, second)
        }
        let hasCode = cell.pointee.codes.count(row.code)
        cell.pointee.add(row, isTimed: isTimed)
        let why = (hasCode ? 0 : UInt64(LF_OTHER_CODE)) | row.second[3] * UInt64(LF_FAILED)
        addTexts(of: row, why, to: cell, stage)
        if cell == single { pack(&cell.pointee, second) }
    }

    private func addTexts(of row: PlainRow, _ why: UInt64, to cell: Cell, _ stage: TextStage) {
        let ends = stage.ends(of: row)
        if why & UInt64(LF_OTHER_CODE) != 0 {
            addCode(stage.field(ends, stage.plan.responseCode), row.code, to: cell)
        }
        if why & UInt64(LF_FAILED) != 0 { stage.withFailure(ends) { addFailure(cell, $0) } }
    }

    /// Counts a response code that is not one of the cell's two.
    @inline(never)
    private func addCode(_ field: UnsafeBufferPointer<UInt8>, _ key: CodeKey, to cell: Cell) {
        let lane = cell.pointee.lane
        // The lane may have learned them after the cell was begun.
        cell.pointee.codes.keys = lanes[lane].codes.keys
        if cell.pointee.codes.count(key) { return }
        let number = withUnquoted(field) { uses[lane].codes.number(of: $0) }
        guard number >= 0, key != .unknown, field.first != quote, lanes[lane].codes.learn(key)
        else {
            return CellFigures.add(1, of: number, to: &cell.pointee.figures.codes)
        }
        let isFirst = lanes[lane].codes.keys.1 == .none
        if isFirst { uses[lane].pair.0 = number } else { uses[lane].pair.1 = number }
        cell.pointee.codes.keys = lanes[lane].codes.keys
        _ = cell.pointee.codes.count(key)
    }

    private func addFailure(_ cell: Cell, _ text: UnsafeBufferPointer<UInt8>) {
        let number = uses[cell.pointee.lane].failures.number(of: text)
        CellFigures.add(1, of: number, to: &cell.pointee.figures.failures)
    }

    /// Adds an empty transaction controller.
    func addEmptyController(lane: Int, start: Int64?) {
        let second = start.map(CellPiece.second) ?? CellPiece.untimed
        let cell = cell(lane, second)
        cell.pointee.figures.emptyControllers += 1
        if cell == single { pack(&cell.pointee, second) }
    }

    /// Adds a sample of the slow reader's.
    func add(_ sample: Sample, lane: Int) {
        guard let row = PlainRow(sample) else {
            guard uses[lane].isWanted else { return }
            let place = Place(lane: lane, second: sample.timestamp.map(CellPiece.second))
            return odd[place, default: IntervalCell()].add(sample)
        }
        let second = sample.timestamp.map(CellPiece.second) ?? CellPiece.untimed
        let cell = cell(lane, second)
        if cell.pointee.first[0] == UInt64(cell.pointee.capacity) { makeRoom(cell, second) }
        CellFigures.add(
            1, of: uses[lane].codes.number(of: sample.responseCode),
            to: &cell.pointee.figures.codes)
        cell.pointee.add(row, isTimed: sample.timestamp != nil)
        if !sample.isSuccess { CountedTexts.withFailure(sample) { addFailure(cell, $0) } }
        if cell == single { pack(&cell.pointee, second) }
    }
}

// MARK: - Draining

extension CellTally {
    /// Packs all cells that are open, after which nothing may be added.
    func finish() {
        for place in 0..<Self.window { putAway(place) }
        spare.forEach(Self.free)
        spare = []
    }

    /// Adds what the cells of a lane hold beside its sums and times.
    func addTexts(of lane: Int, to sum: inout Aggregate) {
        let use = uses[lane]
        let others =
            Int(lanes[lane].first[0]) - lanes[lane].codes.times.0
            - lanes[lane].codes.times.1
        sum.count(codes: use.codeTimes, use.codes.texts, of: others)
        let errors = Int(lanes[lane].second[3])
        sum.count(failures: use.failureTimes, use.failures.texts, of: errors)
    }

    /// Hands out what no cell could hold, by lane.
    func forEachOdd(_ body: (_ lane: Int, _ rows: Aggregate) -> Void) {
        for (place, cell) in odd { body(place.lane, cell.rows) }
    }

    /// Everything, once, with the keys of the lanes.
    func drain(keys: [CellKey]) -> [CellBatch] {
        var packer = CellPacker()
        for (place, cell) in odd { packer.add(cell, second: place.second, keys[place.lane]) }
        odd = [:]
        let named = zip(keys, uses).map { key, use in
            CellBatch.Key(key: key, codes: use.codes.texts, failures: use.failures.texts)
        }
        return [CellBatch(keys: named, log: log), packer.finish()].filter {
            !$0.log.pieces.isEmpty
        }
    }
}
