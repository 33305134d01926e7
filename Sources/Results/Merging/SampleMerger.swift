// Makes one file of many: all samples of a run in the order of their starts, each with the worker
// that made it.
//
// Workers write samples when they end, so each file is nearly in order and no more. Therefore it is
// sorted as what does not fit into memory is sorted: as many records as fit are put in order and
// written away, compressed (`MergeChunk`), and what was written away is merged (`MergeRun`). That
// holds for any input, whatever its disorder. Samples that started in the same millisecond keep the
// order of the files, and within a file their own.

package import JTL
private import Compression
private import Glibc

/// Samples of one worker.
package struct MergeSource: Sendable {
    /// A file, plain or compressed.
    package var path: String
    /// What stands in the column of workers.
    package var worker: String

    package init(path: String, worker: String) {
        (self.path, self.worker) = (path, worker)
    }
}

/// Merges files of samples.
package struct SampleMerger {
    /// The column that is added; a file that has it already keeps what stands in it.
    ///
    /// In quotes, as JMeter writes sample variables: it refuses files with other columns than its own.
    static let workerColumn = HeaderName(text: "worker", isQuoted: true)

    private let sources: [MergeSource]
    private let directory: String?
    private let options: SampleFiles.Options
    private let memory: Int

    /// How many runs are merged at a time: each has a buffer and a descriptor.
    private static let fanIn = 64

    /// Merges `sources`; relative paths start at `directory`.
    ///
    /// `memory` is how many bytes of records are held at a time.
    package init(
        _ sources: [MergeSource], in directory: String? = nil,
        options: SampleFiles.Options = SampleFiles.Options(), memory: Int = 32 << 20
    ) {
        self.sources = sources
        self.directory = directory
        self.options = options
        self.memory = memory
    }

    /// Writes the merged file to `sink`, chunk by chunk, and says what its samples add up to.
    ///
    /// What does not fit into memory goes, compressed, to nameless files in the folder `scratch`.
    /// - Throws: ``ResultsError`` for a file that can't be read or merged, or what `sink` throws.
    package func merge(
        scratch: String, to sink: @escaping ([UInt8]) throws -> Void
    ) throws -> Statistics {
        var statistics = Statistics(options.statistics)
        let collected = MergeInput(scratch: scratch, memory: memory, fanIn: Self.fanIn)
        for (number, source) in sources.enumerated() {
            statistics.begin(source: source.path)
            try read(source, number, into: collected, &statistics)
        }
        guard !collected.isEmpty else {
            throw ResultsError.file("there are no samples to merge", hint: nil)
        }
        let output = MergeOutput(collected.columns, sources.map(\.worker), sink)
        try output.begin()
        try collected.forEachInOrder { try output.add($0) }
        try output.finish()
        return statistics
    }

    private func read(
        _ source: MergeSource, _ number: Int, into input: MergeInput,
        _ statistics: inout Statistics
    ) throws {
        var reading = ReaderOptions(
            source: source.path, delimiter: options.delimiter, timestamps: options.timestamps)
        reading.clockOffset = options.clockOffsets[source.path] ?? 0
        var reader = SampleReader(reading)
        reader.onRecord = { input.take($0, from: number) }
        do {
            try ByteSource(path: source.path, in: directory).forEachChunk { chunk in
                try reader.consume(chunk, into: &statistics)
                try input.check(source.path)
            }
            try reader.finish(into: &statistics)
            try input.check(source.path)
        } catch let error as JTLError {
            throw ResultsError.samples(error)
        } catch let error as CompressionError {
            throw ResultsError.file(error.message, hint: error.hint)
        }
        guard !reader.isXML else {
            throw ResultsError.file(
                "\(source.path) is XML, which can't be merged",
                hint: "save results as CSV: jmeter.save.saveservice.output_format=csv")
        }
    }
}
