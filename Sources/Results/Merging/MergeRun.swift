// A sorted run of records on the disk: compressed, in a file that has no name, so that it is gone
// when the process is, however that ends.

import Compression
import Glibc

/// Writes a sorted run.
final class MergeRunWriter {
    private let file: ScratchFile
    private var compressor: ZstdCompressor
    private var buffer: [UInt8] = []

    init(in folder: String) throws {
        file = try ScratchFile(in: folder)
        compressor = try ZstdCompressor()
    }

    func add(_ record: MergeRecord) throws {
        append(record.time)
        append(Int32(record.line.count))
        append(record.columns)
        append(record.source)
        buffer += record.line
        guard buffer.count >= 1 << 18 else { return }
        try file.write(try compressor.compress(buffer))
        buffer.removeAll(keepingCapacity: true)
    }

    private func append(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { buffer += $0 }
    }

    func finish() throws -> MergeRun {
        try file.write(try compressor.compress(buffer))
        try file.write(try compressor.finish())
        return try MergeRun(file)
    }
}

/// Reads a sorted run, record by record.
final class MergeRun {
    private let file: ScratchFile
    private var decompressor: Decompressor
    private var offset = 0
    private var input = [UInt8](repeating: 0, count: 16 << 10)
    private var buffer: [UInt8] = []
    private var position = 0
    /// The record at hand; nil at the end.
    private(set) var record: MergeRecord?

    private static let headLength = 20

    fileprivate init(_ file: ScratchFile) throws {
        self.file = file
        decompressor = try Decompressor(.zstd, source: "a sorted run")
    }

    /// Goes on to the next record.
    func advance() throws {
        record = nil
        guard try fill(Self.headLength) else { return }
        let time: Int64 = number(at: position)
        let length: Int32 = number(at: position + 8)
        let columns: Int32 = number(at: position + 12)
        let source: Int32 = number(at: position + 16)
        position += Self.headLength
        guard try fill(Int(length)) else { return }
        let line = buffer[position..<position + Int(length)]
        position += Int(length)
        record = MergeRecord(time: time, columns: columns, source: source, line: line)
    }

    private func number<Number: FixedWidthInteger>(at place: Int) -> Number {
        buffer.withUnsafeBytes {
            Number(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: Number.self))
        }
    }

    /// Makes sure of so many bytes behind the position; false where there are no more.
    private func fill(_ count: Int) throws -> Bool {
        while buffer.count - position < count {
            if position > 0 {
                buffer.removeFirst(position)
                position = 0
            }
            let read = try file.read(at: offset, into: &input)
            guard read > 0 else { return false }
            offset += read
            var plain: [UInt8] = []
            try input.withUnsafeBytes { bytes in
                try decompressor.decompress(UnsafeRawBufferPointer(rebasing: bytes[..<read])) {
                    plain += $0
                }
            }
            buffer += plain
        }
        return true
    }

    /// Hands on the records of all runs, the earliest first, and of the same time that of the run
    /// which stands first.
    static func merge(_ runs: [MergeRun], _ body: (MergeRecord) throws -> Void) throws {
        var heap = Heap()
        for (number, run) in runs.enumerated() {
            try run.advance()
            if let record = run.record { heap.push(Heap.Entry(time: record.time, run: number)) }
        }
        while let first = heap.first {
            let run = runs[first.run]
            if let record = run.record { try body(record) }
            try run.advance()
            if let record = run.record {
                heap.replaceFirst(with: Heap.Entry(time: record.time, run: first.run))
            } else {
                heap.removeFirst()
            }
        }
    }
}

/// The runs by their next record, the earliest at the root.
private struct Heap {
    struct Entry {
        let time: Int64
        let run: Int

        static func < (left: Entry, right: Entry) -> Bool {
            (left.time, left.run) < (right.time, right.run)
        }
    }

    private var entries: [Entry] = []

    var first: Entry? { entries.first }

    mutating func push(_ entry: Entry) {
        entries.append(entry)
        var place = entries.count - 1
        while place > 0, entries[place] < entries[(place - 1) / 2] {
            entries.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    mutating func replaceFirst(with entry: Entry) {
        entries[0] = entry
        sink()
    }

    mutating func removeFirst() {
        entries.swapAt(0, entries.count - 1)
        entries.removeLast()
        sink()
    }

    private mutating func sink() {
        var place = 0
        while true {
            let children = [2 * place + 1, 2 * place + 2].filter { $0 < entries.count }
            guard let least = children.min(by: { entries[$0] < entries[$1] }),
                entries[least] < entries[place]
            else { return }
            entries.swapAt(place, least)
            place = least
        }
    }
}

/// A file without a name.
private final class ScratchFile {
    private let descriptor: Int32
    private let folder: String

    init(in folder: String) throws(ResultsError) {
        self.folder = folder
        var template = Array("\(folder)/.loadfleet-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw Self.failure(folder) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(template)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func write(_ bytes: [UInt8]) throws(ResultsError) {
        guard writeWhole(bytes, to: descriptor) else { throw Self.failure(folder) }
    }

    func read(at offset: Int, into buffer: inout [UInt8]) throws(ResultsError) -> Int {
        while true {
            let count = pread(descriptor, &buffer, buffer.count, off_t(offset))
            if count >= 0 { return count }
            if errno != EINTR { throw Self.failure(folder) }
        }
    }

    private static func failure(_ folder: String) -> ResultsError {
        .file(
            "cannot keep samples in \(folder): \(String(cString: strerror(errno)))",
            hint: "sorting takes about a tenth of the samples' size there")
    }
}
