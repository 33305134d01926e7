// `--trim ramp`: the part of a run in which all of its threads were active. Samples say how many
// threads of their JMeter they saw when they ended, so the part is found in the samples themselves,
// file by file, and for several files it is the part that all of them have.

package import JTL

extension Statistics {
    /// The starts of samples during which every thread was active: whole seconds, in ms since 1970.
    ///
    /// The statistics must have been made with intervals.
    ///
    /// It begins when a sample that saw the most threads has surely ended, and ends where the last
    /// one of these began: both a moment too narrow rather than too wide.
    /// - Throws: ``ResultsError`` where the samples do not tell, or there is no such time.
    package func steadyTimes() throws(ResultsError) -> ClosedRange<Int64> {
        let most = labels.map { max($0.samples.maxThreads, $0.controllers.maxThreads) }.max() ?? 0
        guard most > 0 else {
            throw .file(
                "the ramp can't be trimmed: samples do not say how many threads were active",
                hint: "let JMeter write 'allThreads', or trim a length of time: --trim 30s")
        }
        var begin: Int64?
        var end = Int64.min
        forEachStretch { intervals in
            for interval in intervals where interval.second != nil {
                let full = interval.cells.values.map(\.rows).filter { $0.maxThreads == most }
                guard let lastEnd = full.map(\.lastEnd).max() else { continue }
                if begin == nil { begin = lastEnd }
                end = max(end, full.map(\.firstStart).max() ?? .min)
            }
        }
        let first = ((begin ?? 0) + 999) / 1000 * 1000
        let last = end / 1000 * 1000 - 1
        guard begin != nil, first <= last else {
            throw Self.nothingSteady
        }
        return first...last
    }

    /// The part that several files have in common.
    ///
    /// - Throws: ``ResultsError`` where they have none.
    package static func steadyTimes(
        of files: [Statistics]
    ) throws(ResultsError) -> ClosedRange<Int64> {
        var first = Int64.min
        var last = Int64.max
        for file in files where file.total.samples > 0 {
            let times = try file.steadyTimes()
            (first, last) = (max(first, times.lowerBound), min(last, times.upperBound))
        }
        guard first <= last, last < .max else { throw nothingSteady }
        return first...last
    }

    private static var nothingSteady: ResultsError {
        .file(
            "--trim ramp leaves nothing: at no time were all threads active for a whole second",
            hint: "run for longer, or report without it")
    }

    /// These statistics within a stretch of whole seconds.
    package func within(_ times: ClosedRange<Int64>) throws(ResultsError) -> Statistics {
        var part = Statistics(
            StatisticsOptions(intervals: true, selection: SampleSelection(times: times)))
        guard let intervals else { return part }
        do throws(JTLError) {
            try part.add(intervals)
        } catch {
            throw .samples(error)
        }
        return part
    }
}
