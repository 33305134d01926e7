// Stepping Thread Groups on a fleet, held against what their plug-in's documentation says: first
// wait, then start a burst, then add so many threads every so many seconds, hold, and stop so many
// every so many seconds. The arithmetic of a single group is that of the plug-in.
import Testing

@testable import JMeter

/// When the threads of one Stepping Thread Group start and stop, in milliseconds.
private struct SteppingModel {
    private(set) var starts: [Double] = []
    private(set) var stops: [Double] = []

    init(_ number: (String) -> Int) {
        let threads = number("ThreadGroup.num_threads")
        guard threads > 0 else { return }
        let step = number("Start users count") > 0 ? number("Start users count") : threads
        let stopStep = number("Stop users count") > 0 ? number("Stop users count") : threads
        let burst = min(number("Start users count burst"), threads)
        let first = burst > 0 ? burst : step
        let bucket = 1000 * (number("Start users period") + number("rampUp"))
        let start = 1000 * number("Threads initial delay")
        let buckets = threads < first ? 1 : (threads - first + step - 1) / step
        let rest = (threads - first) % step
        let hold =
            start + buckets * bucket + 1000 * number("rampUp") / step * (rest == 0 ? step : rest)
            + 1000 * number("flighttime")
        for thread in 0..<threads {
            let isFirst = thread < first
            let own = isFirst ? 0 : 1 + (thread - first) / step
            let place = isFirst ? thread : (thread - first) % step
            let between = 1000 * number("rampUp") / (isFirst ? first : step)
            starts.append(Double(start + own * bucket + place * between))
            stops.append(
                Double(hold + 1000 * number("Stop users period") * (thread / stopStep)))
        }
    }
}

struct SteppingTests {
    private struct Steps: CustomStringConvertible {
        var threads = 0, delay = 0, burst = 0, step = 0, period = 0, rampUp = 0, hold = 0
        var stopStep = 0, stopPeriod = 0

        var named: [(String, Int)] {
            [
                ("ThreadGroup.num_threads", threads), ("Threads initial delay", delay),
                ("Start users count burst", burst), ("Start users count", step),
                ("Start users period", period), ("rampUp", rampUp), ("flighttime", hold),
                ("Stop users count", stopStep), ("Stop users period", stopPeriod),
            ]
        }

        var description: String { named.map { "\($0.0) \($0.1)" }.joined(separator: ", ") }

        var plan: Plan {
            get throws {
                try PlanText.read(
                    PlanText.plan(
                        PlanText.element(
                            "kg.apc.jmeter.threads.SteppingThreadGroup", "steps",
                            named.map { "<stringProp name=\"\($0.0)\">\($0.1)</stringProp>" }
                                .joined())))
            }
        }
    }

    private func model(_ plan: Plan) -> SteppingModel {
        guard let group = plan.document.groupIndices.first, plan.document.elements[group].isEnabled
        else { return SteppingModel { _ in 0 } }
        let node = plan.document.elements[group].node
        return SteppingModel { Int(plan.document.text($0, of: node)) ?? 0 }
    }

    /// The start and stop of every thread of the fleet.
    private func fleet(_ steps: Steps, _ workers: Int) throws -> (starts: [Double], stops: [Double])
    {
        let dealt = try steps.plan.dealt(ShareOut(workers: workers))
        let models = try (0..<workers).map {
            model(try Plan(dealt.plan(of: $0).bytes, path: "share.jmx"))
        }
        return (models.flatMap(\.starts).sorted(), models.flatMap(\.stops).sorted())
    }

    /// By how much two lists of moments differ at most, a hundredth of each moment forgiven.
    private func worst(_ some: [Double], _ others: [Double]) -> Double {
        zip(some, others).reduce(0) { max($0, abs($1.0 - $1.1) - $1.1 / 100) }
    }

    @Test func `Steps that divide evenly stay to the millisecond`() throws {
        for workers in [1, 3, 7] {
            for threads in [42, 84, 100] {
                let steps = Steps(
                    threads: threads, delay: 5, burst: 21, step: 21, period: 30, hold: 60,
                    stopStep: 42, stopPeriod: 10)
                let whole = model(try steps.plan)
                let fleet = try fleet(steps, workers)
                #expect(fleet.starts == whole.starts.sorted())
                #expect(fleet.stops == whole.stops.sorted())
            }
        }
    }

    @Test func `Steps of one thread are taken in turns, to the millisecond`() throws {
        for workers in [1, 3, 7] {
            let steps = Steps(
                threads: 50, step: 1, period: 4, hold: 100, stopStep: 1, stopPeriod: 2)
            let whole = model(try steps.plan)
            let fleet = try fleet(steps, workers)
            #expect(fleet.starts == whole.starts.sorted())
            #expect(abs((fleet.stops.last ?? 0) - (whole.stops.last ?? 0)) <= 1000)
        }
    }

    @Test func `Any steps keep their threads, their pace and their end`() throws {
        var random = SeededGenerator(state: 10)
        for _ in 0..<(isCampaign ? 20_000 : 100) {
            let step = Int.random(in: 1...40, using: &random)
            let steps = Steps(
                threads: Int.random(in: 20...600, using: &random),
                delay: Int.random(in: 0...20, using: &random),
                burst: Bool.random(using: &random) ? 0 : Int.random(in: 1...20, using: &random),
                step: step, period: Int.random(in: 1...60, using: &random),
                hold: Int.random(in: 300...900, using: &random),
                stopStep: Int.random(in: 1...40, using: &random),
                stopPeriod: Int.random(in: 0...20, using: &random))
            let whole = model(try steps.plan)
            for workers in [1, 3, 7] {
                let fleet = try fleet(steps, workers)
                #expect(fleet.starts.count == steps.threads)
                // Within a hundredth, and two steps of a worker, which may be the plan's whole
                // step on each.
                let late = worst(fleet.starts, whole.starts.sorted())
                #expect(late <= Double(2000 * steps.period * workers), "\(steps) on \(workers)")
                let lateStop = worst(fleet.stops, whole.stops.sorted())
                #expect(
                    lateStop <= Double(2000 * steps.stopPeriod * workers) + 1000,
                    "\(steps) on \(workers)")
            }
        }
    }
}
