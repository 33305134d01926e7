// What was read of files, and the part of it that is wanted.

package import JTL

/// Samples that were read.
package struct SampleReading: Sendable {
    package var statistics: Statistics
    /// The part of it that is wanted, and the times of that part.
    package var part: (statistics: Statistics, times: ClosedRange<Int64>)?

    package init(
        statistics: Statistics,
        part: (statistics: Statistics, times: ClosedRange<Int64>)? = nil
    ) {
        (self.statistics, self.part) = (statistics, part)
    }

    /// What to judge and to print.
    package var wanted: Statistics { part?.statistics ?? statistics }
}

extension SampleFiles {
    /// What all samples of the files add up to, and the part of it in which all threads were
    /// active; needs options that collect intervals.
    ///
    /// File by file, for each has threads of its own.
    /// - Throws: ``ResultsError`` for the first file that can't be read, and where there is no such
    ///   part.
    package static func readSteady(
        _ paths: [String], in directory: String? = nil, options: Options,
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) throws(ResultsError) -> SampleReading {
        var whole = Statistics(options.statistics)
        var parts: [Statistics] = []
        for file in try files(paths, in: directory) {
            let part = try read([file], in: directory, options: options, progress: progress)
            parts.append(part)
            whole.merge(part)
        }
        guard whole.total.samples > 0 else { return SampleReading(statistics: whole) }
        let times = try Statistics.steadyTimes(of: parts)
        return SampleReading(statistics: whole, part: (try whole.within(times), times))
    }
}
