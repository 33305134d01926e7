// JMeter's own dashboard of all samples: what `jmeter -g` makes of one merged file. JMeter's exit
// code is not believed: the page is there when its statistics are.
import Fleet
import FoundationEssentials
import JMeter
import Machine
import Results

/// A folder that JMeter is to fill.
struct JMeterDashboard {
    private let folder: String
    private let name: String
    private let machine: JMeterMachine
    private let invocation: Invocation

    /// How long JMeter may take where no `--timeout` says so.
    private static let limit: Duration = .seconds(3600)

    /// A dashboard in `folder`, which a person calls `name`.
    ///
    /// - Throws: ``UsageFailure`` where the folder is not empty, ``CommandFailure`` where it can't be
    ///   written, `JMeterError` where there is no JMeter or no Java.
    init(_ folder: String, named name: String, _ invocation: Invocation) throws {
        self.folder = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        self.name = name
        self.invocation = invocation
        if FileManager.default.fileExists(atPath: self.folder) {
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: self.folder)
            else {
                throw UsageFailure(
                    message: "cannot make a dashboard in \(name): it is no folder",
                    hint: "name a folder that is new or empty")
            }
            guard names.isEmpty else {
                throw UsageFailure(
                    message: "cannot make a dashboard in \(name): the folder is not empty",
                    hint: "name a folder that is new or empty")
            }
        }
        if let obstacle = OutputFile.obstacle(to: self.folder + ".new") {
            throw CommandFailure(
                message: "cannot make \(name): \(obstacle)",
                hint: "check the folder and its permissions")
        }
        let settings = try invocation.settings().environment.jmeter
        let variables = invocation.context.variables
        machine = JMeterMachine(
            java: try JavaRuntime.find(
                javaHome: settings.javaHome ?? variables["JAVA_HOME"],
                path: variables["PATH"] ?? "/usr/bin:/bin"),
            installation: try JMeterSearch(invocation.context).find(settings),
            heapMebibytes: Int(settings.heapBytes >> 20))
    }

    /// Merges the samples and lets JMeter make the dashboard of them.
    ///
    /// - Throws: `ResultsError`, ``CommandFailure`` with JMeter's own words.
    func make(of merger: SampleMerger) async throws {
        let scratch = "\(RawOutputs.folder(of: folder))/.dashboard-\(UUID().uuidString)"
        let files = FileManager.default
        try files.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        defer { try? files.removeItem(atPath: scratch) }
        let samples = try StreamedFile(scratch + "/merged.csv")
        _ = try merger.merge(scratch: scratch) { try samples.write($0) }
        try samples.finish()
        let launch = JMeterLaunch.dashboard(
            machine, files: JMeterFiles(folder: scratch, samples: "merged.csv"), into: "dashboard")
        try Data(launch.propertiesText.utf8).write(
            to: URL(filePath: "\(scratch)/\(launch.propertiesPath)"))
        invocation.output.note("JMeter makes its dashboard in \(name)")
        let said = try await run(launch)
        guard files.fileExists(atPath: scratch + "/dashboard/statistics.json") else {
            throw failure(said, log: files.contents(atPath: scratch + "/jmeter.log"))
        }
        do {
            try? files.removeItem(atPath: folder)
            try files.moveItem(atPath: scratch + "/dashboard", toPath: folder)
        } catch {
            throw CommandFailure(
                message: "cannot make \(name): \(error)",
                hint: "check the folder and its permissions")
        }
    }

    private func run(_ launch: JMeterLaunch) async throws -> CapturedRun {
        let variables = invocation.context.variables
        let request = ProcessRequest(
            launch.executable, launch.arguments,
            environment: variables.filter { ["PATH", "HOME", "LANG", "TZ"].contains($0.key) },
            directory: launch.workingFolder)
        do throws(ProcessError) {
            return try await CapturedRun.of(request, limit: invocation.timeout ?? Self.limit)
        } catch {
            throw CommandFailure(
                message: "cannot start JMeter: \(error)", hint: "check the settings of jmeter")
        }
    }

    /// The first thing that JMeter complains of, on its console or else in its log.
    private func failure(_ said: CapturedRun, log: Data?) -> CommandFailure {
        let lines = String(decoding: log ?? Data(), as: UTF8.self)
            .split(separator: "\n").filter { $0.contains(" ERROR ") }
            .map { $0.split(separator: " ERROR ", maxSplits: 1).last.map(String.init) ?? "" }
        let console = said.output.split(separator: "\n").map(String.init)
        let words = console.first { $0.lowercased().contains("error") } ?? lines.first
        return CommandFailure(
            message: "JMeter made no dashboard (it ended with \(said.end.code)): "
                + DisplayText.fit(DisplayText.visible(words ?? "it said nothing"), columns: 300),
            hint: "jmeter -g needs the columns that JMeter writes by default")
    }
}
