// One execution of the fuzz target: bytes that need not be a JTL, read by the bulk reader in some
// random way, and by the slow reader, which must come to the same. No test framework in here: the
// same file is compiled for libFuzzer by utility/fuzz.

@testable import JTL

/// One input, and how the bulk reader is to read it.
struct FuzzCase {
    /// Bytes of a file.
    let bytes: [UInt8]
    private let options: ReaderOptions
    private let collecting: StatisticsOptions
    /// How many threads; none for a stream of chunks.
    private let threads: Int?
    private let buffer: Int
    private let batch: Int
    private let piece: Int

    /// A case of which everything but the bytes is drawn at random.
    init(_ bytes: [UInt8], _ random: inout SplitMix) {
        self.bytes = bytes
        var options = ReaderOptions()
        if Int.random(in: 0..<16, using: &random) == 0 {
            options.delimiter = ",;\t|a".utf8.randomElement(using: &random)
        }
        self.options = options
        collecting = Self.collecting(&random)
        threads = [1, 2, 3, 7, nil, nil].randomElement(using: &random) ?? nil
        buffer = Int.random(in: 1...700, using: &random)
        batch = Int.random(in: 1...1500, using: &random)
        piece = Int.random(in: 1...400, using: &random)
    }

    private static func collecting(_ random: inout SplitMix) -> StatisticsOptions {
        var options = StatisticsOptions()
        if Int.random(in: 0..<4, using: &random) == 0 { options.intervals = true }
        if Int.random(in: 0..<4, using: &random) == 0 { options.timeline = true }
        if Int.random(in: 0..<8, using: &random) == 0 {
            options.window = Int.random(in: 1...20, using: &random)
        }
        guard Int.random(in: 0..<8, using: &random) == 0 else { return options }
        let middle: Int64 = 1_767_225_600_000
        return StatisticsOptions(
            window: options.window, intervals: options.intervals, timeline: options.timeline,
            selection: SampleSelection(
                times: (middle - 900)...(middle + 900),
                labels: Bool.random(using: &random) ? LabelFilter(["A", "*i*", "l?bel *"]) : nil))
    }

    /// What the two readers disagree about; nil if they agree.
    func disagreement() -> String? {
        let slow = outcome { into in
            var reader = SampleReader(options)
            try reader.consume(bytes, into: &into)
            try reader.finish(into: &into)
        }
        let bulk = outcome { into in
            if let threads { try read(threads: threads, into: &into) } else { try stream(&into) }
        }
        guard slow != bulk else { return nil }
        let way = threads.map { "\($0) threads, buffers of \(buffer)" } ?? "chunks of \(piece)"
        let input = String(decoding: bytes, as: UTF8.self).debugDescription
        return "\(way), batches of \(batch): \(summary(bulk)), not \(summary(slow)): \(input)"
    }

    private func outcome(_ read: (inout Statistics) throws -> Void) -> Result<Figures, JTLError> {
        var statistics = Statistics(collecting)
        do {
            try read(&statistics)
        } catch let error as JTLError {
            return .failure(error)
        } catch {
            return .failure(.missingColumn("\(error)", source: "no JTLError"))
        }
        return .success(Figures(statistics))
    }

    /// A few words: the whole of it is pages long.
    private func summary(_ outcome: Result<Figures, JTLError>) -> String {
        switch outcome {
        case .failure(let error): "\(error)"
        case .success(let figures):
            "\(figures.samples.map(\.samples)) of \(figures.labels), \(figures.unusable.counts)"
        }
    }

    private func read(threads: Int, into statistics: inout Statistics) throws {
        var reader = SegmentedReader(options, threads: threads)
        reader.smallestSegment = 1
        reader.bufferSize = buffer
        reader.batch = batch
        try reader.read(size: bytes.count, into: &statistics) { [bytes, piece] offset, target in
            guard offset < bytes.count else { return 0 }
            let part = bytes[offset..<min(bytes.count, offset + min(target.count, piece))]
            target.copyBytes(from: part)
            return part.count
        }
    }

    private func stream(_ statistics: inout Statistics) throws {
        var reader = StreamReader(options, collecting: collecting, batch: batch)
        for start in stride(from: 0, to: bytes.count, by: piece) {
            let part = Array(bytes[start..<min(start + piece, bytes.count)])
            try part.withUnsafeBytes { try reader.consume($0) }
        }
        try reader.finish(into: &statistics)
    }
}
