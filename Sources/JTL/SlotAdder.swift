// From the pieces of a series to the slots of a timeline: the pieces are ordered by slot, and each
// slot's are added up before the next one's are looked at. Several threads have a range of slots each.

import CVectors

/// The pieces of a series, and where they came from.
struct SlotPlaces: Sendable {
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

/// The pieces of samplers, those of each slot one behind the other.
struct SlotOrder: Sendable {
    struct Place {
        let batch: Int32
        let piece: Int32
    }

    private(set) var places: [Place] = []
    /// Where each slot's pieces end.
    private var ends: [Int]

    /// How many slots there are.
    var count: Int { ends.count }

    /// The pieces of the seconds of a span, by slots of so many seconds.
    init(_ pieces: SlotPlaces, _ span: ClosedRange<Int64>, width: Int64) {
        let base = floorDivided(span.lowerBound, width)
        let count = Int(floorDivided(span.upperBound, width) - base) + 1
        let forEach = { (body: (_ slot: Int, Place) -> Void) in
            for (number, batch) in pieces.batches.enumerated() {
                let isController = batch.keys.map(\.key.isController)
                for (index, piece) in batch.log.pieces.enumerated()
                where piece.second != CellPiece.untimed && !isController[Int(piece.key)] {
                    body(
                        Int(floorDivided(piece.second, width) - base),
                        Place(batch: Int32(number), piece: Int32(index)))
                }
            }
        }
        ends = Array(repeating: 0, count: count + 1)
        forEach { slot, _ in ends[slot + 1] += 1 }
        for slot in 0..<count { ends[slot + 1] += ends[slot] }
        places = Array(repeating: Place(batch: 0, piece: 0), count: ends[count])
        forEach { slot, place in
            places[ends[slot]] = place
            ends[slot] += 1
        }
        ends.removeLast()
    }

    /// The pieces of a slot.
    subscript(slot: Int) -> ArraySlice<Place> {
        places[(slot == 0 ? 0 : ends[slot - 1])..<ends[slot]]
    }
}

/// Some slots that follow each other, and what they tell beside.
struct SlotRange: Sendable {
    fileprivate(set) var slots: [Timeline.Slot] = []
    /// What the numbers of codes stand for.
    fileprivate(set) var codes: [[UInt8]] = []
    fileprivate(set) var failures: [(text: [UInt8], seen: Timeline.Occurrence)] = []
    fileprivate(set) var sources: [Timeline.Source]
}

/// Adds pieces up, slot by slot.
struct SlotAdder: ~Copyable {
    /// Numbers texts anew that each key of each batch has numbers of its own for.
    private struct Texts {
        private(set) var texts: [[UInt8]] = []
        private var numbers: [[UInt8]: Int] = [:]
        /// By batch, key and number there: the number here, and -1 before it is asked for.
        private var known: [[[Int]]]

        init(_ batches: [CellBatch]) {
            known = batches.map { Array(repeating: [], count: $0.keys.count) }
        }

        mutating func number(
            of number: Int, batch: Int, key: Int, _ texts: [Int: [UInt8]]
        ) -> Int? {
            while known[batch][key].count <= number { known[batch][key].append(-1) }
            if known[batch][key][number] >= 0 { return known[batch][key][number] }
            guard let text = texts[number] else { return nil }
            let found = self.number(of: text)
            known[batch][key][number] = found
            return found
        }

        private mutating func number(of text: [UInt8]) -> Int {
            if let number = numbers[text] { return number }
            numbers[text] = texts.count
            texts.append(text)
            return texts.count - 1
        }
    }

    private let places: SlotPlaces
    private let method: PercentileMethod
    private var codes: Texts
    private var failures: Texts
    /// When each of `failures` occurred.
    private var occurrences: [Timeline.Occurrence] = []
    private var sources: [Timeline.Source]
    private var times = SlotTimes()
    private var codeTimes: [Int] = []
    private var threads: [Int64]

    init(_ places: SlotPlaces, _ method: PercentileMethod) {
        self.places = places
        self.method = method
        codes = Texts(places.batches)
        failures = Texts(places.batches)
        sources = places.names.map { Timeline.Source(name: $0) }
        threads = Array(repeating: 0, count: places.names.count)
    }

    /// Adds up the slots of a range, once.
    consuming func add(_ order: SlotOrder, _ range: Range<Int>) -> SlotRange {
        var slots: [Timeline.Slot] = []
        guard let log = places.batches.first?.log else { return SlotRange(sources: sources) }
        var piece = ReadPiece(log)
        for slot in range {
            var sum = Timeline.Slot()
            for place in order[slot] {
                let source = places.batches[Int(place.batch)].log
                let cell = source.pieces[Int(place.piece)]
                source.read(cell, into: &piece)
                guard piece.figures.samples > 0 else { continue }
                add(piece, second: cell.second, batch: Int(place.batch), Int(cell.key), to: &sum)
            }
            finish(&sum)
            slots.append(sum)
        }
        return SlotRange(
            slots: slots, codes: codes.texts,
            failures: zip(failures.texts, occurrences).map { (text: $0, seen: $1) },
            sources: sources)
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
        times.add(piece)
        addTexts(of: piece.figures, second: second, batch: batch, key: key)
    }

    private mutating func addTexts(
        of figures: CellFigures, second: Int64, batch: Int, key: Int
    ) {
        let texts = places.batches[batch].keys[key]
        for entry in figures.codes {
            guard
                let number = codes.number(
                    of: entry.number, batch: batch, key: key, texts.codes)
            else { continue }
            while codeTimes.count <= number { codeTimes.append(0) }
            codeTimes[number] += entry.times
        }
        guard figures.errors > 0 else { return }
        for entry in figures.failures {
            guard
                let number = failures.number(
                    of: entry.number, batch: batch, key: key, texts.failures)
            else { continue }
            let seen = Timeline.Occurrence(first: second, last: second)
            if number == occurrences.count {
                occurrences.append(seen)
            } else {
                // Slots come in order, the seconds within one do not.
                occurrences[number].merge(seen)
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
    private static let bound = Int(lf_counted)
    private let near: UnsafeMutablePointer<Int>
    private var least = Self.bound
    private var most = -1
    private var far: [Int64: Int] = [:]

    init() {
        near = .allocate(capacity: Self.bound)
        near.initialize(repeating: 0, count: Self.bound)
    }

    deinit { near.deallocate() }

    mutating func add(_ piece: borrowing ReadPiece) {
        if piece.isInBlocks {
            let longest = piece.blocks.add(to: near) { far[$0, default: 0] += $1 }
            if longest >= 0 { (least, most) = (0, max(most, longest)) }
            return
        }
        // The values come in order.
        var last = -1
        piece.forEachTime { value, times in
            if UInt64(bitPattern: value) < UInt64(Self.bound) {
                last = Int(truncatingIfNeeded: value)
                near[last] &+= times
            } else {
                far[value, default: 0] += times
            }
        }
        most = max(most, last)
        if last >= 0 { least = min(least, Int(clamping: max(0, piece.shape.least))) }
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
