// The fleet held against one JMeter: whatever a plan makes there, its shares make together.
import FoundationEssentials
import Testing

@testable import JMeter

@Suite(.enabled(if: fetchedJMeter != nil && installedJava != nil), .serialized)
struct RealSharingTests {
    private let scratch: Scratch
    private let machine: JMeterMachine

    init() throws {
        scratch = try Scratch()
        machine = JMeterMachine(
            java: try #require(installedJava), installation: try #require(fetchedJMeter),
            heapMebibytes: 96)
    }

    /// What all workers of a fleet left.
    private struct Fleet {
        var labels: [String: Int] = [:]
        /// Start of each sample, in milliseconds, by label.
        var starts: [String: [Int]] = [:]
        var logs: [String] = []
    }

    /// Runs every worker's share of a plan, all at once.
    private func run(
        _ text: String, workers: Int, rps: String? = nil
    ) async throws -> Fleet {
        let plan = try PlanText.read(text, path: "\(scratch.path)/plan.jmx")
        let files = try plan.dataFiles(properties: [:], workingFolder: scratch.path)
        let dealt = try plan.dealt(ShareOut(workers: workers, rps: rps))
        let run = try RunProperties()
        let names = (0..<workers).map { "fleet-of-\(workers)/worker-\($0)" }
        for (worker, name) in names.enumerated() {
            let bytes = dealt.plan(of: worker, files: files).bytes
            try scratch.write("\(name)/plan.jmx", String(decoding: bytes, as: UTF8.self))
        }
        for file in files {
            try file.split(
                to: names.map { "\(scratch.path)/\($0)/\(file.bundleName)" },
                weights: dealt.threads(reading: file))
        }
        let children = try names.enumerated().map { worker, name in
            let launch = JMeterLaunch.standalone(
                machine, files: JMeterFiles(folder: "\(scratch.path)/\(name)"), run: run,
                place: WorkerPlace(index: worker, count: workers))
            try scratch.write("\(name)/\(launch.propertiesPath)", launch.propertiesText)
            return try Child(
                [launch.executable] + launch.arguments, environment: ["PATH=/usr/bin:/bin"],
                folder: launch.workingFolder, output: "\(launch.workingFolder)/console.txt")
        }
        var fleet = Fleet()
        for (child, name) in zip(children, names) {
            #expect(try await child.exitCode(within: 150) == 0)
            let log = try scratch.read("\(name)/jmeter.log")
            #expect(!log.contains(" ERROR "), "\(log)")
            fleet.logs.append(log)
            // A worker whose every group fell to others makes no samples, and no file.
            let samples = (try? scratch.read("\(name)/samples.jtl")) ?? ""
            for line in samples.split(separator: "\n").dropFirst() {
                let fields = line.split(separator: ",", omittingEmptySubsequences: false)
                let label = String(fields[2])
                fleet.labels[label, default: 0] += 1
                fleet.starts[label, default: []].append(try #require(Int(fields[0])))
            }
        }
        return fleet
    }

    // MARK: - Totals

    /// A group that ends after so many seconds.
    private func timed(
        _ name: String, threads: Int, seconds: Int, children: String
    ) -> String {
        PlanText.group(name, threads: "\(threads)", loops: -1, children: children).replacing(
            "<stringProp name='ThreadGroup.ramp_time'>",
            with: "<boolProp name=\"ThreadGroup.scheduler\">true</boolProp>"
                + "<stringProp name=\"ThreadGroup.duration\">\(seconds)</stringProp>"
                + "<stringProp name='ThreadGroup.ramp_time'>")
    }

    private func everyKind() throws -> String {
        try scratch.write("items.csv", "item\n" + (1...30).map { "\($0)\n" }.joined())
        let controller = PlanText.element(
            "ThroughputController", "some",
            """
            <intProp name="ThroughputController.style">0</intProp>
            <boolProp name="ThroughputController.perThread">false</boolProp>
            <intProp name="ThroughputController.maxThroughput">11</intProp>
            """
        ).replacing("<hashTree/>", with: "<hashTree>\(PlanText.sampler("executed"))</hashTree>")
        let schedule =
            "rate(10/sec) random_arrivals(2 s) rate(17 per sec) even_arrivals(1 s) rate(0) pause(2 s)"
        return PlanText.plan(
            PlanText.group(
                "before", threads: "1", kind: "SetupThreadGroup",
                children: PlanText.sampler("set up"))
                + PlanText.group(
                    "rows", threads: "10", loops: 3,
                    children: PlanText.csv("items.csv", recycle: false)
                        + PlanText.sampler("row ${item}"))
                + PlanText.group("some", threads: "5", loops: 4, children: controller)
                + PlanText.openModel(schedule, children: PlanText.sampler("open"))
                + timed(
                    "precise", threads: 7, seconds: 3,
                    children: PlanText.precise(
                        throughput: "10", period: 1, duration: 3, batch: 1)
                        + PlanText.sampler("precise"))
                + PlanText.group(
                    "after", threads: "1", kind: "PostThreadGroup",
                    children: PlanText.sampler("tear down")))
    }

    /// The numbers that JMeter's logs say between two words.
    private func logged(_ fleet: Fleet, _ before: String, _ after: String) -> [Int] {
        fleet.logs.flatMap { log in
            log.split(separator: before).dropFirst().compactMap { text in
                let words = text.prefix { !$0.isNewline }.split(separator: " ")
                return words.dropFirst().first.map(String.init) == after ? Int(words[0]) : nil
            }
        }
    }

    /// The iterations of the stretches of open models, as JMeter makes them up.
    private func arrivals(_ fleet: Fleet) -> [Int] {
        logged(fleet, ": Generating ", "events,").filter { $0 > 0 }
    }

    /// The events that Precise Throughput Timers drew for their first stretch of time.
    private func drawnEvents(_ fleet: Fleet) -> Int {
        fleet.logs.reduce(0) { sum, log in
            sum + (logged(Fleet(logs: [log]), ": Generated ", "timings").first ?? 0)
        }
    }

    /// The samples whose number depends on no clock.
    ///
    /// JMeter breaks iterations of an open model off that have not begun by its end, and a group
    /// with a duration stops when that is over: on a machine with other work, some are missing.
    private func timeless(_ fleet: Fleet) -> [String: Int] {
        fleet.labels.filter { $0.key != "precise" && ($0.key != "open" || isCampaign) }
    }

    @Test(.timeLimit(.minutes(15)))
    func `Threads, loops, rows, executions, arrivals and events add up to one JMeter's`()
        async throws
    {
        let text = try everyKind()
        let whole = try await run(text, workers: 1)
        let total = arrivals(whole).reduce(0, +)
        #expect(Set(timeless(whole).keys).count == 30 + (isCampaign ? 4 : 3))
        #expect(total > 30)
        #expect(drawnEvents(whole) == 30)
        for workers in isCampaign ? [3, 7] : [3] {
            let fleet = try await run(text, workers: workers)
            #expect(timeless(fleet) == timeless(whole))
            #expect(arrivals(fleet).reduce(0, +) == total)
            #expect(drawnEvents(fleet) == drawnEvents(whole))
        }
    }

    @Test(.timeLimit(.minutes(15)))
    func `Schedules start as many iterations as JMeter itself says they do`() async throws {
        var random = SeededGenerator(state: 11)
        var schedules: [String] = []
        for _ in 0..<24 {
            var words: [String] = []
            for _ in 0..<Int.random(in: 2...6, using: &random) {
                let rate = Double(Int.random(in: 0...400, using: &random)) / 8
                switch Int.random(in: 0...6, using: &random) {
                case 0: words.append("pause(0.25 s)")
                case 1: words.append("even_arrivals(500 ms)")
                case 2: words.append("Random_Arrivals(0.01 min) /* rate(9/s) */")
                case 3: words.append("rate(\(rate * 60)/min)")
                case 4: words.append("rate(0)")
                default: words.append("rate(\(rate) per second)")
                }
            }
            schedules.append(words.joined(separator: " "))
        }
        let body = schedules.map {
            PlanText.openModel($0, children: PlanText.sampler("open"))
        }.joined()
        let made = try await run(PlanText.plan(body), workers: 1)
        var expected: [Int] = []
        for schedule in schedules {
            expected += try #require(OpenModelSchedule(schedule), "\(schedule)").stretchArrivals
        }
        #expect(arrivals(made).sorted() == expected.filter { $0 > 0 }.sorted())
    }

    // MARK: - Rates

    @Test(
        .enabled(if: isCampaign, "a campaign: LOADFLEET_CAMPAIGN=1"), .timeLimit(.minutes(30)),
        arguments: [1, 2, 3, 4, nil])
    func `Rates of Constant Throughput Timers and of the fleet hold within 2 %`(
        mode: Int?
    ) async throws {
        let seconds = 60
        let timer = mode.map { PlanText.constant(perMinute: "1200", mode: $0) }
        let text = PlanText.plan(
            timed(
                "paced", threads: 8, seconds: seconds,
                children: (timer ?? "") + PlanText.sampler("paced", milliseconds: 20)))
        for workers in [1, 3, 7] {
            let fleet = try await run(text, workers: workers, rps: mode == nil ? "20" : nil)
            let starts = try #require(fleet.starts["paced"]).sorted()
            // The JVMs don't start at the same moment here: only the time all of them run counts.
            let from = starts[0] + 5000
            let to = starts[0] + seconds * 1000 - 5000
            let rate =
                Double(starts.count { (from..<to).contains($0) }) * 1000 / Double(to - from)
            #expect(abs(rate - 20) <= 0.4, "mode \(mode ?? 0) on \(workers): \(rate)/s")
        }
    }
}
