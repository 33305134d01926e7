// One JMeter that makes samples, from its start to everything it made being in the store: a
// worker's in standalone mode, the controller's client in remote mode.
//
// What watches JMeter never waits for the store: all that goes there or comes from there goes by
// errands, so that neither a stop nor the deadline nor a spot notice depends on it.
//
// Whether the load was whole is judged here, once, from four things together: the process ended,
// it said that the run had ended, its JTL has rows, and those rows were counted by ourselves.

internal import FoundationEssentials
internal import JMeter
internal import JTL
internal import Machine
internal import Store

/// A JMeter run on this node.
struct LoadProcess {
    let part: RunPart
    let launch: JMeterLaunch
    let files: JMeterFiles
    /// Threads the plan gives this node; nil where it states no number.
    let threads: Int?
    /// Samples per second that this node is to make, where the fleet has a rate of its own.
    var samplesPerSecond: Double?
    var notes: [String] = []
    /// JMeter is held until its load begins, so that its start is no part of that.
    var isHeld = false
    /// Where its seconds go; nil for nowhere.
    var feed: (any IntervalFeed)?

    /// Runs JMeter to its end, or until there is a reason to stop.
    ///
    /// `reason` is asked between two looks; it gives a reason of the caller's own, at once.
    func run(orElse reason: () -> StopReason?) async -> NodeOutcome {
        do {
            return await run(try await start(), orElse: reason)
        } catch {
            return part.failed(sentence(error))
        }
    }

    /// Starts JMeter.
    ///
    /// - Throws: ``NodeError`` when it cannot be started.
    func start() async throws -> JMeterProcess {
        try await JMeterProcess.start(launch, context: part.context)
    }

    /// Follows a JMeter whose load begins now, to its end or until there is a reason to stop.
    func run(_ process: JMeterProcess, orElse reason: () -> StopReason?) async -> NodeOutcome {
        let startedAt = Date.now
        var process = process
        // Progress is for people: a store that is away must not stop a load that has begun.
        let saying = Task { _ = try? await part.say(.running) }
        let samplesPath = files.folder + "/" + files.samples
        // Seconds are the controller's, whatever this node's clock says.
        let offset = feed?.clockOffsetMs
        var samples = SampleTail(path: samplesPath, clock: SecondClock(aheadBy: offset ?? 0))
        let deliveries = Errand(
            SampleDelivery(path: samplesPath, store: part.store, keys: part.ownKeys))
        var relay = LogRelay(part.folder + "/" + files.log, of: part)
        let health = Errand(watch(over: process))
        // By itself: where the machine is short of time, whoever reads the samples is late.
        let looking = Task {
            while !Task.isCancelled {
                health.send { $0.look() }
                try? await Task.sleep(for: .seconds(1))
            }
        }
        var seconds: [LoadSecond] = []
        let stopped = await follow(
            &process, &samples, deliveries, &relay, health, &seconds, orElse: reason)
        looking.cancel()
        let last = samples.takeSeconds()
        feed(last, health.state.health, deliveries.state.delivered)
        let parting = Task { [relay, feed] in
            await saying.value
            try? await part.say(.delivering)
            await feed?.finish()
            await relay.finish()
        }
        var outcome = judge(process, samples, stopped: stopped)
        outcome.startedAt = startedAt
        var watched = await health.finished()
        outcome.saturations = watched.conclude(
            seconds + last.map(LoadSecond.init), completed: outcome.ending == .completed)
        outcome.rampMs = watched.rampMs
        outcome.health = watched.summary
        outcome.clockOffsetMs = feed?.clockOffsetMs ?? offset
        var delivery = await deliveries.finished()
        await deliver(&outcome, &delivery, of: process)
        await parting.value
        return outcome
    }

    private func watch(over process: JMeterProcess) -> HealthWatch {
        HealthWatch(
            part, pid: process.child.identity.pid, samples: files.folder + "/" + files.samples,
            console: process.consolePath,
            rate: samplesPerSecond.flatMap { rate in
                threads.map { RateWatch(target: rate, threads: $0) }
            }, hasLoad: isHeld)
    }

    /// Watches until the process has ended; returns why it was stopped, if it was.
    private func follow(
        _ process: inout JMeterProcess, _ samples: inout SampleTail,
        _ deliveries: Errand<SampleDelivery>, _ relay: inout LogRelay,
        _ health: Errand<HealthWatch>, _ past: inout [LoadSecond], orElse reason: () -> StopReason?
    ) async -> StopReason? {
        var watch = StopWatch(part)
        watch.loadBegins()
        var stopping: StopReason?
        var deliveryDue = Pace(every: part.deliveryInterval)
        while process.child.end == nil {
            process.readConsole()
            samples.read()
            relay.look()
            // A reason for a harder stop overtakes one that is under way.
            if let news = watch.reason() ?? reason(),
                stopping.map({ $0.manner < news.manner }) ?? true
            {
                stopping = news
            }
            if let stopping {
                process.pressStop(
                    stopping.manner,
                    within: stopping.stopTime(usual: .seconds(part.request.stopSeconds)))
            }
            let seconds = samples.takeSeconds()
            feed(seconds, health.state.health, deliveries.state.delivered)
            past += seconds.map(LoadSecond.init)
            if deliveryDue.isDue {
                let end = samples.closedEnd
                deliveries.send { [part] delivery in
                    do {
                        try await delivery.deliver(upTo: end)
                    } catch {
                        part.note("cannot deliver yet: \(sentence(error))")
                    }
                }
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
        process.readConsole()
        samples.finish()
        return stopping
    }

    /// Passes on the seconds that have passed.
    private func feed(_ seconds: [SampleTail.Second], _ health: NodeHealth?, _ delivered: Int64) {
        guard let feed else { return }
        for second in seconds {
            feed.add(
                IntervalRecord(
                    second: second.second, counted: second.counted, delivered: delivered,
                    health: feed.completed(health), statistics: second.statistics))
        }
    }

    private func judge(
        _ process: JMeterProcess, _ samples: borrowing SampleTail, stopped: StopReason?
    ) -> NodeOutcome {
        var outcome = part.failed("")
        outcome.message = nil
        outcome.jmeterExit = process.child.end?.code
        outcome.threads = threads
        outcome.notes = notes
        outcome.samples = samples.samples
        outcome.errors = samples.errors
        outcome.unusableLines = samples.unusableLines
        outcome.firstSampleMs = samples.firstSampleMs
        if let stopped {
            outcome.ending = stopped.ending
            outcome.message = stopped.message
            if case .asked(let by, _) = stopped { outcome.stoppedBy = by }
        } else if let message = fault(of: process, samples) {
            outcome.message = message
        } else {
            outcome.ending = .completed
        }
        return outcome
    }

    /// What is wrong with a run that ended by itself; nil if nothing is.
    private func fault(of process: JMeterProcess, _ samples: borrowing SampleTail) -> String? {
        let end = process.child.end
        if case .signaled? = end { return "JMeter \(process.endText)" }
        if !process.saidEndOfRun || end?.code != 0 {
            let why = process.complaint ?? logReason
            let ended = "JMeter \(process.endText)"
            return why.map { "\(ended): \($0)" }
                ?? (process.saidEndOfRun ? ended : "\(ended) before the end of the run")
        }
        if let fault = samples.fault { return fault }
        if samples.samples == 0, threads != 0 {
            return logReason ?? "JMeter ended without a sample"
        }
        return nil
    }

    /// The likeliest reason of a failure, from JMeter's log.
    private var logReason: String? { part.reason(inLog: files.log) }

    /// Delivers the rest and the logs; tries again while the node lives.
    private func deliver(
        _ outcome: inout NodeOutcome, _ delivery: inout SampleDelivery, of process: JMeterProcess
    ) async {
        for attempt in 1... {
            do {
                try await delivery.deliver(upTo: nil)
                outcome.parts = delivery.parts
                outcome.files = try await deliverFiles(process)
                break
            } catch {
                part.note("cannot deliver (attempt \(attempt)): \(sentence(error))")
                guard part.life.mayTry(after: attempt) else {
                    outcome.ending = .failed
                    outcome.message = "its samples could not be delivered: \(sentence(error))"
                    break
                }
                try? await Task.sleep(for: .seconds(1))
            }
        }
        outcome.endedAt = .now
    }

    private func deliverFiles(_ process: JMeterProcess) async throws -> [String] {
        try await part.deliver([
            ("jmeter.log", part.folder + "/" + files.log), ("console.log", process.consolePath),
            ("plan.jmx", part.folder + "/" + files.plan),
        ])
    }
}

extension LoadSecond {
    init(_ second: SampleTail.Second) {
        self.init(
            second: second.second, samples: second.statistics.samples,
            activeThreads: Int(clamping: second.statistics.maxThreads),
            elapsedMilliseconds: second.statistics.elapsedSum)
    }
}

/// Something that is due every so often.
struct Pace {
    private let interval: Duration
    private var next = ContinuousClock.now

    init(every interval: Duration) { self.interval = interval }

    /// Whether it is time; if so, the next time is an interval from now.
    var isDue: Bool {
        mutating get {
            let now = ContinuousClock.now
            guard now >= next else { return false }
            next = now + interval
            return true
        }
    }
}
