// What the settings ask of a run, in the words of the rooms that do it.
import Fleet
import FoundationEssentials
import Glibc
import JMeter
import JTL
import Results
import Runs
import Units

extension RunCriteria {
    /// The criteria that the settings name, and the baseline that the options name.
    ///
    /// - Throws: `ResultsError` for a gate that cannot be read, ``UsageFailure`` for one on a
    ///   baseline where none is named, errors of the baseline.
    init(
        _ workplace: Workplace, _ judging: JudgingOptions, _ invocation: Invocation,
        unlike: Baseline.Unlike = .leftOut
    ) async throws {
        let settings = workplace.environment.run
        var gates: [Gate] = []
        for text in settings.gates { gates.append(try Gate(parsing: text)) }
        try judging.baseline.requireWord(for: gates)
        self.init(
            gates: gates, graceSeconds: settings.grace.secondsRoundedUp,
            maxLossPercent: settings.maxLossPercent, percentileMethod: judging.percentile,
            trimsRamp: judging.trim == .ramp)
        let trims = trimsRamp
        baseline = try await judging.baseline.load(
            invocation, in: workplace, unlike: unlike, method: percentileMethod
        ) { run in
            let options = run.reading(StatisticsOptions(intervals: true))
            return trims
                ? try SampleFiles.readSteady(run.samples, options: options).wanted
                : try SampleFiles.read(run.samples, options: options)
        }
    }
}

extension PlanWish {
    /// What the settings ask of a plan.
    init(_ path: String, _ environment: Environment, _ properties: RunProperties, directory: String)
    {
        let run = environment.run
        self.init(
            path: path, mode: environment.mode, perWorker: run.perWorker, setup: run.setup,
            rps: run.rps,
            dataPolicies: run.data.compactMapValues { DataFile.Policy(rawValue: $0.rawValue) },
            properties: properties.values, workingFolder: directory)
    }
}

extension RunProperties {
    /// The files of properties that the settings name, first to last, then single properties.
    ///
    /// - Throws: `JMeterError` for a file that cannot be read or a property that spoils results.
    init(_ settings: RunSettings, directory: String) throws(JMeterError) {
        var files: [(path: String, bytes: [UInt8])] = []
        for path in settings.propertiesFiles {
            let absolute = path.hasPrefix("/") ? path : "\(directory)/\(path)"
            guard let data = try? Data(contentsOf: URL(filePath: absolute)) else {
                throw JMeterError(
                    .property, "can't be read: \(String(cString: strerror(errno)))", file: path)
            }
            files.append((path, Array(data)))
        }
        try self.init(files: files, overrides: settings.properties.map { ($0.key, $0.value) })
    }
}
