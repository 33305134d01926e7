// Intervals in the bulk reader: behind the lanes, every plain row is added once more, to the cell
// of its second and lane. Rows come about in the order of their ends, so the seconds in which they
// began are few and recent: those stay open, found by their number, and the cells of a second are
// packed into the log when a later one needs its place. Rows of seconds that were put away make
// pieces of their own, and the log is compacted when it has grown by many such pieces, so that no
// order of rows takes more memory than the intervals do.

/// The cells of one stretch of a file.
final class CellTally {
    typealias Cell = UnsafeMutablePointer<OpenCell>

    /// A second that is open, and its cells by lane.
    private struct Second {
        var number = CellTally.none
        var cells: UnsafeMutablePointer<Cell?>
        /// The lanes that have a cell.
        var used: [Int] = []
    }

    private struct KnownCode {
        var word: UInt64 = 0
        var length = -1
        var number = -1
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
    private let open: UnsafeMutablePointer<Second>
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
    @exclusivity(unchecked) private var figures = CellFigures()
    @exclusivity(unchecked) private var isWanted: [Bool] = []
    @exclusivity(unchecked) private var codes: [TextNumbers] = []
    @exclusivity(unchecked) private var failures: [TextNumbers] = []
    /// The last two short codes of each lane with their numbers: most lanes have no others.
    @exclusivity(unchecked) private var recent: [(last: KnownCode, before: KnownCode)] = []
    /// What no open cell can hold: numbers that are negative or very large.
    private var odd: [Place: IntervalCell] = [:]

    init() {
        open = .allocate(capacity: Self.window)
        for place in 0..<Self.window {
            let cells = UnsafeMutablePointer<Cell?>.allocate(capacity: capacity)
            cells.initialize(repeating: nil, count: capacity)
            (open + place).initialize(to: Second(cells: cells))
        }
        (sink, single) = (Self.newCell(), Self.newCell())
    }

    deinit {
        for place in 0..<Self.window {
            for lane in open[place].used { open[place].cells[lane].map(Self.free) }
            open[place].cells.deallocate()
        }
        spare.forEach(Self.free)
        Self.free(sink)
        Self.free(single)
        open.deinitialize(count: Self.window)
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

    /// Makes room for the next lane.
    func addLane(isWanted: Bool) {
        self.isWanted.append(isWanted)
        codes.append(TextNumbers())
        failures.append(TextNumbers())
        recent.append((KnownCode(), KnownCode()))
        guard codes.count > capacity else { return }
        for place in 0..<Self.window {
            let larger = UnsafeMutablePointer<Cell?>.allocate(capacity: capacity * 2)
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
    /// The cell of a lane in a second; one for a single row if the second was put away.
    @inline(__always)
    private func cell(_ lane: Int, _ second: Int64) -> Cell {
        let place = open + Int(truncatingIfNeeded: second & Int64(Self.window - 1))
        guard place.pointee.number == second, let cell = place.pointee.cells[lane] else {
            return newCell(lane, second)
        }
        return cell
    }

    @inline(never)
    private func newCell(_ lane: Int, _ second: Int64) -> Cell {
        guard isWanted[lane] else {
            sink.pointee.clear(lane: lane)
            return sink
        }
        let place = open + Int(truncatingIfNeeded: second & Int64(Self.window - 1))
        if place.pointee.number != second {
            guard second > place.pointee.number else {
                single.pointee.clear(lane: lane)
                return single
            }
            putAway(place)
            place.pointee.number = second
        }
        let cell = spare.popLast() ?? Self.newCell()
        cell.pointee.clear(lane: lane)
        place.pointee.cells[lane] = cell
        place.pointee.used.append(lane)
        return cell
    }

    /// Packs all cells of a second.
    private func putAway(_ place: UnsafeMutablePointer<Second>) {
        for lane in place.pointee.used {
            guard let cell = place.pointee.cells[lane] else { continue }
            pack(cell, place.pointee.number)
            place.pointee.cells[lane] = nil
            spare.append(cell)
        }
        place.pointee.used.removeAll(keepingCapacity: true)
        place.pointee.number = Self.none
        if log.pieces.count > compactAt {
            log = log.compacted()
            compactAt = max(1 << 18, 2 * log.pieces.count)
        }
    }

    private func pack(_ cell: Cell, _ second: Int64) {
        cell.pointee.endRun()
        cell.pointee.write(to: &figures)
        sorter.add(cell.pointee.times, count: figures.samples)
        log.append(second: second, key: cell.pointee.lane, figures, &sorter)
    }

    /// Makes room for one more time, in a larger array or by packing what is there.
    @inline(never)
    private func makeRoom(_ cell: Cell, _ second: Int64) {
        guard cell.pointee.first[0] >= OpenCell.limit else { return cell.pointee.growTimes() }
        if cell != sink { pack(cell, second) }
        cell.pointee.clear(lane: cell.pointee.lane)
    }
}

// MARK: - Rows

extension CellTally {
    /// Adds the rows of a batch, which have their lanes.
    @inline(never)
    func add(_ rows: UnsafeMutableBufferPointer<PlainRow>, _ stage: TextStage) {
        let isTimed = stage.plan.timeStamp >= 0
        for index in rows.indices where rows[index].lane >= 0 {
            let row = rows.baseAddress.unsafelyUnwrapped + index
            let lane = row.pointee.lane
            let second = isTimed ? CellPiece.second(row.pointee.start) : CellPiece.untimed
            let cell = cell(lane, second)
            let samples = cell.pointee.first[0]
            if samples == UInt64(truncatingIfNeeded: cell.pointee.capacity) {
                makeRoom(cell, second)
            }
            let ends = stage.separators + row.pointee.place
            let (word, length) = stage.code(ends)
            if word != cell.pointee.code || length != cell.pointee.codeLength {
                changeCode(cell, word, length, stage.field(ends, stage.plan.responseCode))
            }
            let place = Int(truncatingIfNeeded: cell.pointee.first[0])
            cell.pointee.times[place] = UInt32(truncatingIfNeeded: row.pointee.first[1])
            cell.pointee.first &+= row.pointee.first
            cell.pointee.second &+= row.pointee.second
            cell.pointee.maxThreads = max(cell.pointee.maxThreads, row.pointee.threads)
            if isTimed {
                let end = row.pointee.start &+ Int64(truncatingIfNeeded: row.pointee.first[1])
                cell.pointee.firstStart = min(cell.pointee.firstStart, row.pointee.start)
                cell.pointee.lastEnd = max(cell.pointee.lastEnd, end)
            }
            if row.pointee.second[3] != 0 { addFailure(cell, stage.failure(ends)) }
            if cell == single { pack(cell, second) }
        }
    }

    /// Begins a run of another response code.
    @inline(never)
    private func changeCode(
        _ cell: Cell, _ word: UInt64, _ length: Int, _ field: UnsafeBufferPointer<UInt8>
    ) {
        cell.pointee.endRun()
        let lane = cell.pointee.lane
        if length <= 8, field.first != quote {
            cell.pointee.codeNumber = number(ofCode: field, word, lane)
            (cell.pointee.code, cell.pointee.codeLength) = (word, length)
        } else {
            let number = withUnquoted(field) { codes[lane].number(of: $0) }
            CellFigures.add(1, of: number, to: &cell.pointee.codes)
            cell.pointee.codeSince += 1
        }
    }

    private func number(
        ofCode field: UnsafeBufferPointer<UInt8>, _ word: UInt64, _ lane: Int
    ) -> Int {
        let known = recent[lane]
        if known.last.word == word, known.last.length == field.count { return known.last.number }
        if known.before.word == word, known.before.length == field.count {
            recent[lane] = (known.before, known.last)
            return known.before.number
        }
        let number = codes[lane].number(of: field)
        recent[lane] = (KnownCode(word: word, length: field.count, number: number), known.last)
        return number
    }

    private func addFailure(_ cell: Cell, _ text: [UInt8]) {
        let number = text.withUnsafeBufferPointer {
            failures[cell.pointee.lane].number(of: $0)
        }
        CellFigures.add(1, of: number, to: &cell.pointee.failures)
    }

    /// Adds an empty transaction controller.
    func addEmptyController(lane: Int, start: Int64?) {
        let second = start.map(CellPiece.second) ?? CellPiece.untimed
        let cell = cell(lane, second)
        cell.pointee.emptyControllers += 1
        if cell == single { pack(cell, second) }
    }

    /// Adds a sample of the slow reader's.
    func add(_ sample: Sample, lane: Int) {
        let numbers = [
            sample.elapsed, sample.bytes, sample.sentBytes, sample.latency, sample.connect,
            sample.allThreads,
        ]
        guard numbers.allSatisfy({ (0..<1 << 27).contains($0) }) else {
            guard isWanted[lane] else { return }
            let place = Place(lane: lane, second: sample.timestamp.map(CellPiece.second))
            return odd[place, default: IntervalCell()].add(sample)
        }
        let second = sample.timestamp.map(CellPiece.second) ?? CellPiece.untimed
        let cell = cell(lane, second)
        if cell.pointee.first[0] == UInt64(cell.pointee.capacity) { makeRoom(cell, second) }
        cell.pointee.endRun()
        CellFigures.add(
            1, of: codes[lane].number(of: sample.responseCode), to: &cell.pointee.codes)
        cell.pointee.times[Int(cell.pointee.first[0])] = UInt32(sample.elapsed)
        cell.pointee.first &+= Four(
            1, UInt64(sample.elapsed), UInt64(sample.bytes), UInt64(sample.sentBytes))
        cell.pointee.second &+= Four(
            sample.timestamp == nil ? 1 : 0, UInt64(sample.latency), UInt64(sample.connect),
            sample.isSuccess ? 0 : 1)
        cell.pointee.codeSince = cell.pointee.first[0]
        cell.pointee.maxThreads = max(cell.pointee.maxThreads, UInt64(sample.allThreads))
        if let start = sample.timestamp {
            cell.pointee.firstStart = min(cell.pointee.firstStart, start)
            cell.pointee.lastEnd = max(cell.pointee.lastEnd, start &+ sample.elapsed)
        }
        if !sample.isSuccess { addFailure(cell, CountedTexts.withFailure(sample) { Array($0) }) }
        if cell == single { pack(cell, second) }
    }
}

// MARK: - Draining

extension CellTally {
    /// Everything, once, with the keys of the lanes.
    func drain(keys: [CellKey]) -> [CellBatch] {
        for place in 0..<Self.window { putAway(open + place) }
        spare.forEach(Self.free)
        spare = []
        var packer = CellPacker()
        for (place, cell) in odd { packer.add(cell, second: place.second, keys[place.lane]) }
        odd = [:]
        let named = keys.indices.map {
            CellBatch.Key(key: keys[$0], codes: codes[$0].texts, failures: failures[$0].texts)
        }
        return [CellBatch(keys: named, log: log), packer.finish()].filter {
            !$0.log.pieces.isEmpty
        }
    }
}

extension TextStage {
    /// The first eight bytes of a row's response code, and its length.
    @inline(__always)
    fileprivate func code(_ ends: UnsafePointer<UInt32>) -> (word: UInt64, length: Int) {
        let field = field(ends, plan.responseCode)
        let length = field.count
        let kept = length < 8 ? ~(UInt64.max &<< UInt64(truncatingIfNeeded: 8 &* length)) : .max
        return (JTL.word(at: field.baseAddress ?? bytes) & kept, length)
    }

    /// What a failed row is counted as.
    @inline(never)
    fileprivate func failure(_ ends: UnsafePointer<UInt32>) -> [UInt8] {
        withUnquoted(field(ends, plan.responseCode)) { code in
            withUnquoted(field(ends, plan.responseMessage)) { message in
                withUnquoted(field(ends, plan.failureMessage)) { failure in
                    var sample = Sample()
                    sample.responseCode = code
                    sample.responseMessage = message
                    sample.failureMessage = failure
                    return CountedTexts.withFailure(sample) { Array($0) }
                }
            }
        }
    }
}
