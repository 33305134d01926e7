// From files to statistics: the way in to this room, which turns samples into figures, judges them
// by gates and writes reports. It must never know where files came from: no fleet, no store, no
// terminal.

import FoundationEssentials
package import JTL
private import Compression
private import Synchronization

/// Reads JTL files, plain or compressed.
package enum SampleFiles {
    /// What a caller knows about the files.
    package struct Options: Sendable {
        /// What to collect.
        package var statistics: StatisticsOptions
        /// The byte between fields; nil guesses it, file by file.
        package var delimiter: UInt8?
        /// How time stamps are written.
        package var timestamps: TimestampFormat
        /// How many threads read a large plain file; others are read by two, whatever this says.
        package var threads: Int
        /// By how many milliseconds the clock behind a file's time stamps was ahead, by its path; they
        /// are put right by that.
        package var clockOffsets: [String: Int64] = [:]

        /// Options that leave all to the files.
        package init(
            statistics: StatisticsOptions = StatisticsOptions(), delimiter: UInt8? = nil,
            timestamps: TimestampFormat = .automatic,
            threads: Int = ProcessInfo.processInfo.activeProcessorCount
        ) {
            self.statistics = statistics
            self.delimiter = delimiter
            self.timestamps = timestamps
            self.threads = threads
        }
    }

    /// How far the reading has come.
    package struct Progress: Sendable {
        /// Bytes read of all files, as they lie on the disk.
        package var bytesRead: Int
        /// Bytes of all files; nil where one is a pipe.
        package var bytes: Int?
    }

    /// What all samples of the files add up to; `-` is standard input.
    ///
    /// A folder stands for the results in it, and a name with `*`, `?` or `[` that no file bears
    /// for the files that match. Relative paths start at `directory`, or at the process's own.
    /// `progress` is called now and then, from any thread.
    /// - Throws: ``ResultsError`` for the first file that can't be read or is no JTL.
    package static func read(
        _ paths: [String], in directory: String? = nil, options: Options = Options(),
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) throws(ResultsError) -> Statistics {
        var statistics = Statistics(options.statistics)
        let files = try SamplePaths.files(paths, in: directory)
        let meter = ReadingMeter(bytes: SamplePaths.size(files, in: directory), progress)
        for path in files {
            statistics.begin(source: path)
            do {
                try read(path, in: directory, options: options, meter, into: &statistics)
            } catch let error as JTLError {
                throw .samples(error)
            } catch let error as CompressionError {
                throw .file(error.message, hint: error.hint)
            } catch {
                throw .file("cannot read \(path): \(error)", hint: nil)
            }
        }
        return statistics
    }

    /// The files that paths stand for, each once.
    ///
    /// - Throws: ``ResultsError`` for a folder without results.
    package static func files(
        _ paths: [String], in directory: String? = nil
    ) throws(ResultsError) -> [String] {
        try SamplePaths.files(paths, in: directory)
    }

    /// Who made the samples of a file, as its name tells.
    package static func worker(of path: String) -> String { SamplePaths.worker(of: path) }

    /// The first of the files that can be read only once: standard input, a pipe, a device.
    ///
    /// - Throws: ``ResultsError`` for a folder without results.
    package static func firstStream(
        _ paths: [String], in directory: String? = nil
    ) throws(ResultsError) -> String? {
        SamplePaths.firstStream(try SamplePaths.files(paths, in: directory), in: directory)
    }

    private static func read(
        _ path: String, in directory: String?, options: Options, _ meter: ReadingMeter,
        into statistics: inout Statistics
    ) throws {
        let source = try ByteSource(path: path, in: directory)
        var reading = ReaderOptions(
            source: source.name, delimiter: options.delimiter, timestamps: options.timestamps)
        reading.clockOffset = options.clockOffsets[path] ?? 0
        let isRead: Void? = try source.withPlainFile { file in
            if let intervals = try IntervalFiles.bytes(of: file) {
                meter.add(intervals.count)
                return try statistics.add(
                    IntervalSeries(decoding: intervals, source: source.name))
            }
            try SegmentedReader(reading, threads: options.threads).read(
                size: file.size, into: &statistics
            ) { offset, buffer in
                let count = try file.read(at: offset, into: buffer)
                meter.add(count)
                return count
            }
        }
        guard isRead == nil else { return }
        let name = source.name
        let reader = PipelinedReader(StreamReader(reading, collecting: options.statistics))
        var sorter = IntervalSorter()
        try source.forEachChunk(read: meter.add) { chunk in
            sorter.take(chunk) { reader.consume($0) }
        }
        if let intervals = sorter.intervals {
            return try statistics.add(IntervalSeries(decoding: intervals, source: name))
        }
        sorter.finish { reader.consume($0) }
        try reader.finish(into: &statistics)
    }
}

/// Adds up what several threads have read.
private final class ReadingMeter: Sendable {
    private let read = Atomic(0)
    private let bytes: Int?
    private let progress: @Sendable (SampleFiles.Progress) -> Void

    init(bytes: Int?, _ progress: @escaping @Sendable (SampleFiles.Progress) -> Void) {
        self.bytes = bytes
        self.progress = progress
    }

    func add(_ count: Int) {
        let total = read.add(count, ordering: .relaxed).newValue
        // Every 16 MB is often enough to look at the clock.
        if total >> 24 != (total - count) >> 24 {
            progress(SampleFiles.Progress(bytesRead: total, bytes: bytes))
        }
    }
}
