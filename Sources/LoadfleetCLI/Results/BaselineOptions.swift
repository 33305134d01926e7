// The options that `report`, `run`, `attach` and `results` share: the run that theirs is held against.
import ArgumentParser
import FoundationEssentials
import JTL
import Results
import Runs

/// The baseline that was asked for.
struct BaselineOptions: ParsableArguments {
    @Option(
        name: .customLong("baseline"),
        help: ArgumentHelp(
            """
            Show the change against a run, a tag, a run's folder or a file of samples. Gates may \
            name it, as in 'p95 < baseline * 1.10'.
            """,
            valueName: "run"))
    var word: String?

    @Flag(help: "Compare with a baseline that is not alike: another plan, threads, duration.")
    var force = false

    init() {}

    func validate() throws {
        if force, word == nil { throw ValidationError("--force needs --baseline.") }
    }

    /// Refuses gates on a baseline where none is named.
    ///
    /// - Throws: ``UsageFailure`` for the first of them.
    func requireWord(for gates: [Gate]) throws(UsageFailure) {
        guard word == nil, let gate = gates.first(where: \.needsBaseline) else { return }
        throw UsageFailure(
            message: "the gate '\(gate.expression)' is about a baseline, and none is named",
            hint: "add --baseline RUN, a tag, or a file of samples")
    }

    /// Finds and reads the baseline; nil where none is named.
    ///
    /// `read` makes statistics of its samples as those of the run are made, with intervals.
    /// - Throws: An error of whatever can't be found or read, ``CommandFailure`` where nothing is
    ///   left of the run.
    func load(
        _ invocation: Invocation, in workplace: Workplace? = nil, unlike: Baseline.Unlike,
        method: PercentileMethod, _ read: (RunFolder) throws -> Statistics
    ) async throws -> Baseline? {
        guard let word else { return nil }
        var finder = RunFinder(invocation, workplace)
        let folder = try await finder.find(word)
        let others = workplace == nil ? [] : try await finder.all()
        return Baseline(
            try Self.measure(folder, named: Self.name(of: folder, word), method, read), folder,
            unlike: force ? .compared : unlike, others: others)
    }

    /// Makes a run's figures from its samples, or takes its summary where these are gone.
    static func measure(
        _ folder: RunFolder, named name: String, _ method: PercentileMethod,
        _ read: (RunFolder) throws -> Statistics
    ) throws -> MeasuredRun {
        guard folder.samples.isEmpty else {
            return MeasuredRun(try read(folder), method: method, name: name)
        }
        guard let summary = folder.summary else {
            throw CommandFailure(
                message: "nothing is left of run \(folder.name): no samples, no summary.json",
                hint: "name another run, or a file of samples")
        }
        return MeasuredRun(summary, name: name)
    }

    /// A run by its id, and by the tag under which it was found.
    private static func name(of folder: RunFolder, _ word: String) -> String {
        let isTag = folder.requestedAt != nil && !word.contains("/") && !folder.name.hasPrefix(word)
        return isTag ? "\(word) (\(folder.name))" : folder.name
    }
}
