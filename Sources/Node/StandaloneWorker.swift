// A worker in standalone mode: it runs its share by itself, from the moment the go signal names.

internal import FoundationEssentials
internal import JMeter
internal import Store

/// A worker that runs its own JMeter.
struct StandaloneWorker {
    private let part: RunPart

    init(_ part: RunPart) { self.part = part }

    func work() async {
        do {
            try await part.say(.preparing)
            let load = try await prepare()
            try await part.say(.ready)
            if let reason = await waitForGo() {
                await part.conclude(
                    NodeOutcome(
                        node: part.context.node, ending: reason.ending, message: reason.message,
                        endedAt: .now))
                return
            }
            await run(load)
        } catch {
            await part.conclude(part.failed(sentence(error)))
        }
    }

    /// Runs the load, and stays at the controller's disposal until the run is over.
    private func run(_ load: LoadProcess) async {
        var load = load
        let feed = LinkFeed(part)
        load.feed = feed
        await part.conclude(await load.run(orElse: { nil }))
        await feed?.linger()
    }

    private func prepare() async throws -> LoadProcess {
        let bundle = RunBundle(part: part)
        try await bundle.fetch()
        let plan = try bundle.plan()
        guard let index = part.request.workers.firstIndex(of: part.context.node) else {
            throw NodeError("\(part.context.node) is not among the workers of this run")
        }
        let share = try plan.shared(bundle.deal, worker: index)
        try bundle.write(plan: share.bytes)
        try bundle.layOutData(of: plan, worker: index)
        let launch = JMeterLaunch.standalone(
            try part.machine(), files: part.files, run: try part.properties(),
            place: WorkerPlace(index: index, count: part.request.workers.count))
        return LoadProcess(
            part: part, launch: launch, files: part.files, threads: share.groups.stated,
            notes: index == 0 ? share.notes.map(\.text) : [])
    }

    /// What the last look into the store has shown.
    private struct Look {
        var controller: HeartbeatWatch
        var go: GoSignal?
        var isAlone = false
    }

    /// Waits for the start signal and its moment; returns the reason if there is not to be a start.
    func waitForGo() async -> StopReason? {
        var watch = StopWatch(part)
        let looks = Errand(
            Look(
                controller: HeartbeatWatch(
                    fleet: part.request.fleet, nodes: [part.request.controller],
                    lostAfter: .seconds(part.context.tuning.lostAfterSeconds))))
        var looking = Pace(every: part.store.recommendedPoll)
        let deadline = ContinuousClock.now + .seconds(part.request.readySeconds * 2)
        while ContinuousClock.now < deadline {
            if let reason = watch.reason() { return reason }
            if let go = looks.state.go {
                await part.life.sleep(for: .seconds(max(0, go.startAt.timeIntervalSinceNow)))
                return watch.reason()
            }
            if looks.state.isAlone { return .abandoned("the controller was lost before the start") }
            if looking.isDue { looks.send { [part] in await Self.look(part, &$0) } }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return .abandoned("no start signal came from the controller")
    }

    private static func look(_ part: RunPart, _ look: inout Look) async {
        do {
            look.go = try await part.store.record(GoSignal.self, at: part.keys.go)
            look.isAlone = try await !look.controller.silent(in: part.store).isEmpty
        } catch {
            part.note("cannot look for the start signal: \(sentence(error))")
        }
    }
}
