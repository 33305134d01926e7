// The steps of a Stepping Thread Group, cut for one worker.
//
// A step of 10 threads over 3 workers has no whole third. What is kept is how fast threads come
// and go: a worker's steps are the nearest whole share, and come as much later or earlier as they
// are larger or smaller. Steps smaller than the fleet become steps of one thread, the workers
// taking turns. When all have come, all hold until the plan's moment.

/// The numbers of a Stepping Thread Group (threads, seconds), named as in the plan.
struct SteppingShare {
    private enum Name {
        static let threads = "ThreadGroup.num_threads"
        static let delay = "Threads initial delay"
        static let burst = "Start users count burst"
        static let step = "Start users count"
        static let period = "Start users period"
        static let rampUp = "rampUp"
        static let hold = "flighttime"
        static let stopStep = "Stop users count"
        static let stopPeriod = "Stop users period"
    }

    /// The properties besides the number of threads.
    static let names = [
        Name.delay, Name.burst, Name.step, Name.period, Name.rampUp, Name.hold, Name.stopStep,
        Name.stopPeriod,
    ]

    private var numbers: [String: Int]

    /// Takes the resolved values of a group; what is absent is 0, as the plug-in has it.
    init(_ values: [ResolvedValue]) {
        numbers = Dictionary(values.map { ($0.value.name, $0.count) }) { first, _ in first }
    }

    /// A number by the name of its property.
    subscript(name: String) -> Int {
        get { numbers[name] ?? 0 }
        // A property the plan doesn't have can't be set.
        set { if numbers[name] != nil { numbers[name] = newValue } }
    }

    /// The steps in words.
    var words: String {
        "\(self[Name.step]) threads every \(self[Name.period] + self[Name.rampUp]) s"
    }

    /// Whether each worker can have the same part of every step.
    func dividesEvenly(over workers: Int) -> Bool {
        [Name.burst, Name.step, Name.stopStep].allSatisfy { self[$0].isMultiple(of: workers) }
    }

    /// A worker's part.
    func share(of turns: Turns, worker: Int) -> SteppingShare {
        var share = self
        share[Name.threads] = turns.share(of: self[Name.threads], worker: worker)
        share[Name.burst] = turns.share(of: self[Name.burst], worker: worker)
        let place = turns.place(of: worker)
        let coming = Self.cut(self[Name.step], every: stepSeconds, turns.workers, place)
        share[Name.step] = coming.count
        share[Name.period] = max(0, coming.seconds - self[Name.rampUp])
        if self[Name.burst] == 0 {
            share[Name.delay] += coming.offset
        } else if share[Name.burst] == 0 {
            // The burst fell to others; a 0 would make this worker's first step one.
            share[Name.delay] += coming.seconds
        }
        let going = Self.cut(
            self[Name.stopStep], every: self[Name.stopPeriod], turns.workers, place)
        share[Name.stopStep] = going.count
        share[Name.stopPeriod] = going.seconds
        share[Name.hold] += Int((end - share.end).rounded()) + going.offset
        share[Name.hold] = max(0, share[Name.hold])
        return share
    }

    /// The nearest whole share of a step, the time between two of them, and how much later than
    /// the first worker this one begins.
    ///
    /// The plug-in knows whole seconds only. Where they would change the pace by more than a
    /// hundredth, steps are taken larger; as large as the plan's own, they fit exactly.
    private static func cut(
        _ count: Int, every seconds: Int, _ workers: Int, _ place: Int
    ) -> (count: Int, seconds: Int, offset: Int) {
        // 0 means all at once.
        guard count > 0 else { return (0, seconds, 0) }
        let nearest = max(1, (2 * count + workers) / (2 * workers))
        let offset = count < workers ? place * seconds / count : 0
        for share in nearest..<max(nearest + 1, count) {
            let exact = Double(seconds * share * workers) / Double(count)
            if abs(exact.rounded() - exact) <= exact / 100 {
                return (share, Int(exact.rounded()), offset)
            }
        }
        return (count, seconds * workers, offset)
    }

    private var stepSeconds: Int { self[Name.period] + self[Name.rampUp] }

    /// The second at which the first thread stops, as the plug-in computes it.
    private var end: Double {
        let threads = self[Name.threads]
        let step = self[Name.step] > 0 ? self[Name.step] : threads
        guard step > 0 else { return 0 }
        let burst = min(self[Name.burst], threads)
        let left = threads - (burst > 0 ? burst : step)
        let steps = left < 0 ? 1 : (left + step - 1) / step
        let last = left.isMultiple(of: step) ? step : left % step
        return Double(self[Name.delay] + steps * stepSeconds + self[Name.hold])
            + Double(self[Name.rampUp] * last) / Double(step)
    }
}
