// What a node writes down of each second: the records of its interval log, which the link brings to
// the controller as it is.
//
//   4 bytes length of what follows, the lowest first
//   flags: 1 if there is health, 2 if there are statistics
//   the second (since 1970), the JTL's bytes that are counted so far, those delivered so far: varints
//   health: a byte of flags for its eight figures, then those there are: percent and milliseconds in
//     hundredths, bytes as they are; signed varints
//   statistics (`PackedStatisticsCode.swift`), with texts numbered through the whole log

internal import JTL
internal import Store

/// A second of one node.
struct IntervalRecord: Sendable, Equatable {
    /// Seconds since 1970, greater than that of the record before.
    var second: Int64
    /// How many bytes of the node's JTL are counted up to the end of this second.
    var counted: Int64
    /// How many of them were in the store when this was written.
    var delivered: Int64
    var health: NodeHealth?
    /// Nil of a node that makes no samples of its own.
    var statistics: PackedStatistics?
}

/// Why a log cannot be read.
struct IntervalLogFault: Error {}

/// Turns records into the bytes of a log.
struct IntervalLogEncoder: Sendable {
    private var statistics = PackedStatisticsWriter()

    mutating func encode(_ record: IntervalRecord) -> [UInt8] {
        var body: [UInt8] = [
            (record.health == nil ? 0 : 1) | (record.statistics == nil ? 0 : 2)
        ]
        LogNumbers.add(record.second, to: &body)
        LogNumbers.add(record.counted, to: &body)
        LogNumbers.add(record.delivered, to: &body)
        if let health = record.health { HealthCode.add(health, to: &body) }
        if let packed = record.statistics {
            statistics.write(packed, second: record.second, to: &body)
        }
        return LinkNumbers.bytes(UInt32(body.count)) + body
    }
}

/// Turns the bytes of a log into records.
struct IntervalLogDecoder: Sendable {
    private var statistics = PackedStatisticsReader()
    private var buffer: [UInt8] = []
    /// Where in the log the first byte stands that is in no whole record yet.
    private(set) var position: Int64 = 0

    /// No record is longer.
    static let limit = 32 << 20

    /// Takes in the log's next bytes; returns the records that are whole with them, each with its
    /// bytes, which ``decode(again:)`` reads once more.
    mutating func read(
        _ bytes: some Collection<UInt8>
    ) throws -> [(record: IntervalRecord, bytes: [UInt8])] {
        buffer += bytes
        var records: [(record: IntervalRecord, bytes: [UInt8])] = []
        var start = 0
        while buffer.count - start >= 4 {
            let length = Int(LinkNumbers.uint32(buffer[start..<(start + 4)]))
            guard length <= Self.limit else { throw IntervalLogFault() }
            guard buffer.count - start >= 4 + length else { break }
            let body = Array(buffer[(start + 4)..<(start + 4 + length)])
            records.append((try Self.record(body, &statistics, again: false), body))
            start += 4 + length
        }
        buffer.removeFirst(start)
        position += Int64(start)
        return records
    }

    /// Forgets the beginning of a record that is not whole: it will come again.
    mutating func dropUnfinished() { buffer = [] }

    /// Reads a record of this log again.
    func decode(again bytes: [UInt8]) throws -> IntervalRecord {
        var reader = statistics
        return try Self.record(bytes, &reader, again: true)
    }

    private static func record(
        _ body: [UInt8], _ reader: inout PackedStatisticsReader, again: Bool
    ) throws -> IntervalRecord {
        var source = LogNumbers.Source(body[...])
        let flags = try source.byte()
        var record = IntervalRecord(
            second: try source.number(), counted: try source.number(),
            delivered: try source.number())
        if flags & 1 != 0 { record.health = try HealthCode.read(&source) }
        if flags & 2 != 0 {
            record.statistics = try reader.read(source.rest, second: record.second, again: again)
        }
        return record
    }
}

/// A node's health as bytes.
enum HealthCode {
    private static let percents: [any WritableKeyPath<NodeHealth, Double?> & Sendable] = [
        \.cpuPercent, \.heapPercent, \.gcPercent, \.portsPercent, \.filesPercent, \.clockOffsetMs,
    ]
    private static let amounts: [any WritableKeyPath<NodeHealth, Int64?> & Sendable] = [
        \.receivedBytes, \.sentBytes,
    ]

    static func add(_ health: NodeHealth, to bytes: inout [UInt8]) {
        let values =
            percents.map { path in
                health[keyPath: path].flatMap { Int64(exactly: ($0 * 100).rounded()) }
            } + amounts.map { health[keyPath: $0] }
        var flags: UInt8 = 0
        for (index, value) in values.enumerated() where value != nil { flags |= 1 << index }
        bytes.append(flags)
        for value in values.compactMap(\.self) { LogNumbers.add(value, to: &bytes) }
    }

    static func read(_ source: inout LogNumbers.Source) throws -> NodeHealth {
        let flags = try source.byte()
        var health = NodeHealth()
        for (index, path) in percents.enumerated() where flags & 1 << index != 0 {
            health[keyPath: path] = Double(try source.number()) / 100
        }
        for (index, path) in amounts.enumerated() where flags & 1 << (index + percents.count) != 0 {
            health[keyPath: path] = try source.number()
        }
        return health
    }
}

/// Signed numbers as folded varints.
enum LogNumbers {
    static func add(_ value: Int64, to bytes: inout [UInt8]) {
        var rest = UInt64(bitPattern: (value << 1) ^ (value >> 63))
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Bytes that are being read.
    struct Source {
        private(set) var rest: ArraySlice<UInt8>

        init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

        mutating func byte() throws -> UInt8 {
            guard let byte = rest.popFirst() else { throw IntervalLogFault() }
            return byte
        }

        mutating func number() throws -> Int64 {
            var value: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 70, by: 7) {
                let byte = try byte()
                value |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { return Int64(bitPattern: value >> 1) ^ -Int64(value & 1) }
            }
            throw IntervalLogFault()
        }
    }
}
