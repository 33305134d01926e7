// Cells in memory, each in about as many bytes as in a file. A piece is what was known of a cell
// when it was put away; what comes later for the same cell makes another piece, and whoever wants
// the whole cell adds its pieces up.

import CVectors

/// One piece in a log.
struct CellPiece {
    /// The second in which the samples started, since 1970; ``untimed`` without time stamps.
    var second: Int64
    /// Whose samples these are: a place in a table of keys beside the log.
    var key: Int32
    /// Where in the log the piece begins: the chunk, and the place in it.
    var chunk: Int32 = 0
    var offset: Int

    /// Stands for no second: milliseconds do not reach this far.
    static let untimed = Int64.min

    /// The second of a start in milliseconds.
    @inline(__always)
    static func second(_ start: Int64) -> Int64 {
        // Division rounds towards zero; times before 1970 must go down as well.
        start >= 0 ? start / 1000 : (start &+ 1) / 1000 &- 1
    }
}

/// The figures of a piece, and where its times are.
struct ReadPiece {
    var figures = CellFigures()
    /// Whether the times are in blocks, and otherwise how they are written.
    var isInBlocks = false
    var shape = TimesShape()
    var most: Int64 = 0
    var bits = 0
    var times: UnsafeRawPointer

    init(_ log: PieceLog) { times = UnsafeRawPointer(log.chunks[0]) }

    /// A reader of times in blocks.
    var blocks: BlockReader { BlockReader(source: times) }

    /// Hands out the times, each with how often it occurs.
    @inline(__always)
    func forEachTime(_ body: (_ value: Int64, _ times: Int) -> Void) {
        guard !isInBlocks else { return blocks.forEach { if $1 > 0 { body($0, $1) } } }
        var gaps = GapReader(times, to: bits)
        _ = gaps.forEachRun(of: figures.samples, shape, body)
    }
}

/// What the pieces of one key hold, for whoever needs to know it before reading them.
struct KeyUse {
    var pieces = 0
    var samples = 0
    var bytes: Int128 = 0
    var sentBytes: Int128 = 0
    /// Which numbers of texts occur.
    private(set) var codes: [Bool] = []
    private(set) var failures: [Bool] = []

    @inline(__always)
    fileprivate mutating func add(_ figures: borrowing CellFigures) {
        pieces &+= 1
        samples &+= figures.samples
        bytes += figures.bytes
        sentBytes += figures.sentBytes
        for code in figures.codes { Self.note(code.number, in: &codes) }
        for kind in figures.failures { Self.note(kind.number, in: &failures) }
    }

    @inline(__always)
    private static func note(_ number: Int, in list: inout [Bool]) {
        if number >= list.count { list += repeatElement(false, count: number + 1 - list.count) }
        list[number] = true
    }
}

/// A growing list of pieces.
///
/// Written by one owner; afterwards it only is read, from wherever.
final class PieceLog: @unchecked Sendable {
    // Safe: there is one writer, and no call hands out access to these.
    @exclusivity(unchecked) private(set) var pieces: [CellPiece] = []
    /// What is in use of each key.
    @exclusivity(unchecked) private(set) var uses: [KeyUse] = []
    /// The memory of the pieces, none of which lies in two chunks: a single block of memory that
    /// grows would leave as much behind, in all the sizes that it had.
    @exclusivity(unchecked) fileprivate var chunks: [UnsafeMutablePointer<UInt8>]
    /// The last of them.
    @exclusivity(unchecked) private var bytes: UnsafeMutablePointer<UInt8>
    @exclusivity(unchecked) private var capacity = 1 << 12
    @exclusivity(unchecked) private var count = 0
    /// A reader of gaps may look at so many bytes behind a piece.
    private static let margin = 32
    private static let largestChunk = 1 << 18

    init() {
        bytes = .allocate(capacity: capacity + Self.margin)
        chunks = [bytes]
    }

    deinit { chunks.forEach { $0.deallocate() } }

    private func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        capacity = max(min(capacity * 2, Self.largestChunk), more)
        bytes = .allocate(capacity: capacity + Self.margin)
        chunks.append(bytes)
        count = 0
    }

    /// Appends a piece with the times that were given to `sorter`, which is empty afterwards.
    func append(
        second: Int64, key: Int, _ figures: borrowing CellFigures, _ sorter: inout ElapsedSorter
    ) {
        let sorted = sorter.finish(figures.samples)
        var writer = begin(second, key, figures, room: sorted.bits / 8 + 16)
        guard figures.samples > 0 else {
            count = writer.target - bytes
            return
        }
        writer.add(folded(sorted.shape.least))
        writer.add(UInt64(bitPattern: sorted.most &- sorted.shape.least))
        writer.add(sorted.shape.number)
        writer.add(sorted.bits)
        sorter.write(sorted.shape, to: UnsafeMutableRawPointer(writer.target))
        count = writer.target - bytes + (sorted.bits + 7) / 8
    }

    /// Appends a piece with times that were counted, of which none is left.
    func append(
        second: Int64, key: Int, _ figures: borrowing CellFigures, _ times: BlockCounts,
        _ loops: lf_loops
    ) {
        var writer = begin(second, key, figures, room: times.room)
        writer.add(0)
        writer.add(0)
        writer.add(TimesShape.blocks)
        count = writer.target - bytes
        count += times.write(to: UnsafeMutableRawPointer(writer.target), loops)
    }

    /// Begins a piece with its figures, whose times take so many bytes.
    private func begin(
        _ second: Int64, _ key: Int, _ figures: borrowing CellFigures, room: Int
    ) -> VarintWriter {
        let numbers = 14 + 2 * (figures.codes.count + figures.failures.count)
        reserve(numbers * VarintWriter.longest + room)
        pieces.append(
            CellPiece(
                second: second, key: Int32(key), chunk: Int32(chunks.count - 1), offset: count))
        while uses.count <= key { uses.append(KeyUse()) }
        uses[key].add(figures)
        var writer = VarintWriter(at: bytes + count)
        writer.add(figures.samples)
        writer.add(figures.emptyControllers)
        guard figures.samples > 0 else { return writer }
        writer.add(figures.errors)
        writer.add(signed: figures.elapsed)
        writer.add(signed: figures.latency)
        writer.add(signed: figures.connect)
        writer.add(signed: figures.bytes)
        writer.add(signed: figures.sentBytes)
        writer.add(folded(figures.maxThreads))
        let base = second &* 1000
        writer.add(folded(figures.firstStart &- base))
        writer.add(folded(figures.lastEnd &- base))
        Self.add(figures.codes, &writer)
        if figures.errors > 0 { Self.add(figures.failures, &writer) }
        return writer
    }

    /// Forgets all pieces but not the memory for them.
    func removeAll() {
        pieces.removeAll(keepingCapacity: true)
        uses.removeAll(keepingCapacity: true)
        for chunk in chunks.dropLast() { chunk.deallocate() }
        chunks = [bytes]
        count = 0
    }

    private static func add(_ list: [TextTimes], _ writer: inout VarintWriter) {
        writer.add(list.count)
        for entry in list {
            writer.add(entry.number)
            writer.add(entry.times)
        }
    }

    /// Where a piece is.
    @inline(__always)
    func bytes(of piece: CellPiece) -> UnsafePointer<UInt8> {
        UnsafePointer(chunks[Int(piece.chunk)] + piece.offset)
    }

    /// Reads a piece into `target`, whose memory is used again.
    func read(_ piece: CellPiece, into target: inout ReadPiece) {
        target.read(at: bytes(of: piece), second: piece.second)
    }

    /// The log with only some of its pieces.
    func filtered(_ isWanted: (CellPiece) -> Bool) -> PieceLog {
        let part = PieceLog()
        var sorter = ElapsedSorter()
        var piece = ReadPiece(self)
        for source in pieces where isWanted(source) {
            read(source, into: &piece)
            piece.addTimes(to: &sorter)
            part.append(second: source.second, key: Int(source.key), piece.figures, &sorter)
        }
        return part
    }

    /// The log with one piece for each cell.
    func compacted() -> PieceLog {
        let order = pieces.sorted {
            $0.key != $1.key ? $0.key < $1.key : $0.second < $1.second
        }
        let whole = PieceLog()
        var sorter = ElapsedSorter()
        var sum = CellFigures()
        var piece = ReadPiece(self)
        for (index, source) in order.enumerated() {
            read(source, into: &piece)
            sum.merge(piece.figures)
            piece.addTimes(to: &sorter)
            let next = index + 1 < order.count ? order[index + 1] : nil
            if next?.key == source.key, next?.second == source.second { continue }
            whole.append(second: source.second, key: Int(source.key), sum, &sorter)
            sum.clear()
        }
        return whole
    }
}

extension ReadPiece {
    /// Reads the piece of a second that is at `bytes`; memory is used again.
    mutating func read(at bytes: UnsafePointer<UInt8>, second: Int64) {
        var reader = VarintReader(at: bytes)
        figures.clear()
        figures.samples = reader.count()
        figures.emptyControllers = reader.count()
        guard figures.samples > 0 else {
            (bits, isInBlocks) = (0, false)
            return
        }
        figures.errors = reader.count()
        figures.elapsed = reader.signed()
        figures.latency = reader.signed()
        figures.connect = reader.signed()
        figures.bytes = reader.signed()
        figures.sentBytes = reader.signed()
        figures.maxThreads = unfolded(reader.next())
        let base = second &* 1000
        figures.firstStart = base &+ unfolded(reader.next())
        figures.lastEnd = base &+ unfolded(reader.next())
        Self.read(&figures.codes, &reader)
        if figures.errors > 0 { Self.read(&figures.failures, &reader) }
        let least = unfolded(reader.next())
        most = least &+ Int64(bitPattern: reader.next())
        let number = reader.next()
        isInBlocks = number == TimesShape.blocks
        shape = TimesShape(least: least, number: number) ?? TimesShape()
        bits = isInBlocks ? 0 : reader.count()
        times = UnsafeRawPointer(reader.source)
    }

    private static func read(_ list: inout [TextTimes], _ reader: inout VarintReader) {
        for _ in 0..<reader.count() {
            list.append(TextTimes(number: reader.count(), times: reader.count()))
        }
    }

    /// Gives all times to a sorter.
    func addTimes(to sorter: inout ElapsedSorter) {
        forEachTime { sorter.add($0, times: $1) }
    }
}

/// Adds up the pieces of one cell.
struct PieceAdder: ~Copyable {
    private var sorter = ElapsedSorter()
    private let log = PieceLog()
    private var sum = CellFigures()

    mutating func begin(_ piece: borrowing ReadPiece) {
        sum.clear()
        add(piece)
    }

    mutating func add(_ piece: borrowing ReadPiece) {
        sum.merge(piece.figures)
        piece.addTimes(to: &sorter)
    }

    /// Puts the sum into `target`, whose times are good until the next piece is begun.
    mutating func finish(into target: inout ReadPiece) {
        log.removeAll()
        sum.codes.sort { $0.number < $1.number }
        sum.failures.sort { $0.number < $1.number }
        log.append(second: 0, key: 0, sum, &sorter)
        log.read(log.pieces[0], into: &target)
    }
}
