// A worker in standalone mode: it runs its share by itself, from the moment the go signal names. Its
// JMeter is started before that and waits at a gate, so that what starts then is the load, not Java.

internal import FoundationEssentials
internal import JMeter
internal import Store

/// A worker that runs its own JMeter.
struct StandaloneWorker {
    private var part: RunPart
    /// Its seconds on their way to the controller, whose clock it tells of before that.
    private var feed: LinkFeed?

    init(_ part: RunPart) { self.part = part }

    mutating func work() async {
        do {
            await part.conclude(try await outcome())
        } catch {
            await part.conclude(part.failed(sentence(error)))
        }
        // A controller that is started again begins with nothing.
        await feed?.linger()
    }

    private mutating func outcome() async throws -> NodeOutcome {
        while true {
            switch try await takePart() {
            case .ended(let outcome): return outcome
            case .among(let workers):
                try part.clearFolder(butFor: LinkFeed.file)
                part = part.among(workers)
            }
        }
    }

    /// What came of getting ready.
    private enum Turn {
        case ended(NodeOutcome)
        /// The run goes on with fewer workers, of whom this is one: its share is another.
        case among([String])
    }

    /// Gets ready, waits for the start and runs the load.
    private mutating func takePart() async throws -> Turn {
        try await part.say(.preparing)
        var held = try await prepare()
        if let reason = await held.waitUntilReady() {
            return .ended(await held.giveUp(reason))
        }
        // What has ended by itself has its own reason.
        if held.hasEnded { return .ended(await held.run()) }
        try await part.say(.ready)
        switch await waitForGo(orElse: { held.hasEnded }) {
        case .start: return .ended(await held.run())
        case .stop(let reason): return .ended(await held.giveUp(reason))
        case .muster(let workers):
            guard workers.contains(part.context.node) else {
                return .ended(await held.giveUp(.abandoned("the run began without it")))
            }
            await held.end()
            return .among(workers)
        }
    }

    private mutating func prepare() async throws -> HeldLoad {
        let bundle = RunBundle(part: part)
        try await bundle.fetch()
        let plan = try bundle.plan()
        guard let index = part.request.workers.firstIndex(of: part.context.node) else {
            throw NodeError("\(part.context.node) is not among the workers of this run")
        }
        let share = try plan.shared(bundle.deal, worker: index, gate: RunPart.gate)
        try bundle.write(plan: share.bytes)
        try bundle.layOutData(of: plan, worker: index)
        let launch = JMeterLaunch.standalone(
            try part.machine(), files: part.files, run: try part.properties(),
            place: WorkerPlace(index: index, count: part.request.workers.count))
        feed = feed ?? LinkFeed(part)
        let load = LoadProcess(
            part: part, launch: launch, files: part.files, threads: share.groups.stated,
            samplesPerSecond: share.samplesPerSecond,
            notes: index == 0 ? share.notes.map(\.text) : [], isHeld: share.isGated,
            feed: feed)
        let gate = share.isGated ? try StartGate(at: part.folder + "/" + RunPart.gate) : nil
        return HeldLoad(load: load, process: try await load.start(), gate: gate)
    }

    /// What a worker that is ready was told.
    enum Signal: Equatable {
        case start
        case stop(StopReason)
        /// The run goes on with these workers only.
        case muster([String])
    }

    /// What the last look into the store has shown.
    private struct Look {
        var controller: HeartbeatWatch
        var go: GoSignal?
        var muster: Muster?
        var isAlone = false
    }

    /// Waits for the start signal and its moment, or for another word; `hasEnded` says that there is
    /// nothing left to start.
    func waitForGo(orElse hasEnded: () -> Bool = { false }) async -> Signal {
        var watch = StopWatch(part)
        let looks = Errand(
            Look(
                controller: HeartbeatWatch(
                    fleet: part.request.fleet, nodes: [part.request.controller],
                    lostAfter: .seconds(part.context.tuning.lostAfterSeconds))))
        var looking = Pace(every: part.store.recommendedPoll)
        let deadline = ContinuousClock.now + .seconds(part.request.readySeconds * 2)
        while ContinuousClock.now < deadline {
            if let reason = watch.reason() { return .stop(reason) }
            if hasEnded() { return .start }
            if let go = looks.state.go {
                // The controller's clock names the moment.
                let offset = (feed?.clockOffsetMs ?? 0) / 1000
                let wait = go.startAt.timeIntervalSinceNow + offset
                await part.life.sleep(for: .seconds(max(0, wait)))
                return watch.reason().map { .stop($0) } ?? .start
            }
            if let muster = looks.state.muster?.workers, muster != part.request.workers {
                return .muster(muster)
            }
            if looks.state.isAlone {
                return .stop(.abandoned("the controller was lost before the start"))
            }
            if looking.isDue { looks.send { [part] in await Self.look(part, &$0) } }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return .stop(.abandoned("no start signal came from the controller"))
    }

    private static func look(_ part: RunPart, _ look: inout Look) async {
        do {
            // A muster comes before its start signal, which must not be taken for that of all.
            let go = try await part.store.record(GoSignal.self, at: part.keys.go)
            if part.request.minWorkers != nil {
                look.muster = try await part.store.record(Muster.self, at: part.keys.muster)
            }
            if go == nil || look.muster.map({ $0.workers == part.request.workers }) ?? true {
                look.go = go
            }
            look.isAlone = try await !look.controller.silent(in: part.store).isEmpty
        } catch {
            part.note("cannot look for the start signal: \(sentence(error))")
        }
    }
}
