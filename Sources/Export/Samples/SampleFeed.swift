// Reads samples on a thread of its own, batch by batch, while the last batch is on its way. It is
// never more than two batches ahead: a server that is slow makes the reading slow, not the memory
// large.

internal import Compression
internal import Dispatch
internal import JTL
internal import Results
internal import Synchronization

/// How a sample is written into a batch.
typealias SampleEncoder = @Sendable (SampleRow, inout [UInt8]) throws -> Void

/// The samples of a run, encoded, as a sequence of batches.
final class SampleFeed: Sendable {
    private let batches: AsyncThrowingStream<SampleBatch, any Error>
    private let stream: AsyncThrowingStream<SampleBatch, any Error>.Continuation
    /// Begins at 0 and is raised at once: libdispatch does not let one go that is below its start.
    private let room = DispatchSemaphore(value: 0)
    private let isClosed = Atomic(false)

    /// How many batches may wait.
    private static let depth = 2

    /// Begins to read; `encoder` makes what writes the samples of a worker.
    init(
        _ samples: [ExportedRun.Samples], limits: SampleBatch.Limits,
        encoder: @escaping @Sendable (_ worker: String) -> SampleEncoder
    ) {
        (batches, stream) = AsyncThrowingStream.makeStream()
        for _ in 0..<Self.depth { room.signal() }
        DispatchQueue(label: "export").async { [self] in
            do {
                var writer = Writer(feed: self, limits: limits)
                for file in samples { try writer.add(file, encoder(file.worker)) }
                try writer.finish()
                stream.finish()
            } catch let error as JTLError {
                stream.finish(throwing: ResultsError.samples(error))
            } catch let error as CompressionError {
                stream.finish(throwing: ResultsError.file(error.message, hint: error.hint))
            } catch {
                stream.finish(throwing: error)
            }
        }
    }

    /// Hands out the batches, once; the reading ends with it, however that ends.
    func forEachBatch(_ body: (SampleBatch) async throws -> Void) async throws {
        defer { close() }
        for try await batch in batches {
            try await body(batch)
            room.signal()
        }
        // A stream that is cancelled only ends.
        try Task.checkCancellation()
    }

    private func close() {
        isClosed.store(true, ordering: .relaxed)
        room.signal()
    }

    private func give(_ batch: SampleBatch) throws {
        room.wait()
        if isClosed.load(ordering: .relaxed) { throw CancellationError() }
        stream.yield(batch)
    }

    /// Fills batches.
    private struct Writer {
        let feed: SampleFeed
        let limits: SampleBatch.Limits
        var batch = SampleBatch()

        mutating func add(_ file: ExportedRun.Samples, _ encode: SampleEncoder) throws {
            let source = try ByteSource(path: file.path)
            var options = ReaderOptions(source: file.path)
            options.clockOffset = file.clockOffset
            var reader = SampleRowReader(options)
            try source.forEachChunk { chunk in
                try write(try reader.rows(in: chunk), encode)
            }
            try write(try reader.rest(), encode)
        }

        mutating func finish() throws {
            if !batch.isEmpty { try feed.give(batch) }
        }

        private mutating func write(_ rows: [SampleRow], _ encode: SampleEncoder) throws {
            for row in rows {
                try batch.append { bytes in try encode(row, &bytes) }
                if batch.isFull(limits) {
                    try feed.give(batch)
                    batch = SampleBatch()
                }
            }
        }
    }
}
