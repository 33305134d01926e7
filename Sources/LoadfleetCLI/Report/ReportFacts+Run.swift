// What a page tells about where its figures are from: files given by name, or a run of a fleet.
import Fleet
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

    /// The facts of a run of a fleet, and of what the fleet has cost so far.
    init(_ run: RunFile, cost: FleetCost? = nil) {
        let workers = run.nodes.filter { $0.index != nil }
        let data = run.files.filter { $0.kind != .plan && $0.kind != .properties }
        var facts: [(String, String?)] = [
            ("Run", run.id), ("Fleet", run.fleet), ("Environment", run.environment),
            ("Plan", run.planPath), ("Plan, SHA-256", run.planSha256),
            ("Data files", data.isEmpty ? nil : data.map(\.name).joined(separator: ", ")),
            ("Mode", run.mode.rawValue + (run.perWorker ? ", totals per worker" : "")),
            ("Workers", Self.text(ofWorkers: workers.count, absent: run.absent)),
            ("Rate limit", run.rps),
            ("Properties", run.properties.isEmpty ? nil : run.properties.joined(separator: ", ")),
            ("Start skew", run.startSkewMs.map { "\($0) ms between the first samples of workers" }),
            ("Clocks", run.wrongClocks.map { $0.map(\.text).joined(separator: "; ") }),
            ("Cost", cost.map(Self.text(of:))),
        ]
        facts += [
            ("Requested", "\(run.requestedAt.formatted(.iso8601)) by \(run.requestedBy)"),
            ("Ended", run.endedAt.formatted(.iso8601)), ("loadfleet", run.loadfleetVersion),
            ("JMeter", run.jmeterVersion), ("Java", run.javaVersion),
        ]
        let first = run.sampleNodes.compactMap(\.firstMs).min()
        self.init(
            title: run.plan, facts: facts.compactMap { name, text in text.map { Fact(name, $0) } },
            workers: workers.map { Self.worker($0, skewFrom: first) }, marks: run.marks)
    }

    private static func text(ofWorkers count: Int, absent: [String]) -> String {
        absent.isEmpty
            ? "\(count)" : "\(count), without \(absent.joined(separator: ", ")): not ready in time"
    }

    private static func text(of cost: FleetCost) -> String {
        "\(cost.total) for the fleet until the run's end, \(cost.hourly) an hour\(cost.restInWords)"
    }

    private static func worker(_ node: RunFile.Node, skewFrom first: Int64?) -> Worker {
        var worker = Worker(name: node.node, threads: node.threads, ending: node.ending)
        if let first, let own = node.firstMs { worker.skewMs = own - first }
        worker.cpu = Usage(mean: node.health?.cpuPercent, peak: node.health?.cpuPeakPercent)
        worker.collection = Usage(mean: node.health?.gcPercent, peak: node.health?.gcPeakPercent)
        return worker
    }
}

extension RunFile.Node {
    /// The start of its first sample by the controller's clock, epoch milliseconds.
    fileprivate var firstMs: Int64? {
        firstSampleMs.map { $0 - Int64((clockOffsetMs ?? 0).rounded()) }
    }
}

extension RunFile {
    /// The nodes whose samples are the run's.
    fileprivate var sampleNodes: [Node] {
        nodes.filter { mode == .remote ? $0.role == .controller : $0.role == .worker }
    }

    /// What happened in the run and when.
    fileprivate var marks: [ReportFacts.Mark] {
        typealias Mark = ReportFacts.Mark
        let milliseconds = { (date: Date) in Int64(date.timeIntervalSince1970 * 1000) }
        var marks = losses.map { loss in
            Mark(
                loss.kind == .lost ? .lost : .interrupted, atMs: milliseconds(loss.at), loss.text)
        }
        marks += (brokenGates ?? []).map { gate in
            let end = gate.ended ? "; it ended the run" : ""
            return Mark(
                .gate, atMs: milliseconds(gate.at),
                "gate broken: \(gate.expression): \(gate.reason)\(end)")
        }
        marks += saturations.map { found in
            Mark(.saturated, atMs: milliseconds(found.since), "\(found.node): \(found.text)")
        }
        return marks + stops(milliseconds) + (rampMark.map { [$0] } ?? [])
    }

    /// The parts that did not come to the plan's own end; those that ended alike are one.
    private func stops(_ milliseconds: (Date) -> Int64) -> [ReportFacts.Mark] {
        let odd = sampleNodes.filter {
            !["completed", "interrupted", "lost"].contains($0.ending) && $0.endedAt != nil
        }
        let groups = Dictionary(grouping: odd) { "\($0.ending): \($0.message ?? "")" }
        return groups.values.compactMap { nodes in
            guard let first = nodes.first, let at = nodes.compactMap(\.endedAt).min() else {
                return nil
            }
            let names =
                nodes.count <= 3
                ? nodes.map(\.node).joined(separator: ", ") : "\(nodes.count) workers"
            return ReportFacts.Mark(
                .stopped, atMs: milliseconds(at),
                "\(names): \(first.message ?? "ended as \(first.ending)")")
        }
    }

    /// The moment at which the last thread was started; nil where all were there at once.
    private var rampMark: ReportFacts.Mark? {
        let ends = sampleNodes.compactMap { node in
            node.rampMs.flatMap { ramp in node.firstMs.map { $0 + ramp } }
        }
        let starts = sampleNodes.compactMap(\.firstMs)
        guard let end = ends.max(), let start = starts.min(), end - start >= 1000 else {
            return nil
        }
        return ReportFacts.Mark(
            .ramp, atMs: end, "end of the ramp (shaded): all threads were started")
    }
}
