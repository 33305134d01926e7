// The bulk reader against the slow one: on the shared cases, on each of them cut at every byte, and
// on random files made to deceive it. The seed is printed; LOADFLEET_SEED repeats a failure.

import CVectors
import FoundationEssentials
import Testing

@testable import JTL

@Suite struct `The bulk reader` {
    /// Whether there is time for all of it: in an optimized build, behind `make campaign`.
    static let isLong = ProcessInfo.processInfo.environment["LOADFLEET_CAMPAIGN"] != nil

    @Test(.enabled(if: SharedCases.arePresent), arguments: SharedCases.names)
    func `finds in the shared cases what the slow reader finds`(name: String) throws {
        let bytes = try SharedCases.input(name)
        let all = StatisticsOptions(window: 5, intervals: true)
        for collecting in [StatisticsOptions(), all] {
            let whole = Outcome.slow(bytes, collecting: collecting)
            for (number, threads) in [1, 2, 3, 7].enumerated() {
                for (other, buffer) in [1 << 18, 4096, 100].enumerated() {
                    let level = (number + other) % VectorLoops.levels
                    let found = Outcome.segmented(
                        bytes, threads, buffer, vectors: level, collecting: collecting)
                    #expect(found == whole, "\(threads) \(buffer) \(level)")
                }
            }
            for chunk in [1, 7, 4096, 1 << 20] where bytes.count / chunk < 200_000 {
                let found = Outcome.streamed(bytes, chunk, collecting: collecting)
                #expect(found == whole, "chunks of \(chunk)")
            }
        }
    }

    @Test(.enabled(if: SharedCases.arePresent), arguments: SharedCases.names)
    func `finds the same in the shared cases cut at every byte`(name: String) throws {
        let bytes = try SharedCases.input(name)
        for piece in Self.isLong ? Self.pieces(of: bytes) : [Array(bytes.prefix(400))] {
            for end in 0...piece.count {
                let cut = Array(piece[0..<end])
                let whole = Outcome.slow(cut)
                let level = end % VectorLoops.levels
                guard Outcome.segmented(cut, 1 + end % 4, 256, vectors: level) == whole else {
                    Issue.record("cut at \(end): \(String(decoding: cut, as: UTF8.self))")
                    return
                }
                guard Outcome.streamed(cut, 1 + end % 1000) == whole else {
                    Issue.record("cut at \(end), streamed")
                    return
                }
            }
        }
    }

    /// The file, or, where that is long, its lines in pieces with the header before each of them: so
    /// each byte is once the last one, without all of the file being read for each.
    private static func pieces(of bytes: [UInt8]) -> [[UInt8]] {
        guard bytes.count > 25_000 else { return [bytes] }
        var pieces: [[UInt8]] = []
        let header = Array(bytes.prefix { $0 != lineFeed }) + [lineFeed]
        var rest = bytes.dropFirst(header.count)
        while !rest.isEmpty {
            let end = rest.dropFirst(1500).firstIndex(of: lineFeed).map { $0 + 1 } ?? rest.endIndex
            pieces.append(header + rest[..<end])
            rest = rest[end...]
        }
        // A piece costs a second, and the pieces of the longest case are much alike.
        let step = 1 + pieces.count / 500
        return stride(from: 0, to: pieces.count, by: step).map { pieces[$0] }
    }

    @Test func `finds the same in random files made to deceive it`() throws {
        let seed =
            ProcessInfo.processInfo.environment["LOADFLEET_SEED"].flatMap { UInt64($0) }
            ?? UInt64.random(in: 0..<1_000_000)
        let count =
            ProcessInfo.processInfo.environment["LOADFLEET_FILES"].flatMap { Int($0) }
            ?? (Self.isLong ? 20_000 : 300)
        print("random files: LOADFLEET_SEED=\(seed)")
        for number in 0..<count {
            var random = SplitMix(state: seed &+ UInt64(number) &* 0x1_0000_0001)
            let bytes = DeceptiveFile.make(&random)
            let isAll = Bool.random(using: &random)
            let window = isAll ? Int.random(in: 1...40, using: &random) : nil
            let collecting = StatisticsOptions(window: window, intervals: isAll)
            let whole = Outcome.slow(bytes, collecting: collecting)
            let threads = [1, 2, 3, 7][number % 4]
            let buffer = Int.random(in: 1...700, using: &random)
            let batch = Int.random(in: 1...3000, using: &random)
            let chunk = Int.random(in: 1...300, using: &random)
            // Every instruction set that this processor has must give the same.
            let level = Int.random(in: 0..<VectorLoops.levels, using: &random)
            let found = Outcome.segmented(
                bytes, threads, buffer, batch: batch, vectors: level, collecting: collecting)
            guard found == whole else {
                Issue.record(
                    "file \(number), seed \(seed), \(threads) threads, buffer \(buffer), \(level)")
                return
            }
            let streamed = Outcome.streamed(
                bytes, chunk, batch: batch, vectors: level, collecting: collecting)
            guard streamed == whole else {
                Issue.record("file \(number), seed \(seed), streamed by \(chunk), \(level)")
                return
            }
        }
    }

    @Test func `selects the samples that the slow reader selects`() {
        var random = SplitMix(state: 5)
        let middle: Int64 = 1_767_225_600_000
        let selection = SampleSelection(
            times: (middle - 500)...(middle + 800), labels: LabelFilter(["A", "*i*", "label ?"]))
        let collecting = StatisticsOptions(window: 3, intervals: true, selection: selection)
        for _ in 0..<100 {
            let bytes = DeceptiveFile.make(&random)
            let whole = Outcome.slow(bytes, collecting: collecting)
            #expect(Outcome.segmented(bytes, 3, 256, collecting: collecting) == whole)
            #expect(Outcome.streamed(bytes, 100, collecting: collecting) == whole)
        }
    }

    @Test func `rows and lanes lie in memory as the loops in C know them`() {
        // The loops write into arrays of them: another size of one would damage its neighbour.
        #expect(MemoryLayout<PlainRow>.stride == MemoryLayout<lf_row>.stride)
        #expect(
            MemoryLayout<PlainRow>.offset(of: \.start) == MemoryLayout<lf_row>.offset(of: \.start))
        #expect(
            MemoryLayout<PlainRow>.offset(of: \.threads)
                == MemoryLayout<lf_row>.offset(of: \.threads))
        #expect(
            MemoryLayout<PlainRow>.offset(of: \.code) == MemoryLayout<lf_row>.offset(of: \.code))
        #expect(
            MemoryLayout<PlainRow>.offset(of: \.lane) == MemoryLayout<lf_row>.offset(of: \.lane))
        #expect(
            MemoryLayout<Lane>.offset(of: \.firstStart)
                == MemoryLayout<lf_sums>.offset(of: \.first_start))
        #expect(
            MemoryLayout<Lane>.offset(of: \.codes) == MemoryLayout<lf_sums>.offset(of: \.codes))
        #expect(
            MemoryLayout<Lane>.offset(of: \.times) == MemoryLayout<lf_sums>.size)
    }

    @Test(arguments: [0, 12, 13, 14, 15, 30, 100])
    func `reads rows with so many more columns before the others`(columns: Int) {
        let header = "label,success,responseCode,elapsed,timeStamp,Latency,allThreads,bytes"
        let more = (0..<columns).map { "v\($0)," }.joined()
        var text = more + header + "\n"
        for row in 0..<200 {
            let elapsed = ["", "x", "123456789", "00000012"][row % 4] + (row % 4 == 3 ? "" : "7")
            let time = row % 9 == 0 ? "1767225600.12" : "17672256\(10000 + row)"
            text += more + "A,\(row % 5 > 0),200,\(row % 7 > 0 ? "\(row)" : elapsed),"
            text += "\(time),\(row % 100),5,\(row * 1000)\n"
        }
        let whole = Outcome.slow(Array(text.utf8))
        for level in 0..<VectorLoops.levels {
            #expect(Outcome.segmented(Array(text.utf8), 2, 1 << 14, vectors: level) == whole)
        }
    }

    @Test func `adds up many rows of few labels as the slow reader does`() {
        var random = SplitMix(state: 7)
        let codes = ["200", "304", "", "500", "\"2\"\"0\"", "Non HTTP response code: a.b.C"]
        var text = header + "\n"
        for number in 0..<12_000 {
            // Mostly short times, some beyond every array, some that no list holds.
            let reach = [300, 300, 300, 5000, 40_000, 200_000].randomElement(using: &random) ?? 1
            text +=
                row(
                    1_767_225_600_000 + number, Int.random(in: 0...reach, using: &random),
                    "L\(number % 7 % 3)", code: codes.randomElement(using: &random) ?? "",
                    success: number % 50 == 0 ? "false" : "true") + "\n"
        }
        let bytes = Array(text.utf8)
        let whole = Outcome.slow(bytes)
        for threads in [1, 2, 7] { #expect(Outcome.segmented(bytes, threads, 1 << 14) == whole) }
        #expect(Outcome.streamed(bytes, 100_000) == whole)
    }

    @Test func `reads a file that is shorter than it was as far as it goes`() throws {
        let bytes = Array(file(row(1000, 1), row(2000, 2), row(3000, 3)).utf8)
        var reader = SegmentedReader(threads: 7)
        reader.smallestSegment = 1
        var found = Statistics()
        try reader.read(size: bytes.count * 5, into: &found) { offset, target in
            guard offset < bytes.count else { return 0 }
            let piece = bytes[offset..<min(bytes.count, offset + target.count)]
            target.copyBytes(from: piece)
            return piece.count
        }
        #expect(Outcome.figures(Figures(found)) == Outcome.slow(bytes))
    }
}

/// What a reader made of a file: figures or a refusal.
enum Outcome: Equatable {
    case figures(Figures)
    case refusal(JTLError)
    case other

    private static func from(_ read: () throws -> Statistics) -> Outcome {
        do {
            return .figures(Figures(try read()))
        } catch let error as JTLError {
            return .refusal(error)
        } catch {
            return .other
        }
    }

    static func slow(_ bytes: [UInt8], collecting: StatisticsOptions = .init()) -> Outcome {
        from { try statistics(bytes, collecting: collecting) }
    }

    static func segmented(
        _ bytes: [UInt8], _ threads: Int, _ buffer: Int, batch: Int = 1 << 14,
        vectors: Int = .max, collecting: StatisticsOptions = .init()
    ) -> Outcome {
        from {
            var reader = SegmentedReader(threads: threads)
            reader.smallestSegment = 1
            reader.bufferSize = buffer
            reader.batch = batch
            reader.vectors = vectors
            var statistics = Statistics(collecting)
            try reader.read(size: bytes.count, into: &statistics) { offset, target in
                guard offset < bytes.count else { return 0 }
                // Small pieces, as a pipe or a signal may give them.
                let piece = bytes[offset..<min(bytes.count, offset + min(target.count, 1000))]
                target.copyBytes(from: piece)
                return piece.count
            }
            return statistics
        }
    }

    static func streamed(
        _ bytes: [UInt8], _ chunk: Int, batch: Int = 1 << 14, vectors: Int = .max,
        collecting: StatisticsOptions = .init()
    ) -> Outcome {
        from {
            var reader = StreamReader(
                ReaderOptions(), collecting: collecting, batch: batch, vectors: vectors)
            var statistics = Statistics(collecting)
            for start in stride(from: 0, to: bytes.count, by: chunk) {
                let piece = Array(bytes[start..<min(start + chunk, bytes.count)])
                try piece.withUnsafeBytes { try reader.consume($0) }
            }
            try reader.finish(into: &statistics)
            return statistics
        }
    }
}
