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
            if let reason = try await waitForGo() {
                await part.conclude(
                    NodeOutcome(
                        node: part.context.node, ending: reason.ending, message: reason.message,
                        endedAt: .now))
                return
            }
            await part.conclude(await load.run(orElse: { nil }))
        } catch {
            await part.conclude(part.failed(sentence(error)))
        }
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

    /// Waits for the start signal and its moment; returns the reason if there is not to be a start.
    private func waitForGo() async throws -> StopReason? {
        var watch = StopWatch(part)
        var controller = HeartbeatWatch(
            fleet: part.request.fleet, nodes: [part.request.controller],
            lostAfter: .seconds(part.context.tuning.lostAfterSeconds))
        let deadline = ContinuousClock.now + .seconds(part.request.readySeconds * 2)
        while ContinuousClock.now < deadline {
            if let reason = watch.reason() { return reason }
            if let go = try await part.store.record(GoSignal.self, at: part.keys.go) {
                await part.life.sleep(for: .seconds(max(0, go.startAt.timeIntervalSinceNow)))
                if let ending = StopReason(part.life.ending) { return ending }
                return await part.wish()
            }
            if try await !controller.silent(in: part.store).isEmpty {
                return .abandoned("the controller was lost before the start")
            }
            try await Task.sleep(for: part.store.recommendedPoll)
        }
        return .abandoned("no start signal came from the controller")
    }
}
