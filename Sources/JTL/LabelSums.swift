// What the cells of a series add up to, label by label: the way back from intervals to statistics.

/// The sums of a series' labels, in the order in which they were first seen.
struct LabelSums {
    private(set) var labels: [LabelPart] = []

    init(_ series: IntervalSeries) {
        var places: [[UInt8]: Int] = [:]
        for batch in series.batches {
            let targets = batch.keys.map { key in
                let label = Array(key.key.label.utf8)
                if let place = places[label] { return place }
                places[label] = labels.count
                labels.append(LabelPart(label: label, emptyControllers: 0))
                return labels.count - 1
            }
            add(batch, targets)
        }
        // A label of a batch may have no cell in it.
        labels.removeAll {
            $0.samples == nil && $0.controllers == nil && $0.emptyControllers == 0
        }
        labels.sort { left, right in
            let ranks = (series.ranks[left.label] ?? .max, series.ranks[right.label] ?? .max)
            return ranks.0 != ranks.1
                ? ranks.0 < ranks.1 : left.label.lexicographicallyPrecedes(right.label)
        }
    }

    private mutating func add(_ batch: CellBatch, _ targets: [Int]) {
        var sums = [Aggregate?](repeating: nil, count: targets.count)
        var piece = ReadPiece(batch.log)
        for source in batch.log.pieces {
            batch.log.read(source, into: &piece)
            let key = Int(source.key)
            labels[targets[key]].emptyControllers += piece.figures.emptyControllers
            guard piece.figures.samples > 0 else { continue }
            // Taken out of the array while it is changed, so that nothing is copied.
            var sum = sums[key] ?? Aggregate()
            sums[key] = nil
            sum.add(piece.figures, isTimed: source.second != CellPiece.untimed)
            sum.count(
                textsOf: piece.figures, codes: batch.keys[key].codes,
                failures: batch.keys[key].failures)
            piece.forEachTime { sum.count(elapsed: $0, times: $1) }
            sums[key] = sum
        }
        for (key, sum) in sums.enumerated() {
            guard let sum else { continue }
            if batch.keys[key].key.isController {
                labels[targets[key]].controllers.merge(sum)
            } else {
                labels[targets[key]].samples.merge(sum)
            }
        }
    }
}

extension Aggregate? {
    fileprivate mutating func merge(_ more: Aggregate) {
        if self == nil { self = more } else { self?.merge(more) }
    }
}
