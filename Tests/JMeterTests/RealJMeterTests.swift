// Plans of ours on a real JMeter: what the rest of these tests only assumes.
import FoundationEssentials
import Glibc
import JMeter
import Testing

@Suite(.enabled(if: fetchedJMeter != nil && installedJava != nil), .serialized)
struct RealJMeterTests {
    private let scratch: Scratch
    private let machine: JMeterMachine

    init() throws {
        scratch = try Scratch()
        machine = JMeterMachine(
            java: try #require(installedJava), installation: try #require(fetchedJMeter),
            heapMebibytes: 256)
    }

    private func start(_ launch: JMeterLaunch) throws -> Child {
        let properties = URL(filePath: "\(launch.workingFolder)/\(launch.propertiesPath)")
        try Data(launch.propertiesText.utf8).write(to: properties)
        return try Child(
            [launch.executable] + launch.arguments, environment: ["PATH=/usr/bin:/bin"],
            folder: launch.workingFolder, output: "\(launch.workingFolder)/console.txt")
    }

    private func labels(_ folder: String) throws -> [String] {
        try scratch.read("\(folder)/samples.jtl").split(separator: "\n").dropFirst().map {
            String($0.split(separator: ",", omittingEmptySubsequences: false)[2])
        }
    }

    private func plan() throws -> (plan: Plan, files: [DataFile]) {
        let rows = (1...20).map { "\"row \($0)\"\n" }.joined()
        try scratch.write("users.csv", "user\n" + rows)
        let group = PlanText.group(
            "load", threads: "${__P(threads)}", loops: 4,
            children: PlanText.csv("users.csv") + PlanText.sampler("${user}-${__P(word)}"))
        let setUp = PlanText.group(
            "once", threads: "1", kind: "SetupThreadGroup", children: PlanText.sampler("set up"))
        let plan = try PlanText.read(PlanText.plan(setUp + group), path: "\(scratch.path)/plan.jmx")
        let files = try plan.dataFiles(properties: [:], workingFolder: scratch.path)
        return (plan, files)
    }

    /// What two workers of 5 threads x 4 loops must bring: every row once, the set-up once.
    private var expected: [String] {
        ((1...20).map { "row \($0)-two words" } + ["set up"]).sorted()
    }

    @Test(.timeLimit(.minutes(15)))
    func `Two shares of a plan, alone, use every row once`() async throws {
        let (plan, files) = try plan()
        let run = try RunProperties(overrides: [("threads", "5"), ("word", "two words")])
        let deal = ShareOut(workers: 2, properties: run.values)
        let folders = (0..<2).map { "\(scratch.path)/worker-\($0)" }
        for index in 0..<2 {
            let shared = try plan.shared(deal, worker: index, files: files)
            try scratch.write(
                "worker-\(index)/plan.jmx", String(decoding: shared.bytes, as: UTF8.self))
        }
        // Five threads are 3 and 2, of 4 loops each: they need 12 and 8 rows.
        let weights = try plan.threads(reading: files[0], deal)
        #expect(
            try files[0].split(to: folders.map { $0 + "/users.csv" }, weights: weights) == [12, 8])
        for index in 0..<2 {
            let launch = JMeterLaunch.standalone(
                machine, files: JMeterFiles(folder: folders[index]), run: run,
                place: WorkerPlace(index: index, count: 2))
            let code = try await start(launch).exitCode(within: 240)
            #expect(code == 0)
            let lines = try scratch.read("worker-\(index)/console.txt").split(separator: "\n")
            let events = lines.compactMap { JMeterConsole.event(of: String($0)) }
            #expect(events.contains(.endOfRun))
            #expect(
                events.contains { if case .listening(4445...4545) = $0 { true } else { false } })
        }
        let found = try labels("worker-0") + labels("worker-1")
        #expect(found.sorted() == expected)
        let header = try scratch.read("worker-0/samples.jtl").prefix { $0 != "\n" }
        #expect(
            header == "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,"
                + "success,failureMessage,bytes,sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect"
        )
    }

    @Test(.timeLimit(.minutes(15)))
    func `Two servers over TLS get their shares by property`() async throws {
        let (plan, files) = try plan()
        let run = try RunProperties(overrides: [("threads", "5"), ("word", "two words")])
        let shared = try plan.sharedByProperty(
            ShareOut(workers: 2, properties: run.values), files: files)
        let folders = ["server-0", "server-1", "client"]
        for folder in folders {
            try scratch.write("\(folder)/plan.jmx", String(decoding: shared.bytes, as: UTF8.self))
        }
        let shards = folders.prefix(2).map { "\(scratch.path)/\($0)/users.csv" }
        _ = try files[0].split(to: shards, weights: [3, 2])
        let remote = try await keystore()
        // Below the ports that the system gives out, and others for each test process.
        let first = 20_000 + Int(getpid()) % 2_500 * 4
        let ports = [first, first + 2]
        let servers = try (0..<2).map { index in
            try start(
                .server(
                    machine, files: JMeterFiles(folder: "\(scratch.path)/server-\(index)"),
                    run: run,
                    place: WorkerPlace(index: index, count: 2), shares: shared.properties[index],
                    remote: remote, port: ports[index], enginePort: ports[index] + 1))
        }
        for index in 0..<2 { try await waitForServer(index) }
        let client = try start(
            .client(
                machine, files: JMeterFiles(folder: "\(scratch.path)/client"), run: run,
                servers: ports.map { "127.0.0.1:\($0)" }, remote: remote))
        let code = try await client.exitCode(within: 240)
        let console = try scratch.read("client/console.txt")
        #expect(code == 0, "\(console)")
        #expect(console.contains("... end of run"), "\(console)")
        let found = try labels("client")
        #expect(found.sorted() == expected)
        for server in servers { #expect(try await server.exitCode(within: 60) == 0) }
        #expect(shared.groups.map { $0.map(\.threads) } == [[1, 3], [0, 2]])
    }

    private func keystore() async throws -> RemoteSettings {
        let password = try scratch.write("password", "secret of a test")
        let settings = RemoteSettings(
            hostname: "127.0.0.1", keystore: "\(scratch.path)/keystore.p12",
            password: "secret of a test")
        let tool = RemoteSettings.keytool(
            machine.java, keystore: settings.keystore, passwordFile: password, days: 2)
        let child = try Child(
            [tool.executable] + tool.arguments, environment: [], folder: scratch.path,
            output: "\(scratch.path)/keytool.txt")
        #expect(try await child.exitCode(within: 60) == 0)
        return settings
    }

    private func waitForServer(_ index: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(180)
        while ContinuousClock.now < deadline {
            let log = try? scratch.read("server-\(index)/jmeter.log")
            if JMeterLog.saysServerIsReady(log ?? "") { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("server \(index) was not ready in time")
    }
}
