// A stream of which figures are collected now and then, as of a file that is still growing.

import Testing

@testable import JTL

@Suite struct `A growing file` {
    @Test func `has the same figures however often they are collected`() throws {
        var random = SplitMix(state: 31)
        for _ in 0..<(`The bulk reader`.isLong ? 2000 : 40) {
            try check(DeceptiveFile.make(&random), &random)
        }
    }

    @Test(.enabled(if: SharedCases.arePresent), arguments: SharedCases.names)
    func `has the figures of the shared case`(name: String) throws {
        var random = SplitMix(state: 32)
        let size = `The bulk reader`.isLong ? 50_000 : 1500
        try check(Array(try SharedCases.input(name).prefix(size)), &random)
    }

    private func check(_ bytes: [UInt8], _ random: inout SplitMix) throws {
        let whole = Outcome.slow(bytes)
        var found = Statistics()
        do {
            var reader = StreamReader()
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + Int.random(in: 1...400, using: &random))
                try bytes[start..<end].withUnsafeBytes { try reader.consume($0) }
                if Bool.random(using: &random) { reader.collect(into: &found) }
                start = end
            }
            try reader.finish(into: &found)
            #expect(Outcome.figures(Figures(found)) == whole)
        } catch let error as JTLError {
            #expect(Outcome.refusal(error) == whole)
        }
    }
}
