// The reports of one command: checked before anything is read or run, written when it is judged.
import FoundationEssentials
import JTL
import Results

/// Reports and where they go.
struct ReportOutputs {
    private let targets: [ReportTarget]
    private let directory: String

    /// The reports of `targets`, or a table where there are none and stdout is free for it;
    /// relative paths start at `directory`.
    init(_ targets: [ReportTarget], in directory: String, isStdoutFree: Bool = true) {
        self.targets = targets.isEmpty && isStdoutFree ? [ReportTarget(.table)] : targets
        self.directory = directory
    }

    /// Whether the page is among them, which needs figures by the second and tells the cost.
    var hasPage: Bool { targets.contains { $0.format == .html } }

    /// Refuses outputs that can't be written, or would replace `inputs`, `others` or each other,
    /// before anything is read.
    ///
    /// - Throws: An error of the input, or ``CommandFailure`` where a folder forbids it.
    func check(against inputs: [String] = [], others: [String] = []) throws {
        var taken = Set(inputs.compactMap { OutputFile.identity(of: whole($0)) })
        var paths: Set<String> = []
        for output in targets.compactMap(\.path) + others {
            guard output != "-", !output.hasSuffix("/"), !output.isEmpty else {
                throw UsageFailure(
                    message: "'\(output)' is no name of a file to write",
                    hint: "reports go to stdout with '-o FORMAT' alone, intervals only to a file")
            }
            let path = whole(output)
            let identity = OutputFile.identity(of: path)
            guard paths.insert(path).inserted,
                identity.map({ taken.insert($0).inserted }) ?? true
            else {
                throw ResultsError.file(
                    "'\(output)' can't be written: it is one of the results, or another output",
                    hint: "give each output a name of its own")
            }
            if let obstacle = OutputFile.obstacle(to: path) {
                throw CommandFailure(
                    message: "cannot write \(output): \(obstacle)",
                    hint: "check the folder and its permissions")
            }
        }
    }

    /// Refuses reports on stdout beside a stream of events there.
    ///
    /// - Throws: ``UsageFailure``.
    func requireFiles() throws {
        for target in targets where target.path == nil && target.format != .table {
            throw UsageFailure(
                message: "with --json, stdout has events: '-o \(target.format)' needs a file",
                hint: "write it as -o \(target.format)=FILE")
        }
    }

    /// The path as seen from anywhere.
    func whole(_ path: String) -> String { path.hasPrefix("/") ? path : directory + "/" + path }

    /// Writes all reports, first those that go into files, so that the last line on the terminal
    /// is the verdict's.
    ///
    /// - Throws: ``CommandFailure`` for a file that can't be written.
    func write(_ judged: JudgedSamples, to output: Output) throws {
        for target in targets {
            guard let path = target.path else { continue }
            let text = try judged.text(target.format, width: 120, color: false)
            do {
                try OutputFile.write(Data(text.utf8), to: whole(path))
            } catch {
                throw CommandFailure(
                    message: "cannot write \(path)", hint: "check the folder and its permissions")
            }
        }
        let terminal = output.terminal
        for target in targets where target.path == nil {
            if output.isJSON, target.format == .table { continue }
            let text = try judged.text(
                target.format, width: terminal.isOutputTerminal ? terminal.width : 120,
                color: terminal.colorsOutput)
            // By bytes: as characters, CR LF is one.
            try output.print(part: text.utf8.last == UInt8(ascii: "\n") ? text : text + "\n")
        }
    }
}

/// Samples that were added up and judged: what every report is made from.
struct JudgedSamples {
    let summary: Summary
    let statistics: Statistics
    /// What the HTML report tells about the run beside its figures.
    let facts: ReportFacts

    /// A report's whole text.
    fileprivate func text(
        _ format: ReportTarget.Format, width: Int, color: Bool
    ) throws -> String {
        switch format {
        case .table: TableReport(summary, width: width, color: color).text
        case .json: try summary.json() + "\n"
        case .csv: CSVReport.text(summary)
        case .markdown: MarkdownReport.text(summary)
        case .junit: JUnitReport.text(summary)
        case .html: try HTMLReport(summary, statistics, facts).text
        case .statistics: StatisticsJSON.text(statistics)
        case .openmetrics: OpenMetricsReport.text(summary)
        case .influx: InfluxReport.text(summary)
        }
    }
}
