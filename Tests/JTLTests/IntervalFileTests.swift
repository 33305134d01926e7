// Intervals as a file: what is written is read again, the order of merging leaves no trace, and
// damaged bytes are an error and never a crash.

import Testing

@testable import JTL

@Suite struct `An intervals file` {
    /// The intervals of a few random rows: odd values, some without time stamps, and sometimes more
    /// kinds of failure than are kept apart.
    static func series(_ random: inout SplitMix, isLong: Bool = false) throws -> IntervalSeries {
        let isTimed = Int.random(in: 0..<6, using: &random) > 0
        let columns = isTimed ? header : String(header.drop { $0 != "," }.dropFirst())
        var text = columns + ",allThreads,Connect,failureMessage\n"
        for _ in 0..<(isLong ? 1600 : Int.random(in: 0...40, using: &random)) {
            let start = Int.random(in: -3000...3000, using: &random)
            let elapsed =
                [0, 1, 2, 2, 300, 301, 40_000, -4, 1 << 40, .min, .max].randomElement(
                    using: &random) ?? 0
            let label = ["a", "b", "é", "e\u{301}", ""].randomElement(using: &random) ?? ""
            let controller =
                "Number of samples in transaction : \(Int.random(in: 0...1, using: &random))"
            let message =
                isLong
                ? "id \(Int.random(in: 0..<5000, using: &random))"
                : ["OK", "no", controller].randomElement(using: &random) ?? ""
            let code = ["200", "404", "", "Non HTTP: x"].randomElement(using: &random) ?? ""
            let success = Bool.random(using: &random)
            let full = row(
                start, elapsed, label, code: code, message: message, success: "\(success)")
            let fields = isTimed ? full : String(full.drop { $0 != "," }.dropFirst())
            text += "\(fields),\(Int.random(in: -2...9, using: &random)),7,\(success ? "" : "f")\n"
        }
        text += Bool.random(using: &random) ? "1,2\n" : ""
        let options = ReaderOptions(source: ["x", "y"].randomElement(using: &random) ?? "")
        let collecting = StatisticsOptions(intervals: true)
        let found = try statistics(text, options: options, collecting: collecting)
        return try #require(found.intervals)
    }

    @Test func `holds what was written, whatever the order of merging`() throws {
        var random = SplitMix(state: 11)
        for number in 0..<200 {
            // In some triples, more texts than are kept apart come together only by merging.
            let parts = try (0..<3).map { _ in
                try Self.series(&random, isLong: number % 20 == 0)
            }
            var forward = parts[0]
            forward.merge(parts[1])
            forward.merge(parts[2])
            var tail = parts[2]
            tail.merge(parts[1])
            var backward = tail
            backward.merge(parts[0])
            let bytes = forward.encoded()
            #expect(bytes == backward.encoded())
            #expect(try IntervalSeries(decoding: bytes).encoded() == bytes)
            #expect(forward.intervals == backward.intervals)
            // A detour through files changes nothing.
            var read = try IntervalSeries(decoding: parts[1].encoded())
            read.merge(try IntervalSeries(decoding: tail.encoded()))
            read = IntervalSeries()
            for part in parts { read.merge(try IntervalSeries(decoding: part.encoded())) }
            #expect(read.encoded() == bytes)
        }
    }

    @Test func `makes the statistics that its rows make`() throws {
        var random = SplitMix(state: 13)
        for number in 0..<(`The bulk reader`.isLong ? 5000 : 100) {
            let bytes = DeceptiveFile.make(&random)
            guard case .success(let whole) = Result(catching: { try Self.read(bytes) }) else {
                continue
            }
            guard try Self.isWhole(whole) else {
                Issue.record("file \(number)")
                return
            }
        }
    }

    @Test(.enabled(if: SharedCases.arePresent), arguments: SharedCases.names)
    func `makes the statistics of the shared cases`(name: String) throws {
        guard let whole = try? Self.read(try SharedCases.input(name)) else { return }
        #expect(try Self.isWhole(whole))
    }

    private static func read(_ bytes: [UInt8]) throws -> Statistics {
        try statistics(bytes, collecting: StatisticsOptions(intervals: true))
    }

    /// Whether statistics made of the intervals, in memory and from a file, equal those of the rows.
    private static func isWhole(_ whole: Statistics) throws -> Bool {
        let series = try #require(whole.intervals)
        for series in [series, try IntervalSeries(decoding: series.encoded())] {
            var made = Statistics(whole.options)
            try made.add(series)
            guard Figures(made) == Figures(whole), made.total == whole.total else { return false }
        }
        return true
    }

    @Test func `is the same in whatever order rows come, however late`() throws {
        var random = SplitMix(state: 14)
        let collecting = StatisticsOptions(intervals: true)
        var rows = (0..<3000).map { number in
            row(number * 40, Int.random(in: 0..<500, using: &random), ["a", "b"][number % 2])
        }
        // Both labels are seen first where they were, so that only the order differs.
        let first = Array(rows.prefix(2))
        let whole = Outcome.slow(Array(file(first + rows).utf8), collecting: collecting)
        for _ in 0..<5 {
            rows.shuffle(using: &random)
            let bytes = Array(file(first + rows).utf8)
            #expect(
                Outcome.streamed(bytes, 1000, collecting: collecting).intervals == whole.intervals)
        }
    }

    @Test func `can be cut at whole seconds`() throws {
        let text = file([row(1000, 1), row(1999, 2), row(2000, 3, "M"), row(3000, 4)])
        let series = try #require(
            try statistics(text, collecting: StatisticsOptions(intervals: true)).intervals)
        func cut(_ times: ClosedRange<Int64>, _ labels: [String]? = nil) throws -> Statistics {
            let selection = SampleSelection(times: times, labels: labels.map(LabelFilter.init))
            let collecting = StatisticsOptions(intervals: true, selection: selection)
            var found = Statistics(collecting)
            try found.add(series)
            let rows = try statistics(text, collecting: collecting)
            // Labels stay in the order of the whole run: who was first in a part is not known.
            #expect(Set(found.labels.map(\.label)) == Set(rows.labels.map(\.label)))
            for label in found.labels {
                let same = rows.labels.first { $0.label == label.label }
                #expect(same?.all == label.all)
            }
            #expect(found.intervals?.intervals == rows.intervals?.intervals)
            return found
        }
        #expect(try cut(1000...1999).total.samples == 2)
        #expect(try cut(2000...(.max)).total.samples == 2)
        #expect(try cut(.min...(.max), ["M"]).total.samples == 1)
        #expect(throws: JTLError.finerThanSecond) { try cut(1000...1998) }
        #expect(throws: JTLError.finerThanSecond) { try cut(1001...(.max)) }
        #expect(throws: JTLError.windowOfIntervals) {
            var found = Statistics(StatisticsOptions(window: 5))
            try found.add(series)
        }
    }

    @Test func `that is cut is an error`() throws {
        var random = SplitMix(state: 12)
        let bytes = try Self.series(&random).encoded()
        for end in 0..<bytes.count {
            #expect(throws: JTLError.self) { try IntervalSeries(decoding: Array(bytes[..<end])) }
        }
        for end in 0..<bytes.count - 4 {
            let sealed = Self.sealed(Array(bytes[..<end]))
            #expect(throws: JTLError.self) { try IntervalSeries(decoding: sealed) }
        }
    }

    /// With a right checksum, or damage would never be looked at.
    @Test func `that is changed is an error or other intervals, never a crash`() throws {
        var random = SplitMix(state: 15)
        let isLong = `The bulk reader`.isLong
        var sound = 0
        for _ in 0..<(isLong ? 200 : 20) {
            let bytes = Array(try Self.series(&random).encoded().dropLast(4))
            for _ in 0..<1000 {
                var changed = bytes
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    let place = Int.random(in: 5..<bytes.count, using: &random)
                    changed[place] =
                        Bool.random(using: &random)
                        ? UInt8.random(in: 0...255, using: &random) : changed[place] ^ 0x80
                }
                guard let series = try? IntervalSeries(decoding: Self.sealed(changed)) else {
                    continue
                }
                sound += 1
                var found = Statistics()
                try found.add(series)
                let again = series.encoded()
                #expect(try IntervalSeries(decoding: again).encoded() == again)
            }
        }
        #expect(sound > 0)
    }

    /// The bytes with the checksum that they should have.
    private static func sealed(_ bytes: [UInt8]) -> [UInt8] {
        let sum = bytes.withUnsafeBytes { CRC32().checksum($0) }
        return bytes + (0..<4).map { UInt8(truncatingIfNeeded: sum >> UInt32(8 * $0)) }
    }

    private func file(_ rows: [String]) -> String {
        ([header] + rows).map { $0 + "\n" }.joined()
    }
}

@Suite struct `The code of gaps` {
    @Test func `holds any times, in the fewest bits`() {
        var random = SplitMix(state: 16)
        for _ in 0..<2000 {
            var values: [Int64: Int] = [:]
            let reach = Int64(1) << Int64.random(in: 0...62, using: &random)
            for _ in 0..<Int.random(in: 1...60, using: &random) {
                let value = Int64.random(in: -reach...reach, using: &random)
                let times = [1, 1, 1, 2, 9, 500].randomElement(using: &random) ?? 1
                values[Bool.random(using: &random) ? value : abs(value) % 100, default: 0] += times
            }
            var sorter = ElapsedSorter()
            for (value, times) in values { sorter.add(value, times: times) }
            let samples = values.values.reduce(0, +)
            let found = sorter.finish(samples)
            let target = UnsafeMutableRawPointer.allocate(
                byteCount: found.bits / 8 + 64, alignment: 8)
            defer { target.deallocate() }
            sorter.write(found.shape, to: target)
            var reader = GapReader(target, to: found.bits)
            var read: [Int64: Int] = [:]
            var last: Int64?
            let isSound = reader.forEachRun(of: samples, found.shape) { value, times in
                #expect(last.map { $0 < value } ?? true)
                last = value
                read[value] = times
            }
            #expect(isSound && read == values && reader.position == found.bits)
            #expect(found.shape.isCounted || found.bits == Self.fewestBits(values))
        }
    }

    /// The number of bits with the best of all parameters, by the code's own words.
    private static func fewestBits(_ values: [Int64: Int]) -> Int {
        let sorted = values.sorted { $0.key < $1.key }
        var lengths: [Int] = []
        for (index, entry) in sorted.enumerated() {
            lengths += repeatElement(0, count: entry.value - 1)
            guard index > 0 else { continue }
            let gap = UInt64(bitPattern: entry.key &- sorted[index - 1].key)
            lengths.append(64 - gap.leadingZeroBitCount)
        }
        return (0...63).map { k in
            lengths.reduce(0) { $0 + ($1 <= k ? k + 1 : ($1 - k) + 1 + ($1 - 1)) }
        }.min() ?? 0
    }

    @Test func `has the checksum of gzip`() {
        // The check value that every description of CRC-32 gives.
        let bytes = Array("123456789".utf8)
        #expect(bytes.withUnsafeBytes { CRC32().checksum($0) } == 0xCBF4_3926)
    }
}

extension Outcome {
    /// The intervals of figures.
    fileprivate var intervals: [UInt8]? {
        if case .figures(let figures) = self { figures.intervals } else { nil }
    }
}
