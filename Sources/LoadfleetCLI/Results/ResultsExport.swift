// Sends a run's results to where people look at them.
package import ArgumentParser
import Export
import JTL
import Results
import Runs

/// The command `loadfleet results export`.
package struct ResultsExport: Command {
    package static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Send results to OpenSearch, Prometheus, InfluxDB or S3.",
        discussion: """
            The run is a run, a tag, a run's folder or a file of samples; the latest run by \
            default. Whatever is sent again is not doubled: break off and repeat as you like. \
            LOADFLEET_OPENSEARCH_USER and _PASSWORD, or _TOKEN, say who asks, and likewise for \
            PUSHGATEWAY and INFLUX.
            """)

    @Argument(help: ArgumentHelp("What to send.", valueName: "run"))
    var run: String?

    @Option(
        name: .customLong("to"),
        help: ArgumentHelp(
            """
            opensearch=URL, pushgateway=URL, influx=URL of /write, or s3=s3://BUCKET/PREFIX; may \
            be repeated.
            """, valueName: "kind=URL"))
    var targets: [String]

    @Option(
        help: """
            summary, samples or both; OpenSearch and S3 get both unless this is given, the others \
            a summary.
            """)
    var what: ExportedPart?

    @Option(
        help: ArgumentHelp(
            "What a file of samples is called where it goes; a run has its id.", valueName: "name"))
    var name: String?

    @Option(help: ArgumentHelp("How OpenSearch's indexes begin.", valueName: "index"))
    var index = "loadfleet"

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in invocation: Invocation) async throws -> ExitStatus {
        let variables = invocation.context.variables
        let targets = try targets.map { text throws(ExportError) in
            let target = try ExportTarget(text, variables: variables)
            return (target: target, part: try target.part(wish: what))
        }
        var finder = RunFinder(invocation)
        let found = try await finder.find(run)
        let needsSamples = targets.contains { $0.part.hasSamples }
        let results = try exported(found, invocation, needsSamples: needsSamples)
        let sending = ExportSending(
            results: results, folder: found.run?.folder, index: index,
            access: try AWSAccess(invocation.context), output: invocation.output)
        var sent: [JSON] = []
        for (target, part) in targets { sent.append(try await sending.send(to: target, part)) }
        if invocation.output.isJSON {
            try invocation.output.print(
                document: ["run": .string(results.name), "sent": .array(sent)])
        }
        return .done
    }

    private func exported(
        _ found: RunFolder, _ invocation: Invocation, needsSamples: Bool
    ) throws -> ExportedRun {
        guard let name = name ?? found.run?.file.id else {
            throw UsageFailure(
                message: "'\(found.name)' is no run, so there is no id to send it under",
                hint: "name it with --name; what is sent again under this name is not doubled")
        }
        let files = try SampleFiles.files(found.samples)
        let summary = try found.summary ?? summarize(found, invocation.output)
        if needsSamples, files.isEmpty, summary.hasSamples {
            throw CommandFailure(
                message: "the samples of \(found.name) are not on this machine",
                hint: "send the figures only, with --what summary")
        }
        let file = found.run?.file
        return try ExportedRun(
            name: name, summary: summary, sampleFiles: files, clockOffsets: found.clockOffsets,
            plan: file?.plan, fleet: file?.fleet)
    }

    private func summarize(_ found: RunFolder, _ output: Output) throws -> Summary {
        let progress = ReadingProgress(output)
        defer { progress.clear() }
        return Summary(
            try SampleFiles.read(
                found.samples, options: found.reading(), progress: { progress.show($0) }))
    }
}

extension ExportedPart: ExpressibleByArgument {}
