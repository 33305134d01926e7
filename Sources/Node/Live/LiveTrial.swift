// A live channel by itself, for measuring: a controller without a fleet, and as many workers as are
// wanted in one process, which tell it of samples that nobody made. `Benchmarks/link` runs both;
// nothing of the product does.

internal import FoundationEssentials
internal import Glibc
internal import JMeter
internal import JTL
package import Store
internal import Synchronization
internal import Units

/// The controller's side of a measurement.
package struct LiveTrial {
    /// What it came to.
    package struct Report: Codable, Sendable {
        /// Seconds that were published with all workers in them, and all seconds.
        package var whole = 0
        package var seconds = 0
        /// From the end of a second to its publication, the median and the worst.
        package var medianLagSeconds = 0.0
        package var worstLagSeconds = 0.0
        package var samples = 0
        package var publications = 0
    }

    private let channel: LiveChannel
    private let part: RunPart
    private let lags: TrialLags

    /// A controller of a run of so many workers, whose store is a folder.
    package init(store: any StoreWithLog, folder: String, workers: Int) {
        let names = Self.names(workers)
        let tuning = NodeTuning(
            jmeterHome: "", javaPath: "", heapBytes: 0, heartbeatSeconds: 1, lostAfterSeconds: 15,
            pollSeconds: 1, deliverySeconds: 2, rmiPorts: nil)
        let fleet = FleetRecord(
            name: "trial", provider: "local", controller: "controller", workers: names,
            createdAt: .now, createdBy: "trial", leaseEndsAt: .now + 86_400, tuning: tuning)
        let context = NodeContext(
            store: store, fleet: fleet, node: "controller", role: .controller, folder: folder,
            address: "127.0.0.1", machine: "trial",
            installation: JMeterInstallation(unchecked: "", version: ""), javaVersion: "",
            loadfleetVersion: "", environment: [:])
        let request = RunRequest(
            id: "trial", fleet: "trial", mode: .standalone, controller: "controller",
            workers: names, plan: "", planPath: "", files: [], perWorker: false, properties: [:],
            threads: [], requestedAt: .now, requestedBy: "trial", readySeconds: 60,
            deadlineSeconds: 86_400, stopSeconds: 1)
        part = RunPart(context: context, life: NodeLife(), request: request, note: { print($0) })
        lags = TrialLags(workers: workers)
        channel = LiveChannel(
            part, log: LiveWriter(store.liveLog(of: "trial"), note: part.note),
            watchers: [TrialWatcher(lags: lags)])
    }

    /// The names of so many workers.
    static func names(_ count: Int) -> [String] { (1...count).map { "worker-\($0)" } }

    /// Begins to listen; where, stands in the store.
    package func begin() async { await channel.begin() }

    /// Ends it.
    package func finish() async -> Report {
        await channel.leave()
        return lags.report
    }
}

/// When seconds were published.
private final class TrialLags: Sendable {
    private struct State {
        var lags: [Int64: Double] = [:]
        var nodes: [Int64: Int] = [:]
        var samples: [Int64: Int] = [:]
        var publications = 0
    }

    private let workers: Int
    private let state = Mutex(State())

    init(workers: Int) { self.workers = workers }

    func see(_ second: MergedSecond) {
        let lag = Date.now.timeIntervalSince1970 - Double(second.second + 1)
        let samples = second.statistics.total.samples
        state.withLock { state in
            // The last publication of a second is the one with everybody in it.
            if state.nodes[second.second] != second.nodes.count { state.lags[second.second] = lag }
            state.nodes[second.second] = second.nodes.count
            state.samples[second.second] = samples
            state.publications += 1
        }
    }

    var report: LiveTrial.Report {
        state.withLock { state in
            // Workers come and go in the first and the last seconds.
            let seconds = state.nodes.keys.sorted().dropFirst(3).dropLast(2)
            let lags = seconds.compactMap { state.lags[$0] }.sorted()
            var report = LiveTrial.Report()
            report.seconds = seconds.count
            report.whole = seconds.count { state.nodes[$0] == workers }
            report.medianLagSeconds = lags.isEmpty ? 0 : lags[lags.count / 2]
            report.worstLagSeconds = lags.last ?? 0
            report.samples = state.samples.values.reduce(0, +)
            report.publications = state.publications
            return report
        }
    }
}

private struct TrialWatcher: LiveWatcher {
    let lags: TrialLags

    mutating func see(_ second: MergedSecond) { lags.see(second) }
    mutating func news() -> WatchNews { WatchNews() }
    mutating func conclude(_ outcome: inout RunOutcome) {}
}

/// Many workers in one process.
package struct TrialWorkers {
    private struct Worker {
        let socket: LinkSocket
        var end: WorkerEnd
        var encoder = IntervalLogEncoder()
        var offset: Int64 = 0
    }

    private var workers: [Worker] = []
    private let seconds: [PackedStatistics]
    /// Bytes of all logs, and how many seconds they tell of.
    package private(set) var bytes = 0
    package private(set) var told = 0

    /// Workers that connect to a controller; each second of theirs has so many labels, and so many
    /// samples of each.
    ///
    /// - Throws: where nothing can be connected.
    package init(_ count: Int, to link: RunLink, labels: Int, samples: Int) throws {
        raiseFileLimit()
        guard let secret = LinkSecret(hex: link.key) else { throw NodeError("no key") }
        for name in LiveTrial.names(count) {
            workers.append(
                Worker(
                    socket: try LinkSocket.connecting(to: link.address, port: link.port),
                    end: WorkerEnd(secret, node: name)))
        }
        seconds = try (0..<50).map { _ in try Self.second(labels: labels, samples: samples) }
    }

    private static func second(labels: Int, samples: Int) throws -> PackedStatistics {
        var text = "timeStamp,elapsed,label,responseCode,responseMessage,success,bytes,allThreads\n"
        let now = Int64(Date.now.timeIntervalSince1970 * 1000)
        for label in 0..<labels {
            for _ in 0..<samples {
                let isGood = Int.random(in: 0..<100) > 0
                // Most are fast, and some take their time.
                let elapsed = Int(20 * exp2(Double.random(in: 0...3) + Double.random(in: 0...3)))
                text += "\(now + Int64.random(in: 0..<1000)),\(elapsed),GET /shop/label-\(label),"
                text += isGood ? "200,OK,true," : "503,Service Unavailable,false,"
                text += "\(Int.random(in: 500...50_000)),100\n"
            }
        }
        var statistics = Statistics()
        var reader = SampleReader()
        try reader.consume(Array(text.utf8), into: &statistics)
        return PackedStatistics(statistics)
    }

    /// Tells the controller of one second after another.
    ///
    /// - Throws: ``NodeError`` when the controller hangs up.
    package mutating func run(seconds count: Int) throws {
        var clock = SecondClock()
        var left = count
        while left > 0 {
            if let second = clock.passed() {
                left -= 1
                // Real workers look at their clocks ten times a second, each at its own moments.
                for turn in 0..<10 {
                    for index in workers.indices where index % 10 == turn {
                        tell(index, second)
                    }
                    try attend(for: 8)
                }
            }
            try attend(for: 5)
        }
        for _ in 0..<100 { try attend(for: 10) }
    }

    private mutating func tell(_ index: Int, _ second: Int64) {
        guard workers[index].end.isOpen, let packed = seconds.randomElement() else { return }
        let counted = Int64(told) * 100
        let record = IntervalRecord(
            second: second, counted: counted, delivered: max(0, counted - 300),
            health: NodeHealth(cpuPercent: 41.5, heapPercent: 60, gcPercent: 0.3),
            statistics: packed)
        let bytes = workers[index].encoder.encode(record)
        workers[index].end.send(bytes, from: workers[index].offset, at: LinkTime.now)
        workers[index].offset += Int64(bytes.count)
        self.bytes += bytes.count
        told += 1
    }

    /// Sends and receives for so many milliseconds at most.
    private mutating func attend(for milliseconds: Int32) throws {
        var wishes = workers.map { $0.socket.wish(toWrite: !$0.end.output.isEmpty) }
        guard poll(&wishes, nfds_t(wishes.count), milliseconds) > 0 else { return }
        var buffer = [UInt8](repeating: 0, count: 4096)
        for (index, wish) in wishes.enumerated() where wish.revents != 0 {
            if case .bytes(let count) = workers[index].socket.receive(into: &buffer) {
                _ = try workers[index].end.receive(buffer[..<count])
            }
            guard workers[index].socket.flush(&workers[index].end.output) else {
                throw NodeError("the controller hung up")
            }
        }
    }
}
