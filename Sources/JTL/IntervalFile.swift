// Intervals as bytes: versioned, compact, exact. Equal series give equal bytes, in whatever order
// they were merged. `docs/intervals.md` says what the figures mean and has an example; this is the
// format. A number is a LEB128 varint; a signed one is folded first (0, -1, 1, -2 ... are 0, 1, 2,
// 3 ...). A text is its length in bytes and its bytes. The file is, in this order:
//   "LFIV", and the version as one byte
//   keys: their number; of each its rank, its label (text), 1 for a transaction controller or 0,
//     the number of its cells, 1 if the first of these is of samples without time stamps or 0, its
//     mean bytes and mean bytes sent (signed), its codes, its kinds of failure
//   codes, kinds: their number; of each how many bytes it shares with the beginning of the one
//     before, and the rest (text); they are sorted by length, then by bytes
//   unusable lines: number of kinds; of each its name (text) and how many lines; number of examples;
//     of each its source (text), line, offset of its first byte, and name of its kind (text)
//   columns, each with one number a cell, cells in order of keys and seconds
//   gaps: the elapsed times of all cells, as bits without anything between cells (`GapCode.swift`)
//   the CRC-32 of all bytes before, as four bytes, the lowest first
// Keys are sorted by rank (the place at which the label was first seen), label, kind. A column is
// stored as the first bytes of all its numbers, then the second bytes of those that have one, and
// so on. "Before" is the cell before of the same key that is in the column, and 0 for its first:
//   1 second since 1970, less the one before; signed. Not of cells without time stamps
//   2 samples, less those before; signed
//   3 empty transaction controllers. Only of cells of controllers
//   All further ones only of cells with samples:
//   4 errors
//   5 sum of elapsed times less sum of latencies; signed
//   6 sum of connect times; signed
//   7 sum of bytes, less samples times mean bytes; signed
//   8 sum of bytes sent, less samples times mean bytes sent; signed
//   9 most active threads, less those before; signed
//  10 first start, in ms since the second's beginning. Not of cells without time stamps
//  11 last end less first start less largest elapsed time; signed, wraps around in 64 bits. Not of
//     cells without time stamps
//  12 smallest elapsed time; signed
//  13 k of the gaps' code times 2, plus 1 if each value is followed by its count
//  14 how many codes the cell lists
//  15 their numbers, less the one before of the cell. One a code
//  16 how many samples are left when those of this code are counted. One a code
//  17 to 19 the same for kinds of failure. Only of cells with errors
// Samples that are left in the end have codes, or are failures of kinds, that are not kept apart.

/// What begins and ends an intervals file.
enum IntervalFormat {
    static let magic: [UInt8] = Array("LFIV".utf8)
    static let version: UInt8 = 1
    static let checksumLength = 4
}

extension IntervalSeries {
    /// Whether bytes begin as an intervals file does.
    public static func isBeginning(of bytes: some Collection<UInt8>) -> Bool {
        bytes.starts(with: IntervalFormat.magic)
    }

    /// How many bytes ``isBeginning(of:)`` needs.
    public static var magicLength: Int { IntervalFormat.magic.count }

    /// The series as the bytes of a file.
    public func encoded() -> [UInt8] {
        let merge = CellMerge(self)
        var bytes = IntervalFormat.magic + [IntervalFormat.version]
        TableWriter.add(merge, to: &bytes)
        TableWriter.add(unusable, to: &bytes)
        let columns = mapped(merge.keys.count, least: 1) { keys in
            var columns = IntervalColumns(merge.keys)
            merge.forEachCell(of: keys) { columns.add($2, $0, $1) }
            return [columns]
        }
        IntervalColumns.write(columns, to: &bytes)
        let checksum = bytes.withUnsafeBytes { CRC32().checksum($0) }
        withUnsafeBytes(of: checksum.littleEndian) { bytes += $0 }
        return bytes
    }
}

// MARK: - Tables

/// Writes what comes before the columns.
private enum TableWriter {
    static func add(_ merge: CellMerge, to bytes: inout [UInt8]) {
        add(UInt64(merge.keys.count), to: &bytes)
        let counts = merge.cellCounts()
        for (key, count) in zip(merge.keys, counts) {
            add(UInt64(key.rank), to: &bytes)
            add(key.key.label.utf8, to: &bytes)
            add(key.key.isController ? 1 : 0, to: &bytes)
            add(UInt64(count), to: &bytes)
            add(merge.hasUntimed(key) ? 1 : 0, to: &bytes)
            add(signed: key.meanBytes, to: &bytes)
            add(signed: key.meanSentBytes, to: &bytes)
            add(key.codeTexts, to: &bytes)
            add(key.failureTexts, to: &bytes)
        }
    }

    static func add(_ lines: UnusableLines, to bytes: inout [UInt8]) {
        add(UInt64(lines.counts.count), to: &bytes)
        for kind in UnusableLines.Kind.allCases {
            guard let count = lines.counts[kind] else { continue }
            add(kind.rawValue.utf8, to: &bytes)
            add(UInt64(count), to: &bytes)
        }
        add(UInt64(lines.examples.count), to: &bytes)
        for example in lines.examples {
            add(example.source.utf8, to: &bytes)
            add(UInt64(example.position.line), to: &bytes)
            add(UInt64(example.position.byteOffset), to: &bytes)
            add(example.kind.rawValue.utf8, to: &bytes)
        }
    }

    private static func add(_ texts: [[UInt8]], to bytes: inout [UInt8]) {
        add(UInt64(texts.count), to: &bytes)
        var last: [UInt8] = []
        for text in texts {
            let shared = zip(last, text).prefix { $0 == $1 }.count
            add(UInt64(shared), to: &bytes)
            add(text[shared...], to: &bytes)
            last = text
        }
    }

    private static func add(_ text: some Collection<UInt8>, to bytes: inout [UInt8]) {
        add(UInt64(text.count), to: &bytes)
        bytes += text
    }

    private static func add(_ value: UInt64, to bytes: inout [UInt8]) {
        add(long: UInt128(value), to: &bytes)
    }

    private static func add(signed value: Int128, to bytes: inout [UInt8]) {
        add(long: folded(value), to: &bytes)
    }

    private static func add(long value: UInt128, to bytes: inout [UInt8]) {
        var rest = value
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
