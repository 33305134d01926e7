// Collects records of all files, as many in memory as may be, the rest in sorted runs on the disk.

import JTL

/// What all records have in common until they are written.
struct MergeRecord {
    let time: Int64
    /// Which list of columns its fields belong to.
    let columns: Int32
    let source: Int32
    /// The fields with commas between them, the time stamp in ms.
    let line: ArraySlice<UInt8>
}

/// The columns of all files.
struct MergeColumns {
    /// Each list of columns that a file had.
    private(set) var lists: [[HeaderName]] = []

    /// The number of a list.
    mutating func number(of columns: [HeaderName]) -> Int32 {
        // Nearly always the one before: then their storage is the same, too.
        if let last = lists.last, last == columns { return Int32(lists.count - 1) }
        if let known = lists.firstIndex(of: columns) { return Int32(known) }
        lists.append(columns)
        return Int32(lists.count - 1)
    }
}

/// Records on their way into order.
final class MergeInput {
    private(set) var columns = MergeColumns()
    private var chunk = MergeChunk()
    /// In the order in which they were read.
    private var runs: [MergeRun] = []
    private let scratch: String
    private let memory: Int
    private let fanIn: Int
    /// What went wrong where nothing could be thrown.
    private var fault: (any Error)?
    private var isUntimed = false

    init(scratch: String, memory: Int, fanIn: Int) {
        (self.scratch, self.memory, self.fanIn) = (scratch, memory, fanIn)
    }

    var isEmpty: Bool { columns.lists.isEmpty }

    func take(_ record: RawRecord, from source: Int) {
        guard let time = record.time else {
            isUntimed = true
            return
        }
        chunk.add(
            record, time: time, columns: columns.number(of: record.columns), source: Int32(source))
        guard fault == nil, chunk.size >= memory else { return }
        do { try spill() } catch { fault = error }
    }

    /// Says what went wrong since the last call.
    ///
    /// - Throws: ``ResultsError``.
    func check(_ path: String) throws {
        if let fault { throw fault }
        guard !isUntimed else {
            throw ResultsError.file(
                "\(path) has no time stamps, so its samples can't be put in order",
                hint: "save results with the column timeStamp; JMeter's defaults write it")
        }
    }

    private func spill() throws {
        let writer = try MergeRunWriter(in: scratch)
        try chunk.forEachInOrder { try writer.add($0) }
        runs.append(try writer.finish())
        chunk.clear()
        guard runs.count >= fanIn else { return }
        let joined = try MergeRunWriter(in: scratch)
        try MergeRun.merge(runs) { try joined.add($0) }
        runs = [try joined.finish()]
    }

    /// Hands on all records, the earliest first; once.
    func forEachInOrder(_ body: (MergeRecord) throws -> Void) throws {
        guard !runs.isEmpty else { return try chunk.forEachInOrder(body) }
        if chunk.size > 0 { try spill() }
        try MergeRun.merge(runs, body)
    }
}

/// Records in memory.
struct MergeChunk {
    private struct Entry {
        let time: Int64
        let start: Int
        let length: Int32
        let columns: Int32
        let source: Int32
    }

    private var bytes: [UInt8] = []
    private var entries: [Entry] = []

    /// About how much memory it takes, in bytes.
    var size: Int { bytes.count + entries.count * MemoryLayout<Entry>.stride }

    mutating func add(_ record: RawRecord, time: Int64, columns: Int32, source: Int32) {
        let start = bytes.count
        for place in 0..<record.count {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            if place == record.timePlace {
                bytes += String(time).utf8
            } else {
                let (field, isQuoted) = record.field(place)
                append(field, quoted: isQuoted || field.contains(UInt8(ascii: ",")))
            }
        }
        entries.append(
            Entry(
                time: time, start: start, length: Int32(bytes.count - start), columns: columns,
                source: source))
    }

    private mutating func append(_ field: ArraySlice<UInt8>, quoted: Bool) {
        let quote = UInt8(ascii: "\"")
        if quoted { bytes.append(quote) }
        bytes += field
        if quoted { bytes.append(quote) }
    }

    mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
    }

    /// Hands on the records, the earliest first, and of the same time the one that came first.
    mutating func forEachInOrder(_ body: (MergeRecord) throws -> Void) throws {
        entries.sort { ($0.time, $0.start) < ($1.time, $1.start) }
        for entry in entries {
            try body(
                MergeRecord(
                    time: entry.time, columns: entry.columns, source: entry.source,
                    line: bytes[entry.start..<entry.start + Int(entry.length)]))
        }
    }
}
