// Cells of one source: pieces, and what the numbers in them mean.

/// Pieces with their keys and texts.
struct CellBatch: Sendable {
    /// Whose rows some cells hold, and their texts by number.
    struct Key: Sendable {
        let key: CellKey
        var codes: [Int: [UInt8]] = [:]
        var failures: [Int: [UInt8]] = [:]
    }

    var keys: [Key]
    var log: PieceLog
}

/// Makes a batch of cells that come one by one.
struct CellPacker: ~Copyable {
    private var keys: [CellKey: Int] = [:]
    private var names: [CellKey] = []
    private var codes: [TextNumbers] = []
    private var failures: [TextNumbers] = []
    private let log = PieceLog()
    private var sorter = ElapsedSorter()

    init() {}

    mutating func add(_ cell: IntervalCell, second: Int64?, _ key: CellKey) {
        let place = place(of: key)
        let rows = cell.rows
        var figures = CellFigures()
        figures.samples = rows.samples
        figures.emptyControllers = cell.emptyControllers
        figures.errors = rows.errors
        figures.elapsed = rows.elapsedSum
        figures.latency = rows.latencySum
        figures.connect = rows.connectSum
        figures.bytes = rows.bytes
        figures.sentBytes = rows.sentBytes
        figures.maxThreads = rows.maxThreads
        figures.firstStart = rows.firstStart
        figures.lastEnd = rows.lastEnd
        for (text, times) in rows.responseCodes.kept.texts {
            let number = text.withUnsafeBufferPointer { codes[place].number(of: $0) }
            CellFigures.add(times, of: number, to: &figures.codes)
        }
        for (text, times) in rows.failures.kept.texts {
            let number = text.withUnsafeBufferPointer { failures[place].number(of: $0) }
            CellFigures.add(times, of: number, to: &figures.failures)
        }
        for (value, times) in rows.elapsed.counts { sorter.add(value, times: times) }
        log.append(second: second ?? CellPiece.untimed, key: place, figures, &sorter)
    }

    private mutating func place(of key: CellKey) -> Int {
        if let known = keys[key] { return known }
        keys[key] = names.count
        names.append(key)
        codes.append(TextNumbers())
        failures.append(TextNumbers())
        return names.count - 1
    }

    consuming func finish() -> CellBatch {
        CellBatch(
            keys: names.indices.map {
                CellBatch.Key(key: names[$0], codes: codes[$0].texts, failures: failures[$0].texts)
            }, log: log)
    }
}
