// Statistics as packed cells: the same figures, whichever way they go, and nothing believed of bytes.

import Testing

@testable import JTL

@Suite struct `Packed statistics` {
    private func row(_ random: inout SplitMix) -> String {
        let mark = "\"Number of samples in transaction : 2\""
        return JTLTests.row(
            Int.random(in: -3000...9000, using: &random),
            [0, 1, 5, 300, 20_000, -4, 1 << 40].randomElement(using: &random) ?? 0,
            ["a", "b", "é", "TC"].randomElement(using: &random) ?? "",
            code: ["200", "500", "Non HTTP"].randomElement(using: &random) ?? "",
            message: ["OK", mark, "id \(UInt8.random(in: .min ... .max, using: &random))"]
                .randomElement(using: &random) ?? "",
            success: ["true", "false"].randomElement(using: &random) ?? "")
    }

    private func statistics(_ random: inout SplitMix) throws -> Statistics {
        let rows = (0..<Int.random(in: 0...40, using: &random)).map { _ in row(&random) }
        return try JTLTests.statistics(([header] + rows).map { $0 + "\n" }.joined())
    }

    private func figures(_ statistics: Statistics) -> [String: Aggregate] {
        Dictionary(uniqueKeysWithValues: statistics.labels.map { ($0.label, $0.samples) })
    }

    @Test func `come through a stream as they were, and add up to the statistics of all`() throws {
        var random = SplitMix(state: 41)
        for _ in 0..<30 {
            let parts = try (0..<8).map { _ in try statistics(&random) }
            var whole = Statistics()
            for part in parts { whole.merge(part) }
            var writer = PackedStatisticsWriter()
            var reader = PackedStatisticsReader()
            var found = Statistics()
            for (second, part) in parts.enumerated() {
                var bytes: [UInt8] = []
                writer.write(PackedStatistics(part), second: Int64(second), to: &bytes)
                let packed = try reader.read(bytes[...], second: Int64(second))
                #expect(packed == PackedStatistics(part))
                // What was read once can be read again.
                #expect(try reader.read(bytes[...], second: Int64(second), again: true) == packed)
                #expect(packed.samples == part.total.samples)
                #expect(packed.errors == part.total.errors)
                found.add(packed)
            }
            #expect(figures(found) == figures(whole))
            #expect(found.labels.map(\.controllers) == whole.labels.map(\.controllers))
            #expect(found.total == whole.total)
        }
    }

    @Test func `can be taken out again`() throws {
        var random = SplitMix(state: 42)
        for _ in 0..<30 {
            let parts = try (0..<6).map { _ in try statistics(&random) }
            var found = Statistics()
            for part in parts { found.add(PackedStatistics(part)) }
            for part in parts.dropFirst(3).shuffled(using: &random) {
                found.remove(PackedStatistics(part))
            }
            var rest = Statistics()
            for part in parts.prefix(3) { rest.merge(part) }
            let (left, right) = (found.total, rest.total)
            #expect(left.samples == right.samples)
            #expect(left.errors == right.errors)
            #expect(left.elapsed == right.elapsed)
            #expect(left.elapsedSum == right.elapsedSum)
            #expect(left.bytes == right.bytes)
            #expect(left.minElapsed == right.minElapsed)
            #expect(left.maxElapsed == right.maxElapsed)
            #expect(left.responseCodes == right.responseCodes)
            #expect(left.failures == right.failures)
        }
    }

    @Test func `a total has the samples of all labels, and no controllers`() throws {
        var random = SplitMix(state: 43)
        let whole = try statistics(&random)
        var total = Statistics()
        total.add(PackedStatistics(whole).totalOnly)
        #expect(total.total.elapsed == whole.total.elapsed)
        #expect(total.total.errors == whole.total.errors)
        #expect(total.total.samples == whole.total.samples)
    }

    @Test func `damaged bytes are an error, not a crash`() throws {
        var random = SplitMix(state: 44)
        var refused = 0
        for _ in 0..<2000 {
            var bytes: [UInt8] = []
            var writer = PackedStatisticsWriter()
            writer.write(PackedStatistics(try statistics(&random)), second: 5, to: &bytes)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = .random(in: .min ... .max, using: &random)
                case 1: bytes.removeLast(bytes.count - place)
                default: bytes.insert(255, at: place)
                }
                if bytes.isEmpty { bytes = [0x80] }
            }
            var reader = PackedStatisticsReader()
            do {
                _ = try reader.read(bytes[...], second: 5)
            } catch {
                refused += 1
            }
        }
        #expect(refused > 1000)
    }
}
