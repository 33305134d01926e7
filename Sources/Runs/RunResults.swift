// From fetched samples to a summary with its verdict, and the two files that hold what a run came
// to: `summary.json` and `run.json`.

internal import FoundationEssentials
package import JTL
package import Results
package import Store

/// How a run's results are to be judged.
package struct RunCriteria: Sendable {
    package var gates: [Gate]
    /// How long after the first sample windows are not judged.
    package var graceSeconds: Int
    /// The share of the load, in percent, that lost workers may cost.
    package var maxLossPercent: Double
    package var percentileMethod: PercentileMethod
    /// Whether the figures are those of the time in which all threads were active.
    package var trimsRamp: Bool
    /// What the run is held against.
    package var baseline: Baseline?

    package init(
        gates: [Gate], graceSeconds: Int = 0, maxLossPercent: Double,
        percentileMethod: PercentileMethod, trimsRamp: Bool = false
    ) {
        self.gates = gates
        self.graceSeconds = graceSeconds
        self.maxLossPercent = maxLossPercent
        self.percentileMethod = percentileMethod
        self.trimsRamp = trimsRamp
    }

    /// What a controller is to watch for these; gates on a baseline are left to whoever has it.
    ///
    /// `autoStop` is a condition in its bad state, or `off`.
    package func watch(autoStop: String) -> RunWatch {
        RunWatch(
            gates: gates.filter { !$0.needsBaseline }.map(\.expression),
            graceSeconds: Double(graceSeconds),
            autoStop: autoStop == "off" ? nil : autoStop, percentile: percentileMethod.rawValue)
    }
}

/// What a run came to.
package struct RunResults: Sendable {
    package let summary: Summary
    /// What the summary was made from.
    package let statistics: Statistics
    package let file: RunFile
    /// Why the figures are not those of a part that was asked for.
    package private(set) var untrimmed: ResultsError?
    /// What speaks against the comparison with the baseline.
    package let differences: [String]

    /// Summarizes and judges a fetched run, and writes both files into its folder.
    ///
    /// `options` says what else to collect for reports.
    /// - Throws: ``RunError/resultsFolder(path:reason:)`` when the files cannot be written,
    ///   ``RunError/notAlike(run:baseline:differences:)``.
    package init(
        of run: FetchedRun, criteria: RunCriteria, surroundings: RunSurroundings = .init(),
        loadfleetVersion: String,
        collecting options: StatisticsOptions = StatisticsOptions()
    ) throws {
        let unwatched = run.unwatched(criteria.gates)
        var options = options
        options.intervals =
            options.intervals || criteria.trimsRamp || !unwatched.isEmpty
            || criteria.baseline != nil
        var parts: [Statistics] = []
        var statistics = Statistics(options)
        var arrived: [String: Arrival] = [:]
        var faults: [String] = []
        let clocks = run.wrongClocks.filter(\.corrected)
        for result in run.sampleNodes {
            guard let file = result.samplesFile else { continue }
            do {
                let path = run.folder + "/" + file
                var reading = SampleFiles.Options(statistics: options)
                reading.clockOffsets[path] = clocks.first { $0.node == result.node }?.wholeMs
                let part = try SampleFiles.read([path], options: reading)
                statistics.begin(source: result.node)
                arrived[result.node] = Arrival(part)
                statistics.merge(part)
                if criteria.trimsRamp { parts.append(part) }
            } catch {
                faults.append("\(result.node): its samples cannot be read: \(error.message)")
            }
        }
        var reported = statistics
        var summary = Summary(statistics, method: criteria.percentileMethod)
        if criteria.trimsRamp, summary.hasSamples {
            do throws(ResultsError) {
                let times = try Statistics.steadyTimes(of: parts)
                let whole = TrimmedRun(summary, times: times)
                reported = try statistics.within(times)
                summary = Summary(reported, method: criteria.percentileMethod)
                summary.trimmed = whole
            } catch {
                untrimmed = error
            }
        }
        let reasons = run.invalidReasons(arrived: arrived, maxLoss: criteria.maxLossPercent)
        let losses = run.losses(arrived: arrived)
        file = RunFile(
            run, losses: losses, surroundings: surroundings, loadfleetVersion: loadfleetVersion)
        let held = try criteria.baseline?.hold(
            run.candidate(
                MeasuredRun(reported, method: criteria.percentileMethod, name: file.id), file,
                isInvalid: !faults.isEmpty || !reasons.isEmpty))
        differences = held?.differences ?? []
        summary.comparison = held?.comparison
        summary.verdict = Verdict.judge(
            summary, gates: criteria.gates,
            watched: run.watched(criteria.gates)
                + WindowGates.results(
                    of: unwatched, graceSeconds: criteria.graceSeconds, in: statistics,
                    method: criteria.percentileMethod),
            baseline: held?.gates ?? .none,
            invalidReasons: faults + reasons,
            losses: (run.absence.map { [$0] } ?? []) + losses.map(\.text))
        self.summary = summary
        self.statistics = reported
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

extension FetchedRun {
    fileprivate func candidate(
        _ measured: MeasuredRun, _ file: RunFile, isInvalid: Bool
    ) -> Baseline.Candidate {
        let plan = FileManager.default.contents(atPath: folder + "/" + file.plan)
        var conditions = RunConditions(file, plan: plan, measured.summary)
        conditions.isInvalid = isInvalid
        return Baseline.Candidate(measured, conditions, requestedAt: file.requestedAt)
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
