// Whole cells out of pieces: batches side by side become one list of cells in an order that depends
// on nothing but what they hold. Only texts that are in use are kept, and of them as many as
// `CountedTexts` keeps, counted over the whole series.

import CVectors

/// The cells of a series.
///
/// Complete when it has been made, so several threads may read it.
final class CellMerge: @unchecked Sendable {
    /// Whose rows some cells hold.
    struct Key {
        let key: CellKey
        let rank: Int
        /// The texts in use, the shortest first.
        var codeTexts: [[UInt8]] = []
        var failureTexts: [[UInt8]] = []
        /// What all its cells hold, for means.
        var samples = 0
        var bytes: Int128 = 0
        var sentBytes: Int128 = 0
        /// Its cells.
        var cells: Range<Int> = 0..<0

        var codes: [Int: [UInt8]] { Dictionary(uniqueKeysWithValues: zip(0..., codeTexts)) }
        var failures: [Int: [UInt8]] { Dictionary(uniqueKeysWithValues: zip(0..., failureTexts)) }
    }

    /// A piece: its second, where it is in its batch's log, and what numbers mean in it.
    private struct Source {
        let second: Int64
        let bytes: UnsafePointer<UInt8>
        let numbers: Int
    }

    /// What the numbers of a batch's key mean here.
    private struct Numbers {
        var key = -1
        var codes: TextMap
        var failures: TextMap
    }

    private(set) var keys: [Key] = []
    private let batches: [CellBatch]
    /// Those of all batches.
    private var numbers: [Numbers] = []
    /// Where those of each batch are, by key.
    private var spans: [Range<Int>] = []
    /// All pieces, by key and second.
    private var sources: [Source] = []

    init(_ series: IntervalSeries) {
        batches = series.batches
        for batch in batches {
            let start = numbers.count
            numbers += batch.log.uses.map {
                Numbers(codes: TextMap($0.codes), failures: TextMap($0.failures))
            }
            spans.append(start..<numbers.count)
        }
        arrangeKeys(series.ranks)
        chooseTexts()
        arrangePieces()
    }

    /// Hands out whole cells by key and second, each once; texts have this merge's numbers.
    func forEachCell(
        of range: Range<Int>? = nil,
        _ body: (_ key: Int, _ second: Int64, _ cell: borrowing ReadPiece) -> Void
    ) {
        guard let first = batches.first else { return }
        var cell = ReadPiece(first.log)
        var adder = PieceAdder()
        // Constants, so that no reference is counted for each piece.
        let (sources, numbers) = (sources, numbers)
        for number in range ?? 0..<keys.count {
            let key = keys[number]
            var index = key.cells.lowerBound
            while index < key.cells.upperBound {
                let second = sources[index].second
                Self.read(sources, index, numbers, into: &cell)
                index += 1
                if index < key.cells.upperBound, sources[index].second == second {
                    adder.begin(cell)
                    while index < key.cells.upperBound, sources[index].second == second {
                        Self.read(sources, index, numbers, into: &cell)
                        adder.add(cell)
                        index += 1
                    }
                    adder.finish(into: &cell)
                }
                body(number, second, cell)
            }
        }
    }

    private static func read(
        _ sources: [Source], _ index: Int, _ numbers: [Numbers], into target: inout ReadPiece
    ) {
        // A key's pieces lie far apart: by the time that they are read, they are in the cache.
        if index + 8 < sources.count { lf_prefetch(sources[index + 8].bytes, 128) }
        let source = sources[index]
        target.read(at: source.bytes, second: source.second)
        numbers[source.numbers].codes.apply(to: &target.figures.codes)
        numbers[source.numbers].failures.apply(to: &target.figures.failures)
    }

    /// How many cells there are of each key.
    func cellCounts() -> [Int] {
        keys.map { key in
            key.cells.reduce(0) { count, index in
                let isFirst =
                    index == key.cells.lowerBound
                    || sources[index].second != sources[index - 1].second
                return count + (isFirst ? 1 : 0)
            }
        }
    }

    /// The first second of all; nil where no cell has one.
    var firstSecond: Int64? {
        sources.lazy.map(\.second).filter { $0 != CellPiece.untimed }.min()
    }

    /// Whether a key has samples without time stamps.
    func hasUntimed(_ key: Key) -> Bool {
        key.cells.first.map { sources[$0].second == CellPiece.untimed } ?? false
    }
}

// MARK: - Preparation

extension CellMerge {
    /// Makes one list of keys that have cells, by rank, label and kind.
    private func arrangeKeys(_ ranks: [[UInt8]: Int]) {
        var places: [CellKey: Int] = [:]
        var found: [Key] = []
        for batch in batches {
            for (key, use) in zip(batch.keys.map(\.key), batch.log.uses) where use.pieces > 0 {
                let place = places[key] ?? found.count
                if place == found.count {
                    places[key] = place
                    found.append(Key(key: key, rank: ranks[Array(key.label.utf8)] ?? .max))
                }
                found[place].samples += use.samples
                found[place].bytes += use.bytes
                found[place].sentBytes += use.sentBytes
            }
        }
        keys = found.sorted { left, right in
            if left.rank != right.rank { return left.rank < right.rank }
            if left.key.label.utf8.elementsEqual(right.key.label.utf8) {
                return !left.key.isController && right.key.isController
            }
            return left.key.label.utf8.lexicographicallyPrecedes(right.key.label.utf8)
        }
        let order = Dictionary(uniqueKeysWithValues: zip(keys.map(\.key), 0...))
        for batch in batches.indices {
            for (place, key) in zip(spans[batch], batches[batch].keys) {
                numbers[place].key = order[key.key] ?? -1
            }
        }
    }

    /// Gives each key one list of the texts in use, and each batch its numbers there.
    private func chooseTexts() {
        var codes = [ByteTable](repeating: ByteTable(), count: keys.count)
        var failures = codes
        forEachNumbers { found, texts in
            found.codes.gather(texts.codes, in: &codes[found.key])
            found.failures.gather(texts.failures, in: &failures[found.key])
        }
        let keptCodes = codes.map(KeptTexts.init), keptFailures = failures.map(KeptTexts.init)
        for key in keys.indices {
            keys[key].codeTexts = keptCodes[key].texts
            keys[key].failureTexts = keptFailures[key].texts
        }
        forEachNumbers { found, _ in
            found.codes.follow(keptCodes[found.key].places)
            found.failures.follow(keptFailures[found.key].places)
        }
    }

    /// Hands out what the numbers of each key in each batch mean, to be changed.
    private func forEachNumbers(_ body: (inout Numbers, CellBatch.Key) -> Void) {
        for batch in batches.indices {
            for (place, key) in zip(spans[batch], batches[batch].keys)
            where numbers[place].key >= 0 {
                body(&numbers[place], key)
            }
        }
    }

    /// Sorts the pieces: a place for each key, and within it by second, as most batches are.
    private func arrangePieces() {
        var counts = [Int](repeating: 0, count: keys.count + 1)
        for (span, batch) in zip(spans, batches) {
            for (number, use) in zip(numbers[span], batch.log.uses) where use.pieces > 0 {
                counts[number.key + 1] += use.pieces
            }
        }
        for key in keys.indices { counts[key + 1] += counts[key] }
        for key in keys.indices { keys[key].cells = counts[key]..<counts[key + 1] }
        sources = Array(unsafeUninitializedCapacity: counts[keys.count]) { sources, count in
            for (span, batch) in zip(spans, batches) {
                for piece in batch.log.pieces {
                    let place = span.lowerBound + Int(piece.key)
                    let key = numbers[place].key
                    sources.initializeElement(
                        at: counts[key],
                        to: Source(
                            second: piece.second, bytes: batch.log.bytes(of: piece), numbers: place)
                    )
                    counts[key] += 1
                }
            }
            count = counts[keys.count]
        }
        for key in keys {
            let isSorted = key.cells.dropFirst().allSatisfy {
                sources[$0 - 1].second <= sources[$0].second
            }
            if !isSorted { sources[key.cells].sort { $0.second < $1.second } }
        }
    }
}

/// The texts of a table that may be kept apart, the shortest first.
private struct KeptTexts {
    private(set) var texts: [[UInt8]] = []
    /// By their numbers in the table where they are now; -1 for those that are not kept.
    private(set) var places: [Int32]

    init(_ table: ByteTable) {
        places = Array(repeating: -1, count: table.count)
        for number in table.numbersByLength.prefix(CountedTexts.limit) {
            places[number] = Int32(texts.count)
            texts.append(Array(table.key(number)))
        }
    }
}

/// From one numbering of texts to another.
private struct TextMap {
    /// By the old number: 0 where it is not in use, else the new number plus 2, or 1 for none.
    private var targets: [Int32]

    init(_ isUsed: [Bool]) { targets = isUsed.map { $0 ? 1 : 0 } }

    /// Numbers the texts that are in use as they come in a table of all.
    mutating func gather(_ texts: [Int: [UInt8]], in table: inout ByteTable) {
        for number in targets.indices where targets[number] != 0 {
            guard let text = texts[number] else { continue }
            let place = text.withUnsafeBufferPointer { table.findOrInsert($0) }
            targets[number] = Int32(place) + 2
        }
    }

    /// Replaces the places in that table by those among the texts that are kept.
    mutating func follow(_ places: [Int32]) {
        for number in targets.indices where targets[number] >= 2 {
            targets[number] = places[Int(targets[number]) - 2] + 2
        }
    }

    /// Gives the texts of a list their new numbers and their new order.
    func apply(to list: inout [TextTimes]) {
        if list.count == 1, targets[list[0].number] >= 2 {
            list[0].number = Int(targets[list[0].number]) - 2
            return
        }
        for index in list.indices { list[index].number = Int(targets[list[index].number]) - 2 }
        list.removeAll { $0.number < 0 }
        list.sort { $0.number < $1.number }
    }
}
