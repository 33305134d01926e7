// The samples themselves, on request: in one file, or as the page that JMeter itself makes of them.
import ArgumentParser
import FoundationEssentials
import JTL
import Results
import Runs

/// The options that `report` and `results` share: what is made of all samples.
struct RawOutputOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Write all samples into one CSV file, by their time and with their worker; .zst \
            compresses, '-' is standard output.
            """,
            valueName: "file"),
        completion: .file(extensions: ["csv", "jtl", "zst"]))
    var merged: String?

    @Option(
        help: ArgumentHelp(
            "Let JMeter make its own dashboard of all samples, in a new folder.",
            valueName: "folder"),
        completion: .directory)
    var jmeterDashboard: String?

    init() {}

    /// What was asked for, checked before anything is read or fetched; nil for nothing.
    ///
    /// - Throws: ``UsageFailure``, ``CommandFailure`` where it can't be written, `JMeterError` where
    ///   there is no JMeter.
    func checked(_ invocation: Invocation, beside reports: [ReportTarget]) throws -> RawOutputs? {
        guard merged != nil || jmeterDashboard != nil else { return nil }
        let whole = invocation.context.absolute
        if merged == "-" {
            guard !invocation.output.isJSON, reports.allSatisfy({ $0.path != nil }) else {
                throw UsageFailure(
                    message: "'--merged -' takes standard output for itself",
                    hint: "write the reports into files, as -o table=FILE")
            }
        } else if let merged {
            let path = whole(merged)
            if let obstacle = StreamedFile.obstacle(to: path) ?? OutputFile.obstacle(to: path) {
                throw CommandFailure(
                    message: "cannot write \(merged): \(obstacle)",
                    hint: "name a file that ends in .csv or .csv.zst",
                    exitStatus: .wrongInput)
            }
        }
        return RawOutputs(
            merged: merged == "-" ? "-" : merged.map(whole),
            dashboard: try jmeterDashboard.map {
                try JMeterDashboard(whole($0), named: $0, invocation)
            }, invocation: invocation)
    }
}

/// What is to be made of all samples of a run.
struct RawOutputs {
    let merged: String?
    let dashboard: JMeterDashboard?
    let invocation: Invocation

    /// The files that are written.
    var files: [String] { [merged].compactMap { $0 == "-" ? nil : $0 } }

    /// Makes all of it.
    ///
    /// - Throws: `ResultsError`, ``CommandFailure``.
    func write(_ sources: [MergeSource], options: SampleFiles.Options = .init()) async throws {
        let directory = invocation.context.directory
        let merger = SampleMerger(sources, in: directory, options: options)
        if merged == "-" {
            let output = invocation.output
            let scratch = FileManager.default.temporaryDirectory.path
            _ = try merger.merge(scratch: scratch) { chunk in
                try output.print(part: String(decoding: chunk, as: UTF8.self))
            }
        } else if let merged {
            let file = try StreamedFile(merged)
            let statistics = try merger.merge(scratch: Self.folder(of: merged)) {
                try file.write($0)
            }
            try file.finish()
            let left = statistics.unusable.count
            if left > 0 {
                invocation.output.warn("\(left) lines could not be used and are not in \(merged)")
            }
        }
        try await dashboard?.make(of: merger)
    }

    /// The folder that a path lies in.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }
}

extension RawOutputs {
    /// The sources of files, whose names tell the workers.
    static func sources(of files: [String]) -> [MergeSource] {
        files.map { MergeSource(path: $0, worker: SampleFiles.worker(of: $0)) }
    }

    /// Makes all of it from a run's folder, where each worker has a file that bears its name.
    ///
    /// - Throws: `ResultsError`, ``CommandFailure``.
    func write(_ run: RunFolder) async throws {
        try await write(Self.sources(of: run.samples), options: run.reading())
    }
}
