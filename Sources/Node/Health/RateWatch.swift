// Whether a worker made as many samples a second as `--rps` gives it. A load that stays below its
// rate is another load than the one asked for, whoever was too slow; but the reason is told apart:
// threads that all wait for answers, or a machine that did not keep up with threads that had time.

internal import FoundationEssentials
internal import Store

/// What a worker did in one second.
struct LoadSecond: Sendable, Equatable {
    /// Seconds since 1970.
    var second: Int64
    var samples: Int
    var activeThreads: Int
    /// The sum over the samples.
    var elapsedMilliseconds: Double
}

/// Counts a worker's seconds while all of its threads ran.
struct RateWatch: Sendable {
    /// Samples per second.
    let target: Double
    /// Threads that the plan gives the worker.
    let threads: Int

    private var last: Int64?
    private var seconds: [LoadSecond] = []

    /// Left out at the beginning, where code is not warm yet, and at the end, which is no whole
    /// second.
    private static let settling = 5
    /// It takes as many seconds, and as many samples that should have been made, to judge.
    private static let fewestSeconds = 10
    private static let fewestSamples = 100.0
    private static let tolerance = 0.95

    init(target: Double, threads: Int) {
        self.target = target
        self.threads = threads
    }

    /// Takes seconds into account that were not before.
    mutating func add(_ seconds: [LoadSecond]) {
        for second in seconds where second.second > last ?? .min {
            last = second.second
            // While threads start or end, fewer of them need not keep the rate.
            if second.activeThreads >= threads { self.seconds.append(second) }
        }
    }

    /// That the rate was not reached; nil if it was, or if there is too little to tell.
    func saturation(of node: String) -> Saturation? {
        let steady = seconds.dropFirst(Self.settling).dropLast()
        guard let first = steady.first, let end = steady.last, steady.count >= Self.fewestSeconds
        else { return nil }
        // Seconds without a sample are in the span, but not among the intervals with threads.
        let span = Double(end.second - first.second + 1)
        guard target * span >= Self.fewestSamples else { return nil }
        let rate = Double(steady.reduce(0) { $0 + $1.samples }) / span
        guard rate < target * Self.tolerance else { return nil }
        let busy = steady.reduce(0) { $0 + $1.elapsedMilliseconds } / 1000
        let areBusy = busy > Double(threads) * span * 0.9
        let reason =
            areBusy
            ? "its \(threads) threads were all waiting for answers: the rate needs more threads"
            : "though its \(threads) threads had time left"
        return Saturation(
            node: node, kind: .rate, since: Date(timeIntervalSince1970: Double(first.second)),
            seconds: span,
            text:
                "\(Self.text(rate)) samples/s in place of \(Self.text(target)) for \(Int(span)) s, "
                + reason)
    }

    private static func text(_ rate: Double) -> String {
        let tenths = (rate * 10).rounded() / 10
        return tenths == tenths.rounded() ? "\(Int(tenths))" : "\(tenths)"
    }
}
