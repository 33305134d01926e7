// Intervals as a file: what is written is read again, the order of merging leaves no trace, and
// damaged bytes are an error and never a crash.

import Testing

@testable import JTL

@Suite struct `An intervals file` {
    /// The intervals of a few random rows, odd values among them.
    private func series(_ random: inout SplitMix) throws -> IntervalSeries {
        var text = header + "\n"
        for _ in 0..<Int.random(in: 0...40, using: &random) {
            let start = Int.random(in: -3000...3000, using: &random)
            let elapsed =
                [0, 1, 2, 2, 300, -4, 1 << 40, .min, .max].randomElement(using: &random) ?? 0
            let label = ["a", "b", "é", "e\u{301}", ""].randomElement(using: &random) ?? ""
            let success = Bool.random(using: &random)
            text += row(start, elapsed, label, success: "\(success)") + "\n"
        }
        let found = try statistics(text, collecting: StatisticsOptions(intervals: true))
        return try #require(found.intervals)
    }

    @Test func `holds what was written, whatever the order of merging`() throws {
        var random = SplitMix(state: 11)
        for _ in 0..<200 {
            let parts = [try series(&random), try series(&random), try series(&random)]
            var forward = parts[0]
            forward.merge(parts[1])
            forward.merge(parts[2])
            var tail = parts[2]
            tail.merge(parts[1])
            var backward = tail
            backward.merge(parts[0])
            #expect(forward == backward)
            let bytes = forward.encoded()
            #expect(bytes == backward.encoded())
            #expect(try IntervalSeries(decoding: bytes) == forward)
        }
    }

    @Test func `that is cut or changed is an error or other intervals, never a crash`() throws {
        var random = SplitMix(state: 12)
        let bytes = try series(&random).encoded()
        for end in 0..<bytes.count {
            #expect(throws: JTLError.self) { try IntervalSeries(decoding: Array(bytes[..<end])) }
        }
        for _ in 0..<5000 {
            var changed = bytes
            let place = Int.random(in: 0..<bytes.count, using: &random)
            changed[place] = UInt8.random(in: 0...255, using: &random)
            _ = try? IntervalSeries(decoding: changed)
        }
    }
}
