// Intervals as bytes: versioned, compact, exact. Equal series give equal bytes, in whatever order
// they were merged, because labels and seconds are sorted. All numbers are LEB128 varints, signed
// ones zigzag-coded. In order:
//   "LFIV", the version
//   labels: their number; of each 1 for a transaction controller, its length, its UTF-8
//   seconds: their number; of each the difference to the one before, the number of its cells
//   cells: difference of label numbers, errors, bytes, sent bytes, most threads, histogram
//   histogram: number of values; the first value and its count; of each other the difference
//     times 2, plus 1 if a count follows (less 2; else it is 1), or 0, difference and count
// The number of samples is not written: it is the sum of the histogram.

extension IntervalSeries {
    private static let magic: [UInt8] = Array("LFIV".utf8)
    private static let version: UInt8 = 1

    /// The series as the bytes of a file.
    public func encoded() -> [UInt8] {
        let intervals = intervals
        let keys = Set(intervals.flatMap(\.cells.keys)).sorted {
            $0.label.utf8.elementsEqual($1.label.utf8)
                ? !$0.isController && $1.isController
                : $0.label.utf8.lexicographicallyPrecedes($1.label.utf8)
        }
        var writer = VarintWriter(bytes: Self.magic + [Self.version])
        writer.add(UInt64(keys.count))
        for key in keys {
            writer.add(key.isController ? 1 : 0)
            writer.add(UInt64(key.label.utf8.count))
            writer.bytes += key.label.utf8
        }
        let numbers = Dictionary(uniqueKeysWithValues: zip(keys, 0...))
        writer.add(UInt64(intervals.count))
        var last: Int64 = 0
        for interval in intervals {
            writer.add(signed: interval.second &- last)
            last = interval.second
            let cells = interval.cells.map { (numbers[$0.key] ?? 0, $0.value) }
            writer.add(UInt64(cells.count))
            var before = 0
            for (number, cell) in cells.sorted(by: { $0.0 < $1.0 }) {
                writer.add(UInt64(number - before))
                before = number
                writer.add(cell)
            }
        }
        return writer.bytes
    }

    /// Reads the bytes of a file.
    ///
    /// - Throws: ``JTLError/intervals(reason:)`` for another version or damaged bytes.
    public init(decoding bytes: [UInt8]) throws(JTLError) {
        self.init()
        guard bytes.starts(with: Self.magic), bytes.count > 4 else {
            throw .intervals(reason: "they are no intervals file")
        }
        guard bytes[4] == Self.version else {
            throw .intervals(reason: "their version is \(bytes[4]), and only 1 is known")
        }
        var reader = VarintReader(rest: bytes[5...])
        var keys: [CellKey] = []
        for _ in 0..<(try reader.count()) {
            let isController = try reader.next() == 1
            let label = try reader.text(try reader.count())
            keys.append(CellKey(label: label, isController: isController))
        }
        var second: Int64 = 0
        for index in 0..<(try reader.count()) {
            let difference = try reader.signed()
            guard index == 0 || difference > 0 else {
                throw .intervals(reason: "their seconds are not in order")
            }
            second &+= difference
            var interval = Interval(second: second)
            var number = 0
            for index in 0..<(try reader.count()) {
                let difference = try reader.count()
                number &+= difference
                guard index == 0 || difference > 0, keys.indices.contains(number) else {
                    throw .intervals(reason: "they name a label twice, or one they do not have")
                }
                interval.cells[keys[number], default: IntervalCell()].merge(try reader.cell())
            }
            merge(interval)
        }
        guard reader.rest.isEmpty else {
            throw .intervals(reason: "there is something behind their end")
        }
    }
}

// MARK: - Numbers

private struct VarintWriter {
    var bytes: [UInt8]

    mutating func add(_ value: UInt64) {
        var rest = value
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func add(signed value: Int64) {
        add(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    mutating func add(_ cell: IntervalCell) {
        add(UInt64(cell.errors))
        add(signed: cell.bytes)
        add(signed: cell.sentBytes)
        add(signed: cell.maxThreads)
        let counts = cell.elapsed.counts
        add(UInt64(counts.count))
        guard let first = counts.first else { return }
        add(signed: first.value)
        add(UInt64(first.times))
        var last = first.value
        for (value, times) in counts.dropFirst() {
            let difference = UInt64(bitPattern: value &- last)
            last = value
            if difference < 1 << 62 {
                add(difference << 1 | (times > 1 ? 1 : 0))
                if times > 1 { add(UInt64(times - 2)) }
            } else {
                add(0)
                add(difference)
                add(UInt64(times))
            }
        }
    }
}

private struct VarintReader {
    var rest: ArraySlice<UInt8>

    mutating func next() throws(JTLError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 64, by: 7) {
            guard let byte = rest.popFirst() else { break }
            let bits = UInt64(byte & 0x7F)
            guard shift < 63 || bits <= 1 else { break }
            value |= bits << UInt64(shift)
            if byte < 0x80 { return value }
        }
        throw .intervals(reason: "they end in the middle or hold what is no number")
    }

    mutating func signed() throws(JTLError) -> Int64 {
        let value = try next()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// A number of things, small enough to be added to another one.
    mutating func count() throws(JTLError) -> Int {
        let value = try next()
        guard value < 1 << 56 else { throw .intervals(reason: "a count is out of all measure") }
        return Int(value)
    }

    mutating func text(_ length: Int) throws(JTLError) -> String {
        guard rest.count >= length else { throw .intervals(reason: "they end within a label") }
        defer { rest = rest.dropFirst(length) }
        guard let text = String(validating: rest.prefix(length), as: UTF8.self) else {
            throw .intervals(reason: "a label is no UTF-8")
        }
        return text
    }

    mutating func cell() throws(JTLError) -> IntervalCell {
        var cell = IntervalCell()
        cell.errors = try count()
        cell.bytes = try signed()
        cell.sentBytes = try signed()
        cell.maxThreads = try signed()
        var value: Int64 = 0
        for index in 0..<(try count()) {
            var times = 1
            if index == 0 {
                value = try signed()
                times = try count()
            } else {
                let token = try next()
                let difference = token == 0 ? try next() : token >> 1
                value &+= Int64(bitPattern: difference)
                if token == 0 { times = try count() }
                if token & 1 == 1 { times = try count() + 2 }
            }
            // Each is below 2^56 and so is their sum, which no addition of these overflows.
            guard times > 0, cell.samples < 1 << 56 else {
                throw .intervals(reason: "a count is 0 or out of all measure")
            }
            cell.samples += times
            cell.elapsed.add(value, times: times)
        }
        return cell
    }
}
