// Files that become shorter, or others, while they are read: what is found then may be less or odd,
// but the readers come to an end, with figures or an error.

import Synchronization
import Testing

@testable import JTL

@Suite struct `A file` {
    @Test func `cut short at any moment of its reading ends in fewer samples`() throws {
        var random = SplitMix(state: 11)
        let rows = (0..<100).map { row($0, $0, "label \($0 % 7)", message: "\"a\nb\"") + "\n" }
        let bytes = Array((header + "\n" + rows.joined()).utf8)
        let whole = try statistics(bytes).total.samples
        for number in 0..<(`The bulk reader`.isLong ? 5000 : 60) {
            let left = Int.random(in: 0...bytes.count, using: &random)
            let calls = Int.random(in: 0..<60, using: &random)
            let found = try read(bytes, threads: [1, 2, 3, 7][number % 4]) { call, bytes in
                if call == calls { bytes.removeSubrange(left...) }
            }
            #expect(found.total.samples <= whole, "cut to \(left) at call \(calls)")
        }
    }

    @Test func `replaced by another one while it is read ends the reading`() throws {
        var random = SplitMix(state: 12)
        for number in 0..<(`The bulk reader`.isLong ? 5000 : 60) {
            let bytes = DeceptiveFile.make(&random)
            let other = DeceptiveFile.make(&random)
            let calls = Int.random(in: 0..<40, using: &random)
            let threads = [1, 2, 3, 7][number % 4]
            do {
                _ = try read(bytes, threads: threads) { call, bytes in
                    if call == calls { bytes = other }
                }
            } catch is JTLError {
                // The other file's beginning may be no header.
            }
        }
    }

    @Test func `that fails in the middle is that error`() throws {
        struct Gone: Error {}
        let bytes = Array(file(row(1, 1), row(2, 2), row(3, 3)).utf8)
        for calls in 0..<8 {
            let count = Mutex(0)
            var reader = SegmentedReader(threads: 3)
            reader.smallestSegment = 1
            reader.bufferSize = 10
            var found = Statistics()
            #expect(throws: Gone.self) {
                try reader.read(size: bytes.count, into: &found) { offset, target in
                    let call = count.withLock { count in
                        count += 1
                        return count
                    }
                    guard call <= calls else { throw Gone() }
                    let piece = bytes[min(offset, bytes.count)...].prefix(min(20, target.count))
                    target.copyBytes(from: piece)
                    return piece.count
                }
            }
        }
    }

    /// Reads bytes which `change` may change before each piece that is read of them.
    private func read(
        _ bytes: [UInt8], threads: Int,
        change: @escaping @Sendable (_ call: Int, _ bytes: inout [UInt8]) -> Void
    ) throws -> Statistics {
        let state = Mutex((call: 0, bytes: bytes))
        var reader = SegmentedReader(threads: threads)
        reader.smallestSegment = 1
        reader.bufferSize = 300
        var statistics = Statistics()
        try reader.read(size: bytes.count, into: &statistics) { offset, target in
            state.withLock { state in
                change(state.call, &state.bytes)
                state.call += 1
                let rest = state.bytes[min(offset, state.bytes.count)...]
                let piece = rest.prefix(min(target.count, 700))
                target.copyBytes(from: piece)
                return piece.count
            }
        }
        return statistics
    }
}
