// What an owner is told about a plan on a fleet; the fleet's own rate; where setUp groups run.
import JMeter
import Testing

struct FleetNotesTests {
    private func notes(
        _ body: String, workers: Int = 3, setup: SetupPolicy? = nil, rps: String? = nil
    ) throws -> [PlanNote] {
        try PlanText.read(PlanText.plan(body)).dealt(
            ShareOut(workers: workers, setup: setup, rps: rps)
        ).notes
    }

    @Test(arguments: [
        ("SyncTimer", "", "gathers all threads of its own worker"),
        ("SyncTimer", "<intProp name=\"groupSize\">3</intProp>", "gathers 3 threads of its own"),
        (
            "SyncTimer", "<intProp name=\"groupSize\">4</intProp>",
            "worker 2 has 3: there they wait for ever"
        ),
        (
            "SyncTimer",
            "<stringProp name=\"groupSize\">${__P(n,10)}</stringProp>"
                + "<longProp name=\"timeoutInMs\">500</longProp>",
            "worker 2 has 3: there they wait 500 ms"
        ),
        ("CriticalSectionController", "", "own worker only"),
        ("kg.apc.jmeter.modifiers.FifoPopPreProcessor", "", "own worker only"),
        ("CounterConfig", "", "numbers repeat"),
        ("BackendListener", "", "not the fleet's"),
        ("kg.apc.jmeter.perfmon.PerfMonCollector", "", "3 times as often"),
        ("JDBCDataSource", "", "pool"),
        ("TestAction", "<intProp name=\"ActionProcessor.target\">2</intProp>", "own worker only"),
    ])
    func `What a JVM has to itself is said on a fleet, and not on one worker`(
        kind: String, properties: String, words: String
    ) throws {
        let body = PlanText.group(
            "g", threads: "10", children: PlanText.element(kind, "it", properties))
        let found = try notes(body)
        #expect(found.count == 1)
        #expect(found.first?.level == .warning)
        #expect(found.first?.line == 19)
        #expect(found.first?.text.contains("'it'") == true)
        #expect(found.first?.text.contains(words) == true, "\(found.map(\.text))")
        #expect(try notes(body, workers: 1).isEmpty)
    }

    @Test func `A setUp group that sets a property is warned about unless it runs on all`() throws {
        let body =
            PlanText.group(
                "login", threads: "1", kind: "SetupThreadGroup",
                children: PlanText.element(
                    "JSR223Sampler", "token",
                    "<stringProp name=\"script\">props.put('t', 1)</stringProp>"))
            + PlanText.group("g", threads: "10")
        #expect(try notes(body).contains { $0.text.contains("run with --setup all") })
        #expect(try notes(body, setup: .all).isEmpty)
    }

    @Test func `A setUp group runs as written where it runs`() throws {
        let plan = try PlanText.read(
            PlanText.plan(
                PlanText.group(
                    "before", threads: "5", kind: "SetupThreadGroup",
                    children: PlanText.constant(perMinute: "90", mode: 3))
                    + PlanText.group("g", threads: "4")))
        let all = try plan.dealt(ShareOut(workers: 2, setup: .all))
        #expect((0..<2).map { all.groups(of: $0).map(\.threads) } == [[5, 2], [5, 2]])
        let once = try plan.dealt(ShareOut(workers: 2))
        for (dealt, worker) in [(all, 0), (all, 1), (once, 0)] {
            let text = String(decoding: dealt.plan(of: worker).bytes, as: UTF8.self)
            #expect(text.contains("<stringProp name=\"throughput\">90<"))
            #expect(!text.contains("enabled=\"false\""))
        }
        let perWorker = try plan.dealt(ShareOut(workers: 2, perWorker: true, setup: .once))
        #expect((0..<2).map { perWorker.groups(of: $0).map(\.threads) } == [[5, 4], [0, 4]])
    }

    @Test func `A timer over all groups that gives each its rate is warned about`() throws {
        let groups = PlanText.group("a", threads: "10") + PlanText.group("b", threads: "1")
        for mode in 1...4 {
            let found = try notes(PlanText.constant(perMinute: "60", mode: mode) + groups)
            let isSaid = found.contains { $0.text.contains("gives each group") }
            #expect(isSaid == [2, 4].contains(mode))
        }
    }

    @Test func `A group of an unknown kind is warned about`() throws {
        let strange = PlanText.group("s", threads: "4", kind: "com.example.WaveThreadGroup")
        #expect(try notes(strange).first?.text.contains("WaveThreadGroup") == true)
    }

    @Test func `Rates are shown with what each worker gets of them`() throws {
        let body =
            PlanText.group("a", threads: "2", children: PlanText.constant(perMinute: "9", mode: 0))
            + PlanText.group(
                "b", threads: "4", children: PlanText.constant(perMinute: "9", mode: 4))
        let plan = try PlanText.read(PlanText.plan(body))
        let figures = try plan.dealt(ShareOut(workers: 3)).overview.figures
        #expect(figures.map(\.unit) == ["samples/min", "samples/min of each thread"])
        // Two threads fall to the first two workers; the next group goes on with the third.
        #expect(figures.map(\.shares) == [["2.25", "2.25", "4.5"], ["9", "9", nil]])
        #expect(figures.map(\.total) == ["9", "9"])
    }

    // MARK: - The fleet's rate

    @Test func `The fleet's rate takes the place of all throughput timers, in proportion`() throws {
        let original = PlanText.plan(
            PlanText.constant(perMinute: "${unknown}", mode: 1)
                + PlanText.group(
                    "a", threads: "5",
                    children: PlanText.precise(throughput: "9", period: 1, duration: 60, batch: 1)))
        let plan = try PlanText.read(original)
        let dealt = try plan.dealt(ShareOut(workers: 2, rps: "100"))
        let texts = (0..<2).map { String(decoding: dealt.plan(of: $0).bytes, as: UTF8.self) }
        for (text, rate) in zip(texts, ["3600", "2400"]) {
            #expect(text.contains("testname=\"pace\" enabled=\"false\""))
            #expect(text.contains("testname=\"precise\" enabled=\"false\""))
            let timer =
                "testname=\"--rps\"><intProp name=\"calcMode\">3</intProp>"
                + "<stringProp name=\"throughput\">\(rate)</stringProp>"
            #expect(text.contains(timer))
            _ = try PlanText.read(text)
        }
        #expect(dealt.notes.count { $0.text.contains("--rps 100 takes its place") } == 2)
        let one = try plan.dealt(ShareOut(workers: 1, rps: "100")).plan(of: 0)
        #expect(String(decoding: one.bytes, as: UTF8.self).contains(">6000<"))
        let remote = try plan.sharedByProperty(ShareOut(workers: 2, rps: "100"))
        #expect(remote.properties.map { $0["loadfleet.share.rps"] } == ["3600", "2400"])
        #expect(
            String(decoding: remote.bytes, as: UTF8.self).contains(
                "<stringProp name=\"throughput\">${__P(loadfleet.share.rps)}<"))
    }

    @Test func `A rate that is none is refused, and arrivals are warned about`() throws {
        for rate in ["0", "-1", "fast", ""] {
            #expect(fault { _ = try notes("", rps: rate) }?.cause == .share)
        }
        let found = try notes(PlanText.openModel("rate(9/s) even_arrivals(1 min)"), rps: "5")
        #expect(found.contains { $0.text.contains("but not make more of them") })
    }
}
