// Intervals beside samples: files that begin as an intervals file does are read as one, whatever
// they are called, and statistics can be written as one.

import FoundationEssentials
package import JTL
internal import Compression

/// Reads and writes intervals files.
package enum IntervalFiles {
    /// The ending of a name that has a file compressed.
    private static let compressedEnding = ".zst"

    /// The bytes of a file of intervals; nil for a file of anything else.
    static func bytes(of file: PlainFile) throws -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: IntervalSeries.magicLength)
        var count = try bytes.withUnsafeMutableBytes { try file.read(at: 0, into: $0) }
        guard count == bytes.count, IntervalSeries.isBeginning(of: bytes) else { return nil }
        bytes += [UInt8](repeating: 0, count: max(0, file.size - count))
        while count < bytes.count {
            let more = try bytes.withUnsafeMutableBytes {
                try file.read(
                    at: count, into: UnsafeMutableRawBufferPointer(rebasing: $0[count...]))
            }
            if more == 0 { break }
            count += more
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// Writes the intervals of statistics; a path that ends in `.zst` is compressed.
    ///
    /// An existing file is replaced when the new one is complete.
    /// - Throws: ``ResultsError`` where the file can't be written.
    package static func write(
        _ series: IntervalSeries, to path: String
    ) throws(ResultsError) {
        do {
            var bytes = series.encoded()
            if path.hasSuffix(compressedEnding) {
                bytes = try ZstdFrame.compressed(bytes, level: 3)
            }
            // Written from where they are: a copy would cost as much memory again.
            try bytes.withUnsafeMutableBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                let data = Data(bytesNoCopy: base, count: bytes.count, deallocator: .none)
                try OutputFile.write(data, to: path)
            }
        } catch {
            throw .file(
                "cannot write \(path)", hint: "check the folder, its permissions and its space")
        }
    }
}

/// Tells from the first bytes of a stream whether it holds intervals, and gathers those.
struct IntervalSorter {
    private var head: [UInt8] = []
    private var isKnown = false
    /// All bytes so far, if they are intervals.
    private(set) var intervals: [UInt8]?

    /// Takes in a chunk, and hands on what is not part of intervals.
    mutating func take(
        _ chunk: UnsafeRawBufferPointer, _ other: (UnsafeRawBufferPointer) -> Void
    ) {
        if intervals != nil {
            intervals?.append(contentsOf: chunk)
        } else if isKnown {
            other(chunk)
        } else {
            head += chunk
            guard head.count >= IntervalSeries.magicLength else { return }
            decide(other)
        }
    }

    /// Hands on what was too short to be anything.
    mutating func finish(_ other: (UnsafeRawBufferPointer) -> Void) {
        if !isKnown { decide(other) }
    }

    private mutating func decide(_ other: (UnsafeRawBufferPointer) -> Void) {
        isKnown = true
        if IntervalSeries.isBeginning(of: head) {
            intervals = head
        } else if !head.isEmpty {
            head.withUnsafeBytes { other($0) }
        }
        head = []
    }
}
