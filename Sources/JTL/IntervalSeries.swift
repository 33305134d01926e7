// The intervals of one or many sources. What is added row by row is kept as it comes; everything
// else is kept in batches of packed cells, so merging is putting batches side by side, and the
// order of merging can't matter: whoever asks gets the sums in an order of their own.

/// The intervals of one or many sources.
public struct IntervalSeries: Sendable {
    private struct Place: Hashable {
        let second: Int64?
        let key: CellKey
    }

    private var loose: [Place: IntervalCell] = [:]
    private var packed: [CellBatch] = []

    /// The place of each label in the order in which its source saw them, by the label's bytes;
    /// the first such place where there are several sources.
    var ranks: [[UInt8]: Int] = [:]

    /// Where each source's batches begin, in the order of reading; see ``Statistics/begin(source:)``.
    private(set) var sources: [(name: String, batch: Int)] = []

    /// The lines that could not be used.
    public internal(set) var unusable = UnusableLines()

    /// A series of nothing.
    public init() {}

    /// All cells as batches.
    var batches: [CellBatch] {
        guard !loose.isEmpty else { return packed }
        var packer = CellPacker()
        for (place, cell) in loose { packer.add(cell, second: place.second, place.key) }
        return packed + [packer.finish()]
    }

    /// The intervals so far, sorted by second, those without one first; seconds in which nothing
    /// started are absent.
    public var intervals: [Interval] { intervals(of: 1) }

    /// The same with so many seconds in each interval, the first of them giving it its name; they
    /// begin where the series does, and exactness is not lost.
    public func intervals(of width: Int64) -> [Interval] {
        var groups: [Int64?: Interval] = [:]
        let merge = CellMerge(self)
        let origin = merge.firstSecond ?? 0
        merge.forEachCell { key, second, piece in
            let second =
                second == CellPiece.untimed
                ? nil : origin &+ (second &- origin) / max(1, width) &* max(1, width)
            var rows = Aggregate(sparse: ())
            rows.add(piece.figures, isTimed: second != nil)
            let texts = merge.keys[key]
            rows.count(textsOf: piece.figures, codes: texts.codes, failures: texts.failures)
            piece.forEachTime { rows.count(elapsed: $0, times: $1) }
            var cell = IntervalCell()
            cell.rows = rows
            cell.emptyControllers = piece.figures.emptyControllers
            groups[second, default: Interval(second: second)].cells[
                texts.key, default: IntervalCell()
            ]
            .merge(cell)
        }
        return groups.values.sorted { ($0.second ?? .min) < ($1.second ?? .min) }
    }

    mutating func add(_ sample: Sample, label: String) {
        let key = CellKey(label: label, isController: sample.kind != .sampler)
        let second = sample.timestamp.map(CellPiece.second)
        loose[Place(second: second, key: key), default: IntervalCell()].add(sample)
    }

    mutating func add(_ batch: CellBatch) { packed.append(batch) }

    /// Says that what is added from now on is of another source.
    mutating func begin(source name: String) {
        packed = batches
        loose = [:]
        sources.append((name: name, batch: packed.count))
    }

    /// Adds the intervals of another series.
    public mutating func merge(_ other: IntervalSeries) {
        for (place, cell) in other.loose { loose[place, default: IntervalCell()].merge(cell) }
        // A name given for all of the other series stands before those within it.
        let isNamed = sources.last?.batch == packed.count
        sources += other.sources.filter { !isNamed || $0.batch > 0 }
            .map { (name: $0.name, batch: $0.batch + packed.count) }
        packed += other.packed
        for (label, rank) in other.ranks { ranks[label] = min(rank, ranks[label] ?? rank) }
        unusable.mergeInAnyOrder(other.unusable)
    }

    /// The part of the series that a selection wants.
    ///
    /// - Throws: ``JTLError/finerThanSecond`` where a second would have to be cut in two.
    func selecting(_ selection: SampleSelection) throws(JTLError) -> IntervalSeries {
        guard selection != SampleSelection() else { return self }
        let (first, last) = (selection.times.lowerBound, selection.times.upperBound)
        guard first == .min || first % 1000 == 0, last == .max || (last + 1) % 1000 == 0 else {
            throw .finerThanSecond
        }
        var selected = self
        selected.loose = [:]
        selected.packed = batches.map { batch in
            let isWanted = batch.keys.map { selection.labels?.wants($0.key.label) ?? true }
            return CellBatch(
                keys: batch.keys,
                log: batch.log.filtered { piece in
                    guard isWanted[Int(piece.key)] else { return false }
                    guard piece.second != CellPiece.untimed else {
                        return first == .min && last == .max
                    }
                    return selection.times.contains(piece.second &* 1000)
                })
        }
        return selected
    }

    /// Takes out the intervals before a second, sorted; those without a second stay.
    mutating func take(before second: Int64 = .max) -> [Interval] {
        let isTaken = { (piece: CellPiece) in
            piece.second != CellPiece.untimed && piece.second < second
        }
        var taken = self
        taken.loose = [:]
        taken.packed = batches.map { CellBatch(keys: $0.keys, log: $0.log.filtered(isTaken)) }
        packed = batches.map { batch in
            CellBatch(keys: batch.keys, log: batch.log.filtered { !isTaken($0) })
        }
        loose = [:]
        return taken.intervals
    }
}

extension IntervalSeries: Equatable {
    /// Equal when everything in them is, whatever they were merged from.
    public static func == (left: IntervalSeries, right: IntervalSeries) -> Bool {
        left.encoded() == right.encoded()
    }
}
