// The share-out: sums that hold, and bytes that stay.
import JMeter
import Testing

/// The text of one worker's plan.
private func text(_ plan: Plan, _ deal: ShareOut, worker: Int) throws -> String {
    String(decoding: try plan.shared(deal, worker: worker).bytes, as: UTF8.self)
}

/// All values of the properties called `name` in a plan's text.
private func values(_ name: String, in text: String) -> [String] {
    text.split(separator: "name=\"\(name)\">").dropFirst().map { String($0.prefix { $0 != "<" }) }
}

struct SharingTests {
    @Test func `One worker's plan is the owner's plan to the byte`() throws {
        for text in [
            PlanText.plan(PlanText.group("a", threads: "${__P(threads,9)}")),
            PlanText.plan(PlanText.group("ä — ö", threads: "3")).replacing("\n", with: "\r\n"),
            PlanText.plan(
                PlanText.element(
                    "JSR223Sampler", "s", "<stringProp name=\"script\"><![CDATA[a<b]]></stringProp>"
                )
                    + PlanText.group("a", threads: "3", kind: "SetupThreadGroup")),
        ] {
            let plan = try PlanText.read(text)
            #expect(try plan.shared(ShareOut(workers: 1), worker: 0).bytes == Array(text.utf8))
            let each = ShareOut(workers: 4, perWorker: true)
            #expect(try plan.shared(each, worker: 3).bytes == Array(text.utf8))
        }
    }

    @Test func `A gate is one variable before all else, and only where a plan has something`()
        throws
    {
        let original = PlanText.plan(PlanText.group("a", threads: "3"))
        let plan = try PlanText.read(original)
        let gated = try plan.shared(ShareOut(workers: 1), worker: 0, gate: ".loadfleet/start")
        #expect(gated.isGated)
        let text = String(decoding: gated.bytes, as: UTF8.self)
        let start = try #require(text.firstRange(of: "<Arguments guiclass"))
        let end = try #require(text.firstRange(of: "</Arguments><hashTree/>"))
        #expect(text[..<start.lowerBound] + text[end.upperBound...] == original[...])
        #expect(
            text[start.lowerBound..<end.upperBound].contains("${__FileToString(.loadfleet/start)}"))
        // It is the first of what stands in the plan, so nothing is read before it.
        #expect(!text[..<start.lowerBound].contains("ThreadGroup"))
        #expect(try PlanText.read(text).threadGroups(properties: [:]).map(\.threads) == [3])
        let rated = try plan.shared(ShareOut(workers: 1, rps: "5"), worker: 0, gate: "x")
        #expect(rated.isGated)
        #expect(rated.samplesPerSecond == 5)
        #expect(try !plan.shared(ShareOut(workers: 1), worker: 0).isGated)
    }

    @Test func `Only the number of threads differs between the owner's plan and a share`() throws {
        let original = PlanText.plan(
            PlanText.group("ü", threads: "${__P(threads,10)}", children: PlanText.sampler("s")))
        let plan = try PlanText.read(original)
        let shared = try text(plan, ShareOut(workers: 3), worker: 0)
        #expect(shared == original.replacing("${__P(threads,10)}", with: "4"))
    }

    @Test func `Shares of any total over any fleet add up, and differ by one at most`() throws {
        for total in [0, 1, 2, 5, 7, 100, 101, 9999] {
            let plan = try PlanText.read(PlanText.plan(PlanText.group("g", threads: "\(total)")))
            for workers in 1...12 {
                let deal = ShareOut(workers: workers)
                let shares = try (0..<workers).map { try plan.shared(deal, worker: $0).threads }
                #expect(shares.reduce(0, +) == total)
                #expect((shares.max() ?? 0) - (shares.min() ?? 0) <= 1)
                #expect(shares == shares.sorted(by: >))
                let remote = try plan.sharedByProperty(deal).groups.map { $0[0].threads }
                #expect(remote == shares)
            }
        }
    }

    @Test func `A group without a share is switched off, with or without an enabled attribute`()
        throws
    {
        for flag in [true, nil] {
            let plan = try PlanText.read(
                PlanText.plan(PlanText.group("g", threads: "1", enabled: flag)))
            let deal = ShareOut(workers: 2)
            let first = try text(plan, deal, worker: 0)
            let second = try text(plan, deal, worker: 1)
            #expect(!first.contains("testname=\"g\" enabled=\"false\""))
            #expect(second.contains("testname=\"g\" enabled=\"false\">"))
            #expect(try PlanText.read(second).threadGroups(properties: [:])[0].isEnabled == false)
            #expect(
                try plan.shared(deal, worker: 1).notes.map(\.text) == [
                    "'g' has fewer threads than there are workers: it runs on 1 of 2"
                ])
        }
    }

    @Test func `setUp and tearDown groups run on the first worker only`() throws {
        let plan = try PlanText.read(
            PlanText.plan(
                PlanText.group("before", threads: "3", kind: "SetupThreadGroup")
                    + PlanText.group("load", threads: "4")
                    + PlanText.group("after", threads: "1", kind: "PostThreadGroup")))
        let deal = ShareOut(workers: 2)
        let shared = try (0..<2).map { try plan.shared(deal, worker: $0) }
        #expect(shared.map { $0.groups.map(\.threads) } == [[3, 2, 1], [0, 2, 0]])
        #expect(
            shared[0].notes.map(\.text) == [
                "'before' runs on the first worker only, and the others don't wait for it",
                "'after' runs on the first worker only, when that has ended",
            ])
        #expect(shared[1].threads == 2)
    }

    @Test func `Disabled groups are left as they are`() throws {
        let plan = try PlanText.read(
            PlanText.plan(
                PlanText.group("off", threads: "${nowhere}", enabled: false)
                    + PlanText.group("on", threads: "2")))
        #expect(try text(plan, ShareOut(workers: 2), worker: 0).contains("${nowhere}"))
    }

    @Test func `Listeners that write files are switched off everywhere, others stay`() throws {
        let plan = try PlanText.read(
            PlanText.plan(
                PlanText.group("g", threads: "1")
                    + PlanText.element(
                        "ResultCollector", "to file",
                        "<stringProp name=\"filename\">/tmp/a</stringProp>")
                    + PlanText.element(
                        "ResultCollector", "tree", "<stringProp name=\"filename\"></stringProp>")))
        let shared = try plan.shared(ShareOut(workers: 1), worker: 0)
        let result = String(decoding: shared.bytes, as: UTF8.self)
        #expect(result.contains("testname=\"to file\" enabled=\"false\">"))
        #expect(result.contains("testname=\"tree\">"))
        #expect(shared.notes.count == 1)
    }
}

struct SharedElementTests {
    /// The values of `property` of one element inside a group of 4 threads, per worker of two.
    private func shares(
        _ kind: String, _ properties: String, _ property: String, threads: String = "4"
    ) throws -> [[String]] {
        let plan = try PlanText.read(
            PlanText.plan(
                PlanText.group(
                    "g", threads: threads, children: PlanText.element(kind, "e", properties))))
        return try (0..<2).map {
            values(property, in: try text(plan, ShareOut(workers: 2), worker: $0))
        }
    }

    @Test func `Rates of all threads are divided, rates of one thread are not`() throws {
        let rate = "<doubleProp><name>throughput</name><value>60.5</value></doubleProp>"
        for (mode, expected) in [(0, "60.5"), (1, "30.25"), (2, "30.25"), (4, "30.25")] {
            let plan = try PlanText.read(
                PlanText.plan(
                    PlanText.group(
                        "g", threads: "4",
                        children: PlanText.element(
                            "ConstantThroughputTimer", "t",
                            "<intProp name=\"calcMode\">\(mode)</intProp>" + rate))))
            #expect(
                try text(plan, ShareOut(workers: 2), worker: 1).contains(
                    "<value>\(expected)</value>"))
        }
    }

    @Test func `A rate is dealt only among the workers on which its group runs`() throws {
        let timer =
            "<intProp name=\"calcMode\">1</intProp><stringProp name=\"throughput\">90</stringProp>"
        let one = try shares("ConstantThroughputTimer", timer, "throughput", threads: "1")
        #expect(one == [["90"], ["90"]])
        let many = try shares("ConstantThroughputTimer", timer, "throughput", threads: "8")
        #expect(many == [["45"], ["45"]])
    }

    @Test func `Precise timers are divided and get different seeds`() throws {
        let properties =
            "<stringProp name=\"throughput\">9</stringProp>"
            + "<stringProp name=\"randomSeed\">7</stringProp>"
        #expect(
            try shares("PreciseThroughputTimer", properties, "throughput") == [["5"], ["4"]])
        #expect(try shares("PreciseThroughputTimer", properties, "randomSeed") == [["7"], ["8"]])
    }

    @Test func `A throughput controller's total executions are dealt out, percentages are not`()
        throws
    {
        func controller(style: Int, perThread: Bool) -> String {
            """
            <intProp name="ThroughputController.style">\(style)</intProp>
            <boolProp name="ThroughputController.perThread">\(perThread)</boolProp>
            <intProp name="ThroughputController.maxThroughput">5</intProp>
            """
        }
        let name = "ThroughputController.maxThroughput"
        let kind = "ThroughputController"
        #expect(try shares(kind, controller(style: 0, perThread: false), name) == [["3"], ["2"]])
        #expect(try shares(kind, controller(style: 0, perThread: true), name) == [["5"], ["5"]])
        #expect(try shares(kind, controller(style: 1, perThread: false), name) == [["5"], ["5"]])
    }

    @Test func `Tables of plug-in groups and timers are dealt out by position`() throws {
        let row = { (cells: [Int]) in
            "<collectionProp name=\"1\">"
                + cells.map { "<stringProp name=\"9\">\($0)</stringProp>" }.joined()
                + "</collectionProp>"
        }
        let ultimate = PlanText.plan(
            PlanText.element(
                "kg.apc.jmeter.threads.UltimateThreadGroup", "u",
                "<collectionProp name=\"ultimatethreadgroupdata\">\(row([5, 0, 30, 60, 10]))"
                    + "\(row([1, 9, 9, 9, 9]))</collectionProp>"))
        let plan = try PlanText.read(ultimate)
        let cells = try (0..<2).map {
            values("9", in: try text(plan, ShareOut(workers: 2), worker: $0))
        }
        #expect(
            cells == [
                ["3", "0", "30", "60", "10"],
                ["2", "0", "30", "60", "10", "1", "9", "9", "9", "9"],
            ])
        #expect(try plan.threadGroups(properties: [:])[0].threads == 6)
        #expect(fault { _ = try plan.sharedByProperty(ShareOut(workers: 2)) }?.cause == .share)
        #expect(try plan.sharedByProperty(ShareOut(workers: 1)).properties == [[:]])

        let shaping = PlanText.element(
            "kg.apc.jmeter.timers.VariableThroughputTimer", "t",
            "<collectionProp name=\"load_profile\">\(row([100, 50, 60]))</collectionProp>")
        let timed = try PlanText.read(
            PlanText.plan(PlanText.group("g", threads: "2", children: shaping)))
        #expect(
            try values("9", in: text(timed, ShareOut(workers: 2), worker: 0)) == ["50", "25", "60"])
    }

    @Test func `Concurrency, arrivals and stepping groups are dealt out`() throws {
        let plan = try PlanText.read(
            PlanText.plan(
                PlanText.element(
                    "com.blazemeter.jmeter.threads.concurrency.ConcurrencyThreadGroup", "c",
                    "<stringProp name=\"TargetLevel\">5</stringProp>")
                    + PlanText.element(
                        "com.blazemeter.jmeter.threads.arrivals.ArrivalsThreadGroup", "a",
                        "<stringProp name=\"TargetLevel\">5</stringProp>"
                            + "<stringProp name=\"ConcurrencyLimit\"></stringProp>")
                    + PlanText.element(
                        "kg.apc.jmeter.threads.SteppingThreadGroup", "s",
                        "<stringProp name=\"ThreadGroup.num_threads\">7</stringProp>"
                            + "<stringProp name=\"Start users count\">1</stringProp>")))
        let deal = ShareOut(workers: 2)
        let plans = try (0..<2).map { try text(plan, deal, worker: $0) }
        #expect(plans.map { values("TargetLevel", in: $0) } == [["3", "2.5"], ["2", "2.5"]])
        #expect(plans.map { values("ThreadGroup.num_threads", in: $0) } == [["3"], ["4"]])
        #expect(plans.map { values("Start users count", in: $0) } == [["1"], ["1"]])
        let remote = try plan.sharedByProperty(deal)
        #expect(
            remote.properties == [
                ["loadfleet.share.0": "3", "loadfleet.share.2": "3"],
                ["loadfleet.share.0": "2", "loadfleet.share.2": "4"],
            ])
    }

    @Test func `The rates of an open model's schedule are divided, its times are not`() throws {
        let schedule =
            "rate(10/sec) random_arrivals(10 min) /* rate(9/s) */ rate(4 per min) pause(2s)"
        let plan = try PlanText.read(
            PlanText.plan(
                PlanText.element(
                    "OpenModelThreadGroup", "o",
                    "<stringProp name=\"OpenModelThreadGroup.schedule\">\(schedule)</stringProp>")))
        let shared = try text(plan, ShareOut(workers: 4), worker: 2)
        #expect(
            values("OpenModelThreadGroup.schedule", in: shared) == [
                "rate(2.5/sec) random_arrivals(10 min) /* rate(9/s) */ rate(1 per min) pause(2s)"
            ])
        #expect(try plan.threadGroups(properties: [:])[0].kind == .arrivals)
    }

    @Test func `In remote mode a number that differs becomes a property, whatever its form`() throws
    {
        let group = PlanText.group("g", threads: "3")
            .replacing(
                "stringProp name=\"ThreadGroup.num_threads\">3</stringProp",
                with: "intProp name=\"ThreadGroup.num_threads\">3</intProp")
        let plan = try PlanText.read(PlanText.plan(group))
        let remote = try plan.sharedByProperty(ShareOut(workers: 2))
        #expect(
            String(decoding: remote.bytes, as: UTF8.self).contains(
                "<stringProp name=\"ThreadGroup.num_threads\">${__P(loadfleet.share.0)}</stringProp>"
            ))
        #expect(remote.properties == [["loadfleet.share.0": "2"], ["loadfleet.share.0": "1"]])
    }
}
