// A run's results in a folder of this machine, read back: what `results compare` and baselines need
// of it. Plain files of samples do as well, and then nothing is known of the run but its samples.

package import FoundationEssentials
package import JTL
package import Results
internal import Store

/// The results of one run, or of some files.
package struct RunFolder: Sendable {
    /// A name for people: the run's id, or the path as given.
    package let name: String
    /// Files and folders of samples, for `SampleFiles`.
    package let samples: [String]
    /// By how many milliseconds the clocks behind some of these were ahead.
    package let clockOffsets: [String: Int64]
    /// The summary as it was judged; nil where there is none.
    package let summary: Summary?
    /// What is known of the run.
    package let conditions: RunConditions
    /// When it was asked for; nil where nobody knows.
    package let requestedAt: Date?
    /// The folder and its record, of a run; nil of plain files.
    package let run: (folder: String, file: RunFile)?

    /// Reads a run folder, or takes a file or folder of samples.
    ///
    /// - Throws: ``RunError/notResults(path:reason:)`` for a folder that is damaged.
    package init(at path: String, named name: String) throws(RunError) {
        let files = FileManager.default
        guard let record = files.contents(atPath: path + "/run.json") else {
            (self.name, samples, summary, requestedAt) = (name, [path], nil, nil)
            (clockOffsets, run) = ([:], nil)
            conditions = RunConditions()
            return
        }
        do {
            let run = try RecordCoding.decoder().decode(RunFile.self, from: record)
            let summary = try files.contents(atPath: path + "/summary.json").map(
                Summary.init(json:))
            let fetched = run.nodes.compactMap(\.samplesFile).map { path + "/" + $0 }
            self.name = run.id
            samples = fetched.filter(files.isReadableFile)
            var offsets: [String: Int64] = [:]
            for clock in run.wrongClocks ?? [] where clock.corrected {
                let file = run.nodes.first { $0.node == clock.node }?.samplesFile
                if let file { offsets[path + "/" + file] = clock.wholeMs }
            }
            clockOffsets = offsets
            self.summary = summary
            requestedAt = run.requestedAt
            self.run = (path, run)
            conditions = RunConditions(
                run, plan: files.contents(atPath: path + "/" + run.plan), summary)
        } catch {
            throw .notResults(path: path, reason: "its run.json or summary.json can't be read")
        }
    }

    /// How its samples are to be read, whose times are put right by that.
    package func reading(
        _ statistics: StatisticsOptions = StatisticsOptions()
    ) -> SampleFiles.Options {
        var options = SampleFiles.Options(statistics: statistics)
        options.clockOffsets = clockOffsets
        return options
    }

    /// The run folders beside one another in `folder`, the latest first; what can't be read is
    /// left out.
    package static func all(in folder: String) -> [RunFolder] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { !$0.hasPrefix(".") }
            .compactMap { try? RunFolder(at: "\(folder)/\($0)", named: $0) }
            .filter { $0.requestedAt != nil }
            .sorted { ($0.requestedAt ?? .distantPast) > ($1.requestedAt ?? .distantPast) }
    }
}

/// What must be alike for two runs to be compared.
package struct RunConditions: Sendable, Equatable {
    var plan: Data?
    var workers: Int?
    var threads: Int?
    var mode: String?
    var rps: String?
    /// From the first start to the last end, seconds.
    package var seconds: Double?
    var isInvalid = false

    /// Nothing is known.
    package init() {}

    /// What is known of a run that has not begun, the plan as it is shipped.
    init(_ request: RunRequest, plan: Data?) {
        self.plan = plan
        workers = request.workers.count
        // In remote mode only the nodes' own word says how many of them each had.
        threads = request.mode == .standalone ? request.threads.reduce(0, +) : nil
        mode = request.mode.rawValue
        rps = request.rps
    }

    init(_ run: RunFile, plan: Data?, _ summary: Summary?) {
        self.plan = plan
        let makers = run.nodes.filter { run.mode == .remote || $0.role == .worker }
        workers = run.nodes.count { $0.role == .worker }
        threads = makers.compactMap(\.threads).reduce(0, +)
        mode = run.mode.rawValue
        rps = run.rps
        seconds = summary?.total.durationS
        isInvalid = summary?.verdict?.status == .invalid
    }

    /// What speaks against comparing runs under these conditions; what is not known does not.
    package func differences(from other: RunConditions) -> [String] {
        func differ<T: Equatable>(_ ours: T?, _ theirs: T?) -> Bool {
            guard let ours, let theirs else { return false }
            return ours != theirs
        }
        var found: [String] = []
        if other.isInvalid { found.append("the baseline is invalid") }
        if isInvalid { found.append("the run is invalid") }
        if differ(plan, other.plan) { found.append("their plans are not the same") }
        if differ(mode, other.mode) {
            found.append("one ran in mode \(mode ?? ""), one in \(other.mode ?? "")")
        }
        if let threads, let before = other.threads, threads != before {
            found.append("\(threads) threads against \(before)")
        }
        if let workers, let before = other.workers, workers != before {
            found.append("\(workers) workers against \(before)")
        }
        if mode != nil, other.mode != nil, rps != other.rps {
            found.append("rates of \(rps ?? "the plan") against \(other.rps ?? "the plan")")
        }
        if let seconds, let before = other.seconds,
            abs(seconds - before) > 0.1 * max(seconds, before) + 2
        {
            found.append("\(Int(seconds.rounded())) s against \(Int(before.rounded())) s")
        }
        return found
    }
}
