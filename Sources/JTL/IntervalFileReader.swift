// An intervals file into a series. Nothing in it is believed: all counts are held against the bytes
// that are there before anything is made of them, so damaged bytes cost an error and no more memory
// than sound ones. Every cell is packed anew, so a file of another writer's gives the same bytes.

extension IntervalSeries {
    /// Reads the bytes of a file; `source` names it in errors.
    ///
    /// - Throws: ``JTLError/intervals(source:reason:)`` for another version or damaged bytes.
    public init(decoding bytes: [UInt8], source: String = "input") throws(JTLError) {
        guard Self.isBeginning(of: bytes), bytes.count > IntervalFormat.magic.count else {
            throw .intervals(source: source, reason: "it is no intervals file")
        }
        guard bytes[4] == IntervalFormat.version else {
            throw .intervals(
                source: source, reason: "its version is \(bytes[4]), and only 1 is known")
        }
        self.init()
        let result = bytes.withUnsafeBufferPointer {
            all -> Result<IntervalSeries, IntervalDamage> in
            do throws(IntervalDamage) {
                var reader = try IntervalFileReader(all)
                return .success(try reader.read())
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let series): self = series
        case .failure(let damage): throw .intervals(source: source, reason: damage.rawValue)
        }
    }
}

/// Reads one file.
private struct IntervalFileReader {
    private struct Key {
        var cells = 0
        var hasUntimed = false
        var meanBytes: Int128 = 0
        var meanSentBytes: Int128 = 0
        var codes = 0
        var failures = 0
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private var offset = IntervalFormat.magic.count + 1
    private var keys: [Key] = []
    private var names: [CellBatch.Key] = []
    private var series = IntervalSeries()

    init(_ all: UnsafeBufferPointer<UInt8>) throws(IntervalDamage) {
        let length = all.count - IntervalFormat.checksumLength
        guard length >= offset else { throw .cut }
        bytes = UnsafeBufferPointer(rebasing: all[0..<length])
        let sum = CRC32().checksum(UnsafeRawBufferPointer(bytes))
        for place in 0..<IntervalFormat.checksumLength
        where all[length + place] != UInt8(truncatingIfNeeded: sum >> UInt32(8 * place)) {
            throw .checksum
        }
    }

    mutating func read() throws(IntervalDamage) -> IntervalSeries {
        for _ in 0..<(try count()) { try readKey() }
        try readUnusable()
        let cells = keys.reduce(0) { $0 + $1.cells }
        if cells > 0 { series.add(CellBatch(keys: names, log: try readCells(cells))) }
        guard offset == bytes.count else { throw .rest }
        return series
    }
}

// MARK: - Tables

extension IntervalFileReader {
    private mutating func long() throws(IntervalDamage) -> UInt128 {
        var value: UInt128 = 0
        for shift in 0..<VarintWriter.longest {
            guard offset < bytes.count else { throw .cut }
            let byte = bytes[offset]
            offset += 1
            guard shift < VarintWriter.longest - 1 || byte < 4 else { throw .number }
            value |= UInt128(byte & 0x7F) << UInt128(7 * shift)
            if byte < 0x80 { return value }
        }
        throw .number
    }

    private mutating func number(upTo limit: Int) throws(IntervalDamage) -> Int {
        let value = try long()
        guard value <= UInt128(limit) else { throw .count }
        return Int(value)
    }

    /// A number of things of which each takes a byte at least.
    private mutating func count() throws(IntervalDamage) -> Int {
        try number(upTo: bytes.count - offset)
    }

    private mutating func mean() throws(IntervalDamage) -> Int128 {
        let value = unfolded(try long())
        // A mean of numbers of 64 bits.
        guard value.magnitude <= 1 << 63 else { throw .number }
        return value
    }

    private mutating func text() throws(IntervalDamage) -> ArraySlice<UInt8> {
        let length = try count()
        defer { offset += length }
        guard length <= bytes.count - offset else { throw .cut }
        return ArraySlice(bytes[offset..<offset + length])
    }

    private mutating func string() throws(IntervalDamage) -> String {
        guard let string = String(validating: try text(), as: UTF8.self) else { throw .text }
        return string
    }

    private mutating func readKey() throws(IntervalDamage) {
        let rank = try number(upTo: .max)
        let label = try string()
        let isController = try number(upTo: 1) == 1
        var key = Key()
        key.cells = try number(upTo: bytes.count)
        key.hasUntimed = try number(upTo: 1) == 1
        key.meanBytes = try mean()
        key.meanSentBytes = try mean()
        let codes = try texts()
        let failures = try texts()
        (key.codes, key.failures) = (codes.count, failures.count)
        guard key.cells > 0 else { throw .count }
        let name = CellKey(label: label, isController: isController)
        if let last = names.last?.key {
            let isSame = last.label.utf8.elementsEqual(label.utf8)
            guard !isSame || (!last.isController && isController) else { throw .order }
        }
        keys.append(key)
        names.append(
            CellBatch.Key(
                key: name, codes: Dictionary(uniqueKeysWithValues: zip(0..., codes)),
                failures: Dictionary(uniqueKeysWithValues: zip(0..., failures))))
        series.ranks[Array(label.utf8)] = min(rank, series.ranks[Array(label.utf8)] ?? .max)
    }

    private mutating func texts() throws(IntervalDamage) -> [[UInt8]] {
        var texts: [[UInt8]] = []
        for _ in 0..<(try number(upTo: min(CountedTexts.limit, bytes.count - offset))) {
            let shared = try number(upTo: texts.last?.count ?? 0)
            let rest = try text()
            guard shared + rest.count <= CountedTexts.lengthLimit else { throw .count }
            let text = (texts.last.map { Array($0.prefix(shared)) } ?? []) + rest
            if let last = texts.last, !CountedTexts.precedes(last, text) { throw .order }
            texts.append(text)
        }
        return texts
    }

    private mutating func kind() throws(IntervalDamage) -> UnusableLines.Kind {
        guard let kind = UnusableLines.Kind(rawValue: try string()) else { throw .kind }
        return kind
    }

    private mutating func readUnusable() throws(IntervalDamage) {
        var counts: [UnusableLines.Kind: Int] = [:]
        for _ in 0..<(try count()) {
            let kind = try kind()
            guard counts[kind] == nil else { throw .order }
            counts[kind] = try number(upTo: 1 << 50)
        }
        var examples: [UnusableLines.Example] = []
        for _ in 0..<(try number(upTo: UnusableLines.exampleLimit)) {
            let source = try string()
            var position = LinePosition()
            position.line = try number(upTo: 1 << 60)
            position.byteOffset = try number(upTo: 1 << 60)
            examples.append(
                UnusableLines.Example(source: source, position: position, kind: try kind()))
        }
        series.unusable = UnusableLines(counts: counts, examples: examples)
    }
}

// MARK: - Cells

extension IntervalFileReader {
    private mutating func column(_ count: Int) throws(IntervalDamage) -> NumberColumnReader {
        try NumberColumnReader(bytes, count: count, at: &offset)
    }

    /// The samples of each cell, and how many cells have some, those without a second apart.
    private func samples(
        _ column: consuming NumberColumnReader
    ) throws(IntervalDamage) -> (each: [Int], timed: Int, untimed: Int) {
        var samples: [Int] = []
        var (timed, untimed, total) = (0, 0, 0)
        for key in keys {
            var last: Int64 = 0
            for cell in 0..<key.cells {
                last &+= unfolded(try column.next())
                guard (0...1 << 50).contains(last) else { throw .count }
                samples.append(Int(last))
                total += Int(last)
                guard total <= 1 << 50 else { throw .count }
                if last > 0, key.hasUntimed, cell == 0 {
                    untimed += 1
                } else if last > 0 {
                    timed += 1
                }
            }
        }
        return (samples, timed, untimed)
    }

    private mutating func readCells(_ cells: Int) throws(IntervalDamage) -> PieceLog {
        let seconds = try column(cells - keys.count { $0.hasUntimed })
        let (samples, timed, untimed) = try samples(try column(cells))
        let controllers = zip(keys, names).reduce(0) {
            $0 + ($1.1.key.isController ? $1.0.cells : 0)
        }
        let emptyControllers = try column(controllers)
        var columns = try CellColumns(
            bytes, cells: timed + untimed, timed: timed, seconds, emptyControllers, at: &offset)
        // A copy with room behind it, which a reader of gaps needs.
        let gaps = Array(bytes[offset...]) + [UInt8](repeating: 0, count: 32)
        let size = gaps.count - 32
        offset = bytes.count
        let log = PieceLog()
        var sorter = ElapsedSorter()
        var damage: IntervalDamage?
        let keys = keys
        let isController = names.map(\.key.isController)
        gaps.withUnsafeBytes { raw in
            guard let base = raw.baseAddress else { return }
            var reader = GapReader(base, to: size * 8)
            do throws(IntervalDamage) {
                var number = 0
                for (place, key) in keys.enumerated() {
                    var before = CellBefore(key: place)
                    for cell in 0..<key.cells {
                        columns.begin(samples[number], isTimed: !(key.hasUntimed && cell == 0))
                        try columns.readPlace(isController: isController[place], &before)
                        try columns.read(
                            (key.meanBytes, key.meanSentBytes), (key.codes, key.failures), &before)
                        try columns.readTimes(&reader, into: &sorter)
                        log.append(
                            second: columns.second, key: place, columns.figures, &sorter)
                        number += 1
                    }
                }
                guard (reader.position + 7) / 8 == size else { throw .rest }
            } catch {
                damage = error
            }
        }
        if let damage { throw damage }
        return log
    }
}

/// The columns of a file, cell after cell.
private struct CellColumns {
    private(set) var figures = CellFigures()
    private(set) var second: Int64 = 0
    private var isTimed = true
    private var shape = TimesShape()
    private var seconds, emptyControllers: NumberColumnReader
    private var errors, latency, connect, bytes, sentBytes, threads: NumberColumnReader
    private var firstStart, lastEnd, least, shapes: NumberColumnReader
    private var codes, failures: TextColumnReaders
    private var untilEnd: Int64 = 0

    init(
        _ all: UnsafeBufferPointer<UInt8>, cells: Int, timed: Int, _ seconds: NumberColumnReader,
        _ emptyControllers: NumberColumnReader, at offset: inout Int
    ) throws(IntervalDamage) {
        self.seconds = seconds
        self.emptyControllers = emptyControllers
        errors = try NumberColumnReader(all, count: cells, at: &offset)
        latency = try NumberColumnReader(all, count: cells, at: &offset)
        connect = try NumberColumnReader(all, count: cells, at: &offset)
        bytes = try NumberColumnReader(all, count: cells, at: &offset)
        sentBytes = try NumberColumnReader(all, count: cells, at: &offset)
        threads = try NumberColumnReader(all, count: cells, at: &offset)
        firstStart = try NumberColumnReader(all, count: timed, at: &offset)
        lastEnd = try NumberColumnReader(all, count: timed, at: &offset)
        least = try NumberColumnReader(all, count: cells, at: &offset)
        shapes = try NumberColumnReader(all, count: cells, at: &offset)
        codes = try TextColumnReaders(all, count: cells, at: &offset)
        var scan = errors
        var failing = 0
        for _ in 0..<cells where try scan.next() > 0 { failing += 1 }
        failures = try TextColumnReaders(all, count: failing, at: &offset)
    }

    mutating func begin(_ samples: Int, isTimed: Bool) {
        figures.clear()
        figures.samples = samples
        self.isTimed = isTimed
    }

    /// Reads the second and the empty controllers.
    mutating func readPlace(
        isController: Bool, _ before: inout CellBefore
    ) throws(IntervalDamage) {
        second = CellPiece.untimed
        if isTimed {
            let difference = unfolded(try seconds.next())
            second = before.second &+ difference
            // The first may be anything; all others come later than the one before.
            guard !before.hasSecond || difference > 0 && second > before.second,
                second.magnitude <= 9_223_372_036_854_776
            else { throw .order }
            (before.second, before.hasSecond) = (second, true)
        }
        if isController { figures.emptyControllers = try emptyControllers.count(upTo: 1 << 50) }
        guard figures.samples > 0 || figures.emptyControllers > 0 else { throw .count }
    }

    /// Reads everything of a cell with samples but its times.
    mutating func read(
        _ means: (bytes: Int128, sent: Int128), _ texts: (codes: Int, failures: Int),
        _ before: inout CellBefore
    ) throws(IntervalDamage) {
        guard figures.samples > 0 else { return }
        let count = Int128(figures.samples)
        figures.errors = try errors.count(upTo: figures.samples)
        figures.latency = -(try latency.sum())
        figures.connect = try connect.sum()
        figures.bytes = try bytes.sum() + count * means.bytes
        figures.sentBytes = try sentBytes.sum() + count * means.sent
        before.threads &+= unfolded(try threads.next())
        figures.maxThreads = before.threads
        if isTimed {
            figures.firstStart = second &* 1000 &+ Int64(bitPattern: try firstStart.next())
            untilEnd = unfolded(try lastEnd.next())
        }
        guard
            let shape = TimesShape(
                least: unfolded(try least.next()), number: try shapes.next())
        else { throw .times }
        self.shape = shape
        try codes.read(of: figures.samples, texts: texts.codes, into: &figures.codes)
        if figures.errors > 0 {
            try failures.read(of: figures.errors, texts: texts.failures, into: &figures.failures)
        }
    }

    /// Reads the times, and completes the figures that were written as differences to them.
    mutating func readTimes(
        _ reader: inout GapReader, into sorter: inout ElapsedSorter
    ) throws(IntervalDamage) {
        guard figures.samples > 0 else { return }
        var sum: Int128 = 0
        var most: Int64 = 0
        let isSound = reader.forEachRun(of: figures.samples, shape) { value, times in
            sorter.add(value, times: times)
            sum += Int128(value) * Int128(times)
            most = value
        }
        guard isSound else { throw .times }
        figures.elapsed = sum
        figures.latency += sum
        if isTimed { figures.lastEnd = figures.firstStart &+ most &+ untilEnd }
    }
}

/// The columns of the cells' texts.
private struct TextColumnReaders {
    private var count: NumberColumnReader
    private var number: NumberColumnReader
    private var left: NumberColumnReader

    init(
        _ bytes: UnsafeBufferPointer<UInt8>, count cells: Int, at offset: inout Int
    ) throws(IntervalDamage) {
        count = try NumberColumnReader(bytes, count: cells, at: &offset)
        let total = try count.total(upTo: CountedTexts.limit)
        number = try NumberColumnReader(bytes, count: total, at: &offset)
        left = try NumberColumnReader(bytes, count: total, at: &offset)
    }

    /// Reads one cell's list; `texts` are known to its key.
    mutating func read(
        of total: Int, texts: Int, into list: inout [TextTimes]
    ) throws(IntervalDamage) {
        var rest = total
        var last = -1
        for _ in 0..<(try count.count(upTo: texts)) {
            let next = max(last, 0) + (try number.count(upTo: texts))
            guard next > last, next < texts else { throw .order }
            guard rest > 0 else { throw .count }
            let left = try left.count(upTo: rest - 1)
            list.append(TextTimes(number: next, times: rest - left))
            (last, rest) = (next, left)
        }
    }
}
