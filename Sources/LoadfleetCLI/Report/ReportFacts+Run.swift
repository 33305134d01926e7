// What a page tells about where its figures are from: files given by name, or a run of a fleet.
import FoundationEssentials
import Results
import Runs
import Store

extension ReportFacts {
    /// The facts of files.
    init(files: [String]) {
        let names = files.map { $0 == "-" ? "standard input" : $0 }
        let title = names.count == 1 ? names[0] : "\(names[0]) and \(names.count - 1) more"
        self.init(
            title: title,
            facts: [
                Fact(names.count == 1 ? "File" : "Files", names.joined(separator: ", ")),
                Fact("loadfleet", Version.number),
            ])
    }

    /// The facts of a run of a fleet.
    init(_ run: RunFile) {
        let workers = run.nodes.filter { $0.index != nil }
        let data = run.files.filter { $0.kind != .plan && $0.kind != .properties }
        var facts: [(String, String?)] = [
            ("Run", run.id), ("Fleet", run.fleet),
            ("Plan", run.planPath),
            ("Data files", data.isEmpty ? nil : data.map(\.name).joined(separator: ", ")),
            ("Mode", run.mode.rawValue + (run.perWorker ? ", totals per worker" : "")),
            ("Workers", "\(workers.count)"), ("Rate limit", run.rps),
            ("Properties", run.properties.isEmpty ? nil : run.properties.joined(separator: ", ")),
            ("Start skew", run.startSkewMs.map { "\($0) ms between the first samples of workers" }),
            ("Clocks", run.wrongClocks.map { $0.map(\.text).joined(separator: "; ") }),
            ("JMeter", run.jmeterVersion), ("Java", run.javaVersion),
        ]
        facts += [
            ("Requested", "\(run.requestedAt.formatted(.iso8601)) by \(run.requestedBy)"),
            ("Ended", run.endedAt.formatted(.iso8601)), ("loadfleet", run.loadfleetVersion),
        ]
        self.init(
            title: run.plan, facts: facts.compactMap { name, text in text.map { Fact(name, $0) } },
            workers: workers.map { Worker(name: $0.node, threads: $0.threads, ending: $0.ending) })
    }
}
