// Shares that add up: rates to the last digit, arrivals and events to the last one.
import FoundationEssentials
import Testing

@testable import JMeter

/// Whether the long forms of tests run.
let isCampaign = ProcessInfo.processInfo.environment["LOADFLEET_CAMPAIGN"] == "1"

struct ExactShareTests {
    @Test func `Shares of any rate by any weights add up to it, and keep its proportions`() throws {
        var random = SeededGenerator(state: 6)
        for _ in 0..<3000 {
            let digits = Int.random(in: 0...999_999, using: &random)
            let places = Int.random(in: 0...6, using: &random)
            let text = places == 0 ? "\(digits)" : "\(digits)e-\(places)"
            let weights = (0..<Int.random(in: 1...9, using: &random)).map { _ in
                Int.random(in: 0...1000, using: &random)
            }
            let sum = weights.reduce(0, +)
            guard sum > 0 else { continue }
            let shares = try #require(ExactDecimal(text)).shares(by: weights).map(\.text)
            let total = try #require(Decimal(string: text))
            let parts = try shares.map { try #require(Decimal(string: $0)) }
            #expect(parts.reduce(0, +) == total, "\(text) by \(weights): \(shares)")
            for (part, weight) in zip(parts, weights) {
                let off = part * Decimal(sum) - total * Decimal(weight)
                #expect(abs(off) <= total / 1_000_000)
            }
        }
    }

    @Test(arguments: [
        ("12", "12"), ("0.50", "0.5"), (".5", "0.5"), ("5.", "5"), ("1.2e-3", "0.0012"),
        ("3E2", "300"), ("0", "0"), ("0.0", "0"),
    ])
    func `Numbers are read as JMeter reads them, and written without exponent`(
        text: String, written: String
    ) { #expect(ExactDecimal(text)?.text == written) }

    @Test(arguments: ["", ".", "-1", "1,5", " 1", "1e", "1e99", "NaN", "0x1", "1.2.3", "9e18"])
    func `What is no number is none`(text: String) { #expect(ExactDecimal(text) == nil) }

    @Test func `Whole shares add up, and none exceeds its quota rounded up`() {
        var random = SeededGenerator(state: 7)
        for _ in 0..<3000 {
            let weights = (0..<Int.random(in: 1...12, using: &random)).map { _ in
                Int.random(in: 0...50, using: &random)
            }
            let total = Int.random(in: 0...10_000, using: &random)
            let shares = Dealing.whole(total, by: weights)
            #expect(shares.reduce(0, +) == total)
            let sum = weights.reduce(0, +)
            guard sum > 0 else { continue }
            for (share, weight) in zip(shares, weights) {
                #expect(share <= (total * weight + sum - 1) / sum && share >= total * weight / sum)
            }
        }
    }

    @Test func `A precise timer's events add up on any number of workers`() throws {
        var random = SeededGenerator(state: 8)
        for _ in 0..<(isCampaign ? 5_000 : 60) {
            let throughput = Double(Int.random(in: 1...99_999, using: &random)) / 100
            let period = [1, 60, 3600].randomElement(using: &random) ?? 1
            let duration = Int.random(in: 1...4000, using: &random)
            let batch = Int.random(in: 1...3, using: &random)
            // As the timer's source has it.
            func events(_ text: String) throws -> Int {
                var rate = try #require(Double(text)) / Double(period)
                if batch > 1 { rate /= Double(batch) }
                return Int((rate * Double(duration)).rounded(.up))
            }
            let plan = try PlanText.read(
                PlanText.plan(
                    PlanText.group(
                        "g", threads: "70",
                        children: PlanText.precise(
                            throughput: "\(throughput)", period: period, duration: duration,
                            batch: batch))))
            let total = try events("\(throughput)")
            for workers in [1, 3, 7] {
                guard total >= workers else {
                    let error = fault { _ = try plan.dealt(ShareOut(workers: workers)) }
                    #expect(error?.cause == .share)
                    #expect(error?.line == 19)
                    continue
                }
                let shares = try plan.texts("throughput", workers: workers)
                #expect(try shares.reduce(0) { try $0 + events($1) } == total)
                let sum = try shares.reduce(0.0) { try $0 + #require(Double($1)) }
                #expect(abs(sum - throughput) <= throughput / 1000)
            }
        }
    }

    @Test func `The arrivals of each stretch of an open model add up on any number of workers`()
        throws
    {
        var random = SeededGenerator(state: 9)
        let units = ["/sec", "/min", " per hour", "/s", "/ M"]
        for _ in 0..<(isCampaign ? 50_000 : 200) {
            var words: [String] = []
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let number = Double(Int.random(in: 0...400, using: &random)) / 4
                switch Int.random(in: 0...5, using: &random) {
                case 0: words.append("pause(\(Int.random(in: 0...9, using: &random)) s)")
                case 1, 2:
                    let unit = units.randomElement(using: &random) ?? ""
                    words.append("rate(\(number)\(unit))")
                case 3: words.append("even_arrivals(\(number) s)")
                case 4: words.append("/* rate(1/s) */ RANDOM_ARRIVALS(1 min 30s) // x\n")
                default: words.append("random_arrivals(\(number) min)")
                }
            }
            let text = words.joined(separator: " ")
            let schedule = try #require(OpenModelSchedule(text), "\(text)")
            for workers in [1, 3, 7] {
                let turns = Turns(first: workers / 2, workers: workers)
                let shares = schedule.shares(by: turns)
                let parts = try shares.map {
                    try #require(OpenModelSchedule($0.text), "\($0.text)")
                }
                #expect(parts.map(\.arrivals) == shares.map(\.arrivals))
                #expect(parts.reduce(0) { $0 + $1.arrivals } == schedule.arrivals, "\(text)")
                for (stretch, count) in schedule.stretchArrivals.enumerated() {
                    let counts = parts.map { $0.stretchArrivals[stretch] }
                    #expect(counts.reduce(0, +) == count, "\(text)")
                    #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1)
                }
            }
        }
    }

    @Test(arguments: [
        "", "rate(1/s) arrivals(1 s)", "rate(1)", "rate(1/fortnight)", "rate(-1/s)", "rate(1e3/s)",
        "rate(1/s) random_arrivals(5)", "rate(1/s", "random_arrivals()", "rate(1/s) concurrency(5)",
    ])
    func `A schedule JMeter would not understand is refused with its line`(text: String) throws {
        let plan = try PlanText.read(PlanText.plan(PlanText.openModel(text)))
        guard !text.isEmpty else { return }
        let error = fault { _ = try plan.dealt(ShareOut(workers: 2)) }
        #expect(error?.cause == .unresolved)
        #expect(error?.line == 11)
        #expect(error?.message.contains("no schedule") == true)
    }

    @Test func `A group whose arrivals all fall to others is left out`() throws {
        let plan = try PlanText.read(
            PlanText.plan(PlanText.openModel("rate(2/s) even_arrivals(1 s)")))
        let dealt = try plan.dealt(ShareOut(workers: 3))
        let enabled = (0..<3).map {
            !String(decoding: dealt.plan(of: $0).bytes, as: UTF8.self).contains("enabled=\"false\"")
        }
        #expect(enabled == [true, true, false])
        #expect(dealt.notes.map(\.text).contains { $0.contains("it runs on 2 of 3") })
        // A number alone is a trial of so many iterations.
        let trial = try PlanText.read(PlanText.plan(PlanText.openModel("5")))
        #expect(try trial.texts("OpenModelThreadGroup.schedule", workers: 3) == ["2", "2", "1"])
    }

    @Test func `What belongs to threads is dealt in proportion to them`() throws {
        func timer(_ mode: Int) -> String {
            PlanText.constant(perMinute: "90", mode: mode)
        }
        // 5 threads on 2 workers are 3 and 2; the next group's odd thread falls to the second.
        func plan(_ inGroup: String, _ overAll: String = "") throws -> Plan {
            try PlanText.read(
                PlanText.plan(
                    overAll + PlanText.group("a", threads: "5", children: inGroup)
                        + PlanText.group("b", threads: "1")))
        }
        #expect(try plan(timer(2)).texts("throughput", workers: 2) == ["54", "36"])
        #expect(try plan(timer(3)).texts("throughput", workers: 2) == ["54", "36"])
        // Mode 1 paces by all threads of the JVM, 3 on each.
        #expect(try plan(timer(1)).texts("throughput", workers: 2) == ["45", "45"])
        #expect(try plan("", timer(3)).texts("throughput", workers: 2) == ["45", "45"])
        let controller = PlanText.element(
            "ThroughputController", "t",
            """
            <intProp name="ThroughputController.style">0</intProp>
            <boolProp name="ThroughputController.perThread">false</boolProp>
            <intProp name="ThroughputController.maxThroughput">10</intProp>
            """)
        let name = "ThroughputController.maxThroughput"
        #expect(try plan(controller).texts(name, workers: 2) == ["6", "4"])
    }

    @Test func `Small groups go round the workers`() throws {
        let body = (1...7).map { PlanText.group("g\($0)", threads: "1") }.joined()
        let dealt = try PlanText.read(PlanText.plan(body)).dealt(ShareOut(workers: 3))
        let sums = (0..<3).map { dealt.groups(of: $0).reduce(0) { $0 + $1.threads } }
        #expect(sums == [3, 2, 2])
    }

    @Test func `A property that takes the place of a table is refused`() throws {
        let timer = PlanText.element(
            "kg.apc.jmeter.timers.VariableThroughputTimer", "t",
            "<collectionProp name=\"load_profile\"/>")
        let plan = try PlanText.read(
            PlanText.plan(PlanText.group("g", threads: "2", children: timer)))
        let error = fault {
            _ = try plan.dealt(
                ShareOut(workers: 2, properties: ["load_profile": "const(10,60s)"]))
        }
        #expect(error?.line == 19)
        #expect(error?.message.contains("load_profile") == true)
    }
}

extension Plan {
    /// A property's value on each worker.
    func texts(_ name: String, workers: Int) throws -> [String] {
        let dealt = try dealt(ShareOut(workers: workers))
        return try (0..<workers).map { worker in
            let plan = try Plan(dealt.plan(of: worker).bytes, path: "share.jmx")
            return plan.document.elements.lazy.compactMap {
                plan.document.property(name, of: $0.node)?.text
            }.first ?? ""
        }
    }
}
