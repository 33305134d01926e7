// Time stamps of a clock that was wrong: every reader puts them right in the same way.

import Testing

@testable import JTL

@Suite struct `A clock that was ahead` {
    private static let all = StatisticsOptions(intervals: true)

    private func rows(_ stamps: [String]) -> [UInt8] {
        let lines = stamps.enumerated().map { "\($1),\($0 % 7),L\($0 % 3),200,OK,true,1,2,3" }
        return Array(([header] + lines).map { $0 + "\n" }.joined().utf8)
    }

    /// Stamps that the bulk reader reads in each of its ways, with what each should become.
    private func stamps(_ offset: Int64) -> (wrong: [String], right: [String]) {
        var times: [Int64] = (0..<400).map { 1_700_000_000_000 + $0 * 37 }
        // A new beginning, one of another length, one before 1970, and back.
        times += [1_700_000_100_000, 999_999_999_999, 5, -7, 1_700_000_000_001, 99]
        return (times.map { "\($0)" }, times.map { "\($0 - offset)" })
    }

    @Test(arguments: [0, 300_000, -300_250, 1, 86_400_000] as [Int64])
    func `leaves times as if it had been right`(offset: Int64) throws {
        let (wrong, right) = stamps(offset)
        let expected = Figures(try statistics(rows(right), collecting: Self.all))
        var options = ReaderOptions()
        options.clockOffset = offset
        let bytes = rows(wrong)
        #expect(
            Figures(try statistics(bytes, options: options, collecting: Self.all)) == expected)
        for level in 0..<VectorLoops.levels {
            var streamed = Statistics(Self.all)
            var reader = StreamReader(
                options, collecting: Self.all, batch: 1 << 10, vectors: level)
            try bytes.withUnsafeBytes { try reader.consume($0) }
            try reader.finish(into: &streamed)
            #expect(Figures(streamed) == expected, "streamed, \(level)")
            var segmented = Statistics(Self.all)
            var parallel = SegmentedReader(options, threads: 3)
            parallel.smallestSegment = 1
            parallel.vectors = level
            try parallel.read(size: bytes.count, into: &segmented) { place, target in
                guard place < bytes.count else { return 0 }
                let piece = bytes[place..<min(bytes.count, place + target.count)]
                target.copyBytes(from: piece)
                return piece.count
            }
            #expect(Figures(segmented) == expected, "segmented, \(level)")
        }
    }

    @Test func `is put right before samples are selected by their times`() throws {
        var options = ReaderOptions()
        options.clockOffset = 1000
        let selection = SampleSelection(times: 1000...2000)
        let found = try statistics(
            file(row(1500), row(2000), row(2500), row(3500)), options: options,
            collecting: StatisticsOptions(selection: selection))
        #expect(found.total.samples == 2)
        #expect(found.total.firstStart == 1000)
    }
}
