// From the pieces of a series to the slots of a timeline: the pieces are ordered by slot, and each
// slot's are added up before the next one's are looked at.

/// The pieces of a series, and where they came from.
struct SlotPlaces {
    let batches: [CellBatch]
    /// The number of the source of each batch.
    let sources: [Int]
    let names: [String]
    /// The first and the last second with samples; nil where there is none.
    private(set) var span: ClosedRange<Int64>?

    init(_ series: IntervalSeries) {
        batches = series.batches
        let marks = series.sources
        names = marks.isEmpty || (marks[0].batch > 0) ? [""] + marks.map(\.name) : marks.map(\.name)
        let unnamed = names.count - marks.count
        var source = unnamed - 1
        sources = batches.indices.map { batch in
            while source + 1 - unnamed < marks.count, marks[source + 1 - unnamed].batch <= batch {
                source += 1
            }
            return max(source, 0)
        }
        for batch in batches {
            let isController = batch.keys.map(\.key.isController)
            for piece in batch.log.pieces
            where piece.second != CellPiece.untimed && !isController[Int(piece.key)] {
                span =
                    min(
                        span?.lowerBound ?? piece.second, piece.second)...max(
                        span?.upperBound ?? piece.second, piece.second)
            }
        }
    }
}

/// Adds pieces up, slot by slot.
struct SlotAdder: ~Copyable {
    private struct Place {
        let batch: Int32
        let piece: Int32
    }

    /// Texts by a number of their own.
    struct Texts {
        private(set) var texts: [[UInt8]] = []
        private var numbers: [[UInt8]: Int] = [:]

        mutating func number(of text: [UInt8]) -> Int {
            if let number = numbers[text] { return number }
            numbers[text] = texts.count
            texts.append(text)
            return texts.count - 1
        }
    }

    private let places: SlotPlaces
    private let method: PercentileMethod
    private(set) var codes = Texts()
    private(set) var failures = Texts()
    /// When each of ``failures`` occurred.
    private(set) var occurrences: [Timeline.Occurrence] = []
    private(set) var sources: [Timeline.Source]
    private var times = SlotTimes()
    private var codeTimes: [Int] = []
    private var threads: [Int64]

    init(_ places: SlotPlaces, _ method: PercentileMethod) {
        self.places = places
        self.method = method
        sources = places.names.map { Timeline.Source(name: $0) }
        threads = Array(repeating: 0, count: places.names.count)
    }

    mutating func forEachSlot(
        of width: Int64, from first: Int64, to last: Int64, _ body: (Timeline.Slot) -> Void
    ) {
        let base = floorDivided(first, width)
        let count = Int(floorDivided(last, width) - base) + 1
        let (order, ends) = arranged(base, width, count)
        guard let log = places.batches.first?.log else { return }
        var piece = ReadPiece(log)
        for slot in 0..<count {
            var sum = Timeline.Slot()
            for place in order[(slot == 0 ? 0 : ends[slot - 1])..<ends[slot]] {
                let source = places.batches[Int(place.batch)].log
                let cell = source.pieces[Int(place.piece)]
                source.read(cell, into: &piece)
                guard piece.figures.samples > 0 else { continue }
                add(piece, second: cell.second, batch: Int(place.batch), Int(cell.key), to: &sum)
            }
            finish(&sum)
            body(sum)
        }
    }

    /// All pieces of samplers by slot, and where each slot's end.
    private func arranged(
        _ base: Int64, _ width: Int64, _ count: Int
    ) -> (order: [Place], ends: [Int]) {
        var ends = [Int](repeating: 0, count: count + 1)
        let forEach = { [places] (body: (_ slot: Int, Place) -> Void) in
            for (number, batch) in places.batches.enumerated() {
                let isController = batch.keys.map(\.key.isController)
                for (index, piece) in batch.log.pieces.enumerated()
                where piece.second != CellPiece.untimed && !isController[Int(piece.key)] {
                    body(
                        Int(floorDivided(piece.second, width) - base),
                        Place(batch: Int32(number), piece: Int32(index)))
                }
            }
        }
        forEach { slot, _ in ends[slot + 1] += 1 }
        for slot in 0..<count { ends[slot + 1] += ends[slot] }
        var order = [Place](repeating: Place(batch: 0, piece: 0), count: ends[count])
        forEach { slot, place in
            order[ends[slot]] = place
            ends[slot] += 1
        }
        ends.removeLast()
        return (order, ends)
    }

    private mutating func add(
        _ piece: borrowing ReadPiece, second: Int64, batch: Int, _ key: Int,
        to sum: inout Timeline.Slot
    ) {
        let samples = piece.figures.samples
        sum.samples += samples
        sum.errors += piece.figures.errors
        sum.elapsedSum += piece.figures.elapsed
        sum.latencySum += piece.figures.latency
        sum.connectSum += piece.figures.connect
        sum.bytes += piece.figures.bytes
        let source = places.sources[batch]
        threads[source] = max(threads[source], piece.figures.maxThreads)
        sources[source].samples += samples
        sources[source].errors += piece.figures.errors
        sources[source].first = min(sources[source].first, second)
        sources[source].last = max(sources[source].last, second)
        sources[source].maxThreads = max(sources[source].maxThreads, piece.figures.maxThreads)
        var gaps = piece.gaps
        _ = gaps.forEachRun(of: samples, piece.shape) { times.add($0, times: $1) }
        addTexts(of: piece.figures, second: second, places.batches[batch].keys[key])
    }

    private mutating func addTexts(
        of figures: CellFigures, second: Int64, _ key: CellBatch.Key
    ) {
        for entry in figures.codes {
            guard let text = key.codes[entry.number] else { continue }
            let number = codes.number(of: text)
            while codeTimes.count <= number { codeTimes.append(0) }
            codeTimes[number] += entry.times
        }
        guard figures.errors > 0 else { return }
        for entry in figures.failures {
            guard let text = key.failures[entry.number] else { continue }
            let number = failures.number(of: text)
            if number == occurrences.count {
                occurrences.append(Timeline.Occurrence(first: second, last: second))
            } else {
                // Slots come in order, the seconds within one do not.
                occurrences[number].first = min(occurrences[number].first, second)
                occurrences[number].last = max(occurrences[number].last, second)
            }
        }
    }

    /// Takes what belongs to the slot as a whole, and is ready for the next one.
    private mutating func finish(_ sum: inout Timeline.Slot) {
        for number in threads.indices {
            sum.threads += threads[number]
            threads[number] = 0
        }
        for number in codeTimes.indices where codeTimes[number] > 0 {
            sum.codes.append((code: number, times: codeTimes[number]))
            codeTimes[number] = 0
        }
        guard sum.samples > 0 else { return }
        let distribution = Distribution(sorted: times.take())
        sum.p50 = distribution.percentile(50, method)
        sum.p95 = distribution.percentile(95, method)
        sum.p99 = distribution.percentile(99, method)
        sum.max = distribution.largest
    }
}

/// Counts elapsed times, most of them short, again and again in the same memory.
private struct SlotTimes: ~Copyable {
    private static let bound = 1 << 14
    private let near: UnsafeMutablePointer<Int>
    private var least = Self.bound
    private var most = -1
    private var far: [Int64: Int] = [:]

    init() {
        near = .allocate(capacity: Self.bound)
        near.initialize(repeating: 0, count: Self.bound)
    }

    deinit { near.deallocate() }

    @inline(__always)
    mutating func add(_ value: Int64, times: Int) {
        guard value >= 0, value < Self.bound else {
            far[value, default: 0] += times
            return
        }
        near[Int(value)] += times
        least = min(least, Int(value))
        most = max(most, Int(value))
    }

    /// All counts, the smallest value first; none are left.
    mutating func take() -> [Histogram.Count] {
        let others = far.sorted { $0.key < $1.key }
            .map { Histogram.Count(value: $0.key, times: $0.value) }
        var counts = others.filter { $0.value < 0 }
        if most >= least {
            for value in least...most where near[value] > 0 {
                counts.append(Histogram.Count(value: Int64(value), times: near[value]))
                near[value] = 0
            }
        }
        counts += others.filter { $0.value >= 0 }
        far.removeAll(keepingCapacity: true)
        (least, most) = (Self.bound, -1)
        return counts
    }
}
