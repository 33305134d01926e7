// Dealing the records of a CSV file out over workers, one after another, byte for byte.
//
// A record is what JMeter's CSV Data Set takes as one: a line, or with quoted data as many lines
// as its quotes hold. Bytes are only looked at, never decoded, so encodings and line ends stay.

/// Deals records out in turn or in blocks, from a file that arrives in pieces.
///
/// Workers take turns as their weights say, so that a worker with twice the threads gets twice
/// the records, and all come to the end of their data at the same time. Blocks are stretches of
/// neighbouring records, for files in which neighbours belong together.
package struct RecordSplitter: Sendable {
    private enum State {
        case header, fieldStart, plain, quoted, quoteInQuoted
    }

    /// Who gets which record.
    private enum Order {
        /// One round of workers, repeated.
        case turns([Int])
        /// For each worker the number of records up to the end of its block.
        case blocks(ends: [Int])
    }

    private let delimiter: [UInt8]
    private let isQuoted: Bool
    private var state: State
    private var endsWithCarriageReturn = false
    private var hasBytes = false
    private var dealt = 0
    private let order: Order
    /// The turn in its round, or the worker whose block it is.
    private var position = 0
    /// The number of records given to each worker so far, headers apart.
    package private(set) var records: [Int]

    /// Starts at the beginning of a file; a worker of weight 0 gets no records.
    ///
    /// If all weights are 0, all count alike.
    package init(_ csv: DataFile.CSV, weights: [Int]) {
        self.init(csv, workers: weights.count, .turns(Self.turns(weights)))
    }

    /// Starts at the beginning of a file, of which each worker gets a block of so many records.
    package init(_ csv: DataFile.CSV, blocks: [Int]) {
        var ends: [Int] = []
        for block in blocks { ends.append((ends.last ?? 0) + block) }
        self.init(csv, workers: blocks.count, .blocks(ends: ends))
        skipFullBlocks(ends, dealt: 0)
    }

    private init(_ csv: DataFile.CSV, workers: Int, _ order: Order) {
        precondition(workers > 0, "records are dealt out to at least one worker")
        self.order = order
        delimiter = Array(csv.delimiter.utf8.prefix(1))
        isQuoted = csv.isQuoted
        state = csv.hasHeader ? .header : .fieldStart
        records = Array(repeating: 0, count: workers)
    }

    /// Takes the next piece; calls `emit` with each run of bytes and its worker, nil for all.
    package mutating func append(
        _ piece: [UInt8], emit: (_ worker: Int?, _ bytes: ArraySlice<UInt8>) -> Void
    ) {
        var start = 0
        for (index, byte) in piece.enumerated() {
            if endsWithCarriageReturn && byte != UInt8(ascii: "\n") {
                finishRecord(piece[start..<index], emit)
                start = index
            }
            hasBytes = true
            if endsRecord(byte) {
                finishRecord(piece[start...index], emit)
                start = index + 1
            }
        }
        if start < piece.count { emit(state == .header ? nil : worker, piece[start...]) }
    }

    /// Counts a last record that no line end closed.
    package mutating func finish() {
        finishRecord([]) { _, _ in }
    }

    private mutating func finishRecord(
        _ bytes: ArraySlice<UInt8>, _ emit: (Int?, ArraySlice<UInt8>) -> Void
    ) {
        guard hasBytes else { return }
        if !bytes.isEmpty { emit(state == .header ? nil : worker, bytes) }
        if state != .header {
            records[worker] += 1
            advance()
        }
        state = .fieldStart
        endsWithCarriageReturn = false
        hasBytes = false
    }

    /// The worker whose turn it is.
    private var worker: Int {
        switch order {
        case .turns(let turns): turns[position]
        case .blocks: position
        }
    }

    private mutating func advance() {
        switch order {
        case .turns(let turns): position = (position + 1) % turns.count
        case .blocks(let ends):
            dealt += 1
            skipFullBlocks(ends, dealt: dealt)
        }
    }

    /// Goes on to the block of the next record; the last one takes whatever was not foreseen.
    private mutating func skipFullBlocks(_ ends: [Int], dealt: Int) {
        while dealt >= ends[position], position < ends.count - 1 { position += 1 }
    }

    /// One round of turns: next is whoever is furthest behind its due (Webster's
    /// method), so that any part of a round is as even as can be.
    private static func turns(_ weights: [Int]) -> [Int] {
        let divisor = weights.reduce(0) { greatestCommonDivisor($0, $1) }
        guard divisor > 0 else { return Array(weights.indices) }
        let due = weights.map { $0 / divisor }
        var had = weights.map { _ in 0 }
        return (0..<due.reduce(0, +)).map { _ in
            var best: Int?
            for worker in due.indices where due[worker] > 0 {
                guard let other = best else {
                    best = worker
                    continue
                }
                if (2 * had[worker] + 1) * due[other] < (2 * had[other] + 1) * due[worker] {
                    best = worker
                }
            }
            let next = best ?? 0
            had[next] += 1
            return next
        }
    }

    private static func greatestCommonDivisor(_ first: Int, _ second: Int) -> Int {
        second == 0 ? first : greatestCommonDivisor(second, first % second)
    }

    /// Takes one byte; true when it is the last of its record for certain.
    ///
    /// The states are those of JMeter's own reader; a quote counts only at a field's start.
    private mutating func endsRecord(_ byte: UInt8) -> Bool {
        if state != .quoted {
            if byte == UInt8(ascii: "\n") { return true }
            endsWithCarriageReturn = byte == UInt8(ascii: "\r")
        }
        let isQuote = byte == UInt8(ascii: "\"")
        switch state {
        case .header: break
        case .fieldStart where isQuoted && isQuote: state = .quoted
        case .quoted: if isQuote { state = .quoteInQuoted }
        case .quoteInQuoted where isQuote: state = .quoted
        case .fieldStart, .plain, .quoteInQuoted:
            state = delimiter.first == byte ? .fieldStart : .plain
        }
        return false
    }
}
