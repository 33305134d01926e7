// The total by the second, for the charts of a page, beside what goes to the lanes. The rows of a
// batch began in one second or in two that follow each other, but for a few, so a loop of `CVectors`
// adds them to both at once, without asking which is which; the others are added one by one. Seconds
// stay open and are put away as those of `CellTally` are. Rows without a time stamp belong to none.

import CVectors

/// One second of the total.
private struct TotalCell {
    var sums: lf_second
    /// Elapsed times that have no count.
    var far: [Int64] = []
    /// How often each of the ``TotalTally/known`` response codes occurred.
    let codes: UnsafeMutablePointer<Int>
    /// Other texts, as they come.
    var figures = CellFigures()

    /// So many response codes are counted without a look at their texts.
    static let codeLimit = 8

    init() {
        codes = .allocate(capacity: Self.codeLimit)
        codes.initialize(repeating: 0, count: Self.codeLimit)
        let counts = UnsafeMutablePointer<UInt16>.allocate(capacity: Int(lf_counted))
        counts.initialize(repeating: 0, count: Int(lf_counted))
        sums = lf_second(
            words: (0, 0, 0, 0, 0, 0, 0, 0), max_threads: 0, longest: 0, counts: counts)
    }

    var samples: Int { Int(sums.words.0) }

    func deallocate() {
        sums.counts.deallocate()
        codes.deallocate()
    }

    /// Adds what a row has beside texts.
    mutating func add(_ row: PlainRow) {
        let elapsed = row.first[1]
        if elapsed < lf_counted {
            sums.counts[Int(elapsed)] += 1
            sums.longest = max(sums.longest, elapsed)
        } else {
            far.append(Int64(elapsed))
        }
        withUnsafeMutableBytes(of: &sums.words) { words in
            let sums = words.bindMemory(to: UInt64.self)
            for index in 0..<4 {
                sums[index] += row.first[index]
                sums[index + 4] += row.second[index]
            }
        }
        sums.max_threads = max(sums.max_threads, row.threads)
    }
}

/// The total's cells of one stretch of a file.
final class TotalTally {
    private typealias Cell = UnsafeMutablePointer<TotalCell>

    /// Stands for no second.
    private static let none = Int64.min + 1
    /// How many seconds are open, a power of two: longer responses are rare and cost more.
    private static let window = 16
    /// A cell is put away when it has so many samples, and another one begun; no count overflows.
    private static let limit = 1 << 15

    private let loops: lf_loops
    // Safe, here and below: one thread at a time has a tally, and no call hands out access to these.
    /// The seconds that are open, each at its number's place, and their cells.
    private let seconds: UnsafeMutablePointer<Int64>
    private let cells: Cell
    /// Takes one row of a second that is not open.
    private let single: Cell
    /// The later one of the two seconds that the last batch was added to.
    @exclusivity(unchecked) private var recent = none
    /// The rows of the last batch that were not added yet.
    @exclusivity(unchecked) private var leftOut: [Int] = []
    /// A byte for each of the tally's lanes, and one before for lane -1: whether its rows count.
    @exclusivity(unchecked) private var isWanted: [UInt8] = [0]
    @exclusivity(unchecked) private var log = PieceLog()
    private var compactAt = 1 << 18
    private var codes = TextNumbers()
    @exclusivity(unchecked) private var failures = TextNumbers()
    /// The first response codes, and their numbers.
    @exclusivity(unchecked) private var known: [(key: CodeKey, number: Int)] = []
    /// Which of them the loop takes for granted: the most frequent one of the last second.
    @exclusivity(unchecked) private var usual = 0
    /// What no open cell can hold: numbers that are negative or very large.
    private var odd: [Int64: IntervalCell] = [:]

    init(_ loops: lf_loops) {
        self.loops = loops
        seconds = .allocate(capacity: Self.window)
        seconds.initialize(repeating: Self.none, count: Self.window)
        cells = .allocate(capacity: Self.window + 1)
        single = cells + Self.window
        for place in 0...Self.window { (cells + place).initialize(to: TotalCell()) }
    }

    deinit {
        for place in 0...Self.window { cells[place].deallocate() }
        cells.deinitialize(count: Self.window + 1)
        cells.deallocate()
        seconds.deallocate()
    }

    /// Makes room for the next lane.
    func addLane(isWanted: Bool) { self.isWanted.append(isWanted ? 1 : 0) }
}

// MARK: - Seconds

extension TotalTally {
    /// The cell of a second, with room for so many rows; nil if the second was put away.
    private func cell(_ second: Int64, room: Int) -> Cell? {
        let place = Int(truncatingIfNeeded: second & Int64(Self.window - 1))
        if seconds[place] != second {
            guard second > seconds[place] else { return nil }
            putAway(place)
            seconds[place] = second
        }
        if cells[place].samples + room > Self.limit { pack(cells + place, second) }
        return cells + place
    }

    private func putAway(_ place: Int) {
        pack(cells + place, seconds[place])
        seconds[place] = Self.none
        if log.pieces.count > compactAt {
            log = log.compacted()
            compactAt = max(1 << 18, 2 * log.pieces.count)
        }
    }

    /// Writes a cell into the log, and makes it one of nothing again.
    private func pack(_ cell: Cell, _ second: Int64) {
        guard cell.pointee.samples > 0 else { return }
        // Out of the cell and back, so that no reference is counted.
        var figures = CellFigures()
        swap(&figures, &cell.pointee.figures)
        let words = cell.pointee.sums.words
        figures.set(
            Four(words.0, words.1, words.2, words.3), Four(words.4, words.5, words.6, words.7),
            maxThreads: cell.pointee.sums.max_threads)
        for (index, code) in known.enumerated() where cell.pointee.codes[index] > 0 {
            CellFigures.add(cell.pointee.codes[index], of: code.number, to: &figures.codes)
            if cell.pointee.codes[index] > figures.samples / 2 { usual = index }
            cell.pointee.codes[index] = 0
        }
        // To the millisecond it is not known, and nobody asks.
        (figures.firstStart, figures.lastEnd) = (second &* 1000, second &* 1000)
        let times = BlockCounts(
            counts: cell.pointee.sums.counts, longest: Int(cell.pointee.sums.longest),
            far: cell.pointee.far)
        log.append(second: second, key: 0, figures, times, loops)
        figures.clear()
        swap(&figures, &cell.pointee.figures)
        cell.pointee.far.removeAll(keepingCapacity: true)
        cell.pointee.sums = lf_second(
            words: (0, 0, 0, 0, 0, 0, 0, 0), max_threads: 0, longest: 0,
            counts: cell.pointee.sums.counts)
    }
}

// MARK: - Rows

extension TotalTally {
    /// Adds the rows of a batch, which have their lanes, but for a few; failures come by
    /// ``addFailure(_:of:)``, and then those few by ``addLeftOut(_:_:)``.
    @inline(never)
    func add(_ rows: UnsafeMutableBufferPointer<PlainRow>, _ stage: TextStage) {
        guard stage.plan.timeStamp >= 0 else { return recent = Self.none }
        recent = CellPiece.second(newest(rows))
        guard rows.count <= Self.limit, let late = cell(recent, room: rows.count),
            let early = cell(recent - 1, room: rows.count)
        else {
            recent = Self.none
            leftOut.append(
                contentsOf: rows.indices.filter { isWanted[Int(rows[$0].lane) + 1] != 0 })
            return
        }
        let start = recent &* 1000
        let rest = stage.tally.scratch(for: rows.count)
        let before = (early.pointee.samples, late.pointee.samples)
        let key = usual < known.count ? known[usual].key : .none
        let count = isWanted.withUnsafeBufferPointer { isWanted in
            stage.asLoopsKnow(rows) {
                loops.add_to_seconds(
                    $0, rows.count, isWanted.baseAddress.unsafelyUnwrapped + 1, start,
                    key.word, &early.pointee.sums, &late.pointee.sums, rest)
            }
        }
        early.pointee.codes[usual] += early.pointee.samples - before.0
        late.pointee.codes[usual] += late.pointee.samples - before.1
        for index in 0..<count {
            let row = rows.baseAddress.unsafelyUnwrapped + Int(rest[index] >> 3)
            if rest[index] & UInt32(LF_LEFT_OUT) != 0 {
                leftOut.append(Int(rest[index] >> 3))
            } else {
                // As the loop tells them apart: the first second there is begins before all numbers.
                let cell = row.pointee.start &- start >= 0 ? late : early
                cell.pointee.codes[usual] -= 1
                addCode(of: row, stage, to: cell)
            }
        }
    }

    /// About when the last one of a batch's rows began: a few rows tell that of nearly all batches,
    /// and whatever begins later is added alone.
    @inline(__always)
    private func newest(_ rows: UnsafeMutableBufferPointer<PlainRow>) -> Int64 {
        var newest = rows[rows.count - 1].start
        for index in stride(from: 0, to: rows.count, by: 8) {
            newest = max(newest, rows[index].start)
        }
        return newest
    }

    /// Adds what was left out of a batch's rows, which may put away the seconds of the others.
    func addLeftOut(_ rows: UnsafeMutableBufferPointer<PlainRow>, _ stage: TextStage) {
        for index in leftOut { addAlone(rows[index], stage) }
        leftOut.removeAll(keepingCapacity: true)
    }

    /// Adds a row of another second.
    @inline(never)
    private func addAlone(_ row: PlainRow, _ stage: TextStage) {
        let second = CellPiece.second(row.start)
        let cell = cell(second, room: 1) ?? single
        cell.pointee.add(row)
        withUnsafePointer(to: row) { addCode(of: $0, stage, to: cell) }
        if row.second[3] != 0 {
            stage.withFailure(stage.ends(of: row)) { addFailure($0, to: cell) }
        }
        if cell == single { pack(cell, second) }
    }

    /// Counts the response code of a row.
    @inline(__always)
    private func addCode(of row: UnsafePointer<PlainRow>, _ stage: TextStage, to cell: Cell) {
        for index in known.indices where known[index].key == row.pointee.code {
            cell.pointee.codes[index] += 1
            return
        }
        addText(ofCode: row.pointee, stage, to: cell)
    }

    /// Counts a response code by its text, or makes it one of the known.
    @inline(never)
    private func addText(ofCode row: PlainRow, _ stage: TextStage, to cell: Cell) {
        let field = stage.field(stage.ends(of: row), stage.plan.responseCode)
        let number = withUnquoted(field) { codes.number(of: $0) }
        guard row.code != .unknown, field.first != quote, known.count < TotalCell.codeLimit else {
            return CellFigures.add(1, of: number, to: &cell.pointee.figures.codes)
        }
        cell.pointee.codes[known.count] += 1
        known.append((row.code, number))
    }

    /// Counts the failure of a row of the last batch, if the row was added with others.
    func addFailure(_ text: UnsafeBufferPointer<UInt8>, of row: PlainRow) {
        let second = CellPiece.second(row.start)
        guard recent != Self.none, second == recent || second == recent - 1,
            row.first[1] < lf_counted, isWanted[Int(row.lane) + 1] != 0
        else { return }
        addFailure(text, to: cells + Int(truncatingIfNeeded: second & Int64(Self.window - 1)))
    }

    private func addFailure(_ text: UnsafeBufferPointer<UInt8>, to cell: Cell) {
        CellFigures.add(1, of: failures.number(of: text), to: &cell.pointee.figures.failures)
    }

    /// Adds a sample of the slow reader's.
    func add(_ sample: Sample, lane: Int) {
        guard let start = sample.timestamp, isWanted[lane + 1] != 0 else { return }
        let second = CellPiece.second(start)
        guard let row = PlainRow(sample) else {
            return odd[second, default: IntervalCell()].add(sample)
        }
        let cell = cell(second, room: 1) ?? single
        cell.pointee.add(row)
        CellFigures.add(
            1, of: codes.number(of: sample.responseCode), to: &cell.pointee.figures.codes)
        if !sample.isSuccess { CountedTexts.withFailure(sample) { addFailure($0, to: cell) } }
        if cell == single { pack(cell, second) }
    }
}

// MARK: - Draining

extension TotalTally {
    /// Packs all cells that are open, after which nothing may be added.
    func finish() {
        for place in 0..<Self.window { putAway(place) }
    }

    /// Everything, once, under a label of no name.
    func drain() -> [CellBatch] {
        let key = CellKey(label: "", isController: false)
        var packer = CellPacker()
        for (second, cell) in odd { packer.add(cell, second: second, key) }
        odd = [:]
        let named = CellBatch.Key(key: key, codes: codes.texts, failures: failures.texts)
        return [CellBatch(keys: [named], log: log), packer.finish()].filter {
            !$0.log.pieces.isEmpty
        }
    }
}
