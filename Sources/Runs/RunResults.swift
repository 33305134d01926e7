// From fetched samples to a summary with its verdict, and the two files that hold what a run came
// to: `summary.json` and `run.json`.

internal import FoundationEssentials
package import JTL
package import Results
internal import Store

/// How a run's results are to be judged.
package struct RunCriteria: Sendable {
    package var gates: [Gate]
    /// The share of the load, in percent, that lost workers may cost.
    package var maxLossPercent: Double
    package var percentileMethod: PercentileMethod

    package init(gates: [Gate], maxLossPercent: Double, percentileMethod: PercentileMethod) {
        self.gates = gates
        self.maxLossPercent = maxLossPercent
        self.percentileMethod = percentileMethod
    }
}

/// What a run came to.
package struct RunResults: Sendable {
    package let summary: Summary
    /// What the summary was made from.
    package let statistics: Statistics
    package let file: RunFile

    /// Summarizes and judges a fetched run, and writes both files into its folder.
    ///
    /// `options` says what else to collect for reports.
    /// - Throws: ``RunError/resultsFolder(path:reason:)`` when the files cannot be written.
    package init(
        of run: FetchedRun, criteria: RunCriteria, loadfleetVersion: String,
        collecting options: StatisticsOptions = StatisticsOptions()
    ) throws {
        var statistics = Statistics(options)
        var arrived: [String: Arrival] = [:]
        var faults: [String] = []
        for result in run.sampleNodes {
            guard let file = result.samplesFile else { continue }
            do {
                let part = try SampleFiles.read(
                    [run.folder + "/" + file], options: SampleFiles.Options(statistics: options))
                statistics.begin(source: result.node)
                arrived[result.node] = Arrival(part)
                statistics.merge(part)
            } catch {
                faults.append("\(result.node): its samples cannot be read: \(error.message)")
            }
        }
        var summary = Summary(statistics, method: criteria.percentileMethod)
        let reasons = run.invalidReasons(arrived: arrived, maxLoss: criteria.maxLossPercent)
        let losses = run.losses(arrived: arrived)
        summary.verdict = Verdict.judge(
            summary, gates: criteria.gates, invalidReasons: faults + reasons,
            losses: losses.map(\.text))
        self.summary = summary
        self.statistics = statistics
        file = RunFile(run, losses: losses, loadfleetVersion: loadfleetVersion)
        try write(into: run.folder)
    }

    private func write(into folder: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .withoutEscapingSlashes]
        do {
            try encoder.encode(summary).write(to: URL(filePath: folder + "/summary.json"))
            try file.data().write(to: URL(filePath: folder + "/run.json"))
        } catch {
            throw RunError.resultsFolder(path: folder, reason: "\(error)")
        }
    }
}

extension Arrival {
    init(_ statistics: Statistics) {
        let total = statistics.total
        self.init(
            samples: total.samples,
            span: total.samples > 0 ? total.firstStart...max(total.firstStart, total.lastEnd) : nil,
            unusable: statistics.unusable.count)
    }
}
