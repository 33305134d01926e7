// The Precise Throughput Timer draws a whole number of events for each stretch of time: the rate
// times its "test duration", rounded up. So shares of its rate are chosen for their events.

/// A Precise Throughput Timer's numbers.
struct PreciseTimer {
    private let throughput: ExactDecimal?
    private let period: Int
    private let duration: Int
    private let batch: Int

    /// Takes them from an element's resolved values; what is absent is JMeter's default.
    init(_ values: [ResolvedValue]) {
        func number(_ name: String, or fallback: Int) -> Int {
            values.first { $0.value.name == name }?.count ?? fallback
        }
        throughput = values.first { $0.value.name == "throughput" }.flatMap {
            ExactDecimal($0.text)
        }
        period = number("throughputPeriod", or: 3600)
        duration = number("duration", or: 3600)
        batch = number("batchSize", or: 1)
    }

    /// The rates of the workers, whose events add up to the timer's own.
    ///
    /// - Throws: What `fault` makes of a reason and a hint, when there are fewer events than
    ///   workers: JMeter's timer fails if it has none to give.
    func shares(
        by weights: [Int], fault: (_ what: String, _ hint: String) -> DealFault
    ) throws(DealFault) -> [String] {
        guard let throughput else { return [] }
        guard period > 0 else {
            throw fault("its throughput period is 0 s", "state the seconds, as in 60")
        }
        let rates = throughput.shares(by: weights)
        let total = events(throughput)
        // Beyond what an Int32 holds JMeter itself gives up; one event more or less is nothing.
        guard total > 0, total < Double(Int32.max) else { return rates.map(\.text) }
        guard rates.reduce(0, { $0 + events($1) }) != total else { return rates.map(\.text) }
        let counts = Dealing.whole(Int(total), by: weights)
        let running = weights.count { $0 > 0 }
        guard zip(counts, weights).allSatisfy({ $0.0 > 0 || $0.1 == 0 }) else {
            throw fault(
                "\(Int(total)) \(batch > 1 ? "batches" : "samples") in \(duration) s can't be "
                    + "dealt out over \(running) workers",
                "take \(Int(total)) workers at most, a longer test duration in the timer, or a "
                    + "Constant Throughput Timer")
        }
        return counts.map { rate(of: $0, in: Int(total), throughput).text }
    }

    /// The share of the rate that gives `count` of `total` events, and not one more.
    private func rate(of count: Int, in total: Int, _ throughput: ExactDecimal) -> ExactDecimal {
        let rate = throughput.times(count, over: total, roundingUp: false)
        guard events(rate) > Double(count) else { return rate }
        // JMeter counts in binary fractions, which may lie a hair above a whole number.
        return throughput.times(
            count * 1_000_000 - 1, over: total * 1_000_000, roundingUp: false)
    }

    /// The events of one stretch of time, computed as JMeter does.
    private func events(_ throughput: ExactDecimal) -> Double {
        var rate = throughput.double / Double(period)
        if batch > 1 { rate /= Double(batch) }
        return (rate * Double(duration)).rounded(.up)
    }
}
