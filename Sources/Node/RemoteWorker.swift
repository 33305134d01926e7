// A worker in remote mode: a fresh JMeter server for each run, which the controller's client
// drives. JMeter's servers go on loading the target when their client dies, so the worker watches
// the controller and ends the server itself.

internal import FoundationEssentials
internal import JMeter
internal import Machine
internal import Store

/// A worker that runs a JMeter server.
struct RemoteWorker {
    private let part: RunPart

    init(_ part: RunPart) { self.part = part }

    func work() async {
        do {
            try await part.say(.preparing)
            let bundle = RunBundle(part: part)
            try await bundle.fetch()
            let plan = try bundle.plan()
            guard let index = part.request.workers.firstIndex(of: part.context.node) else {
                throw NodeError("\(part.context.node) is not among the workers of this run")
            }
            let shares = try plan.sharedByProperty(bundle.deal)
            try bundle.layOutData(of: plan, worker: index)
            let ports = try RMIPorts.pick(2, for: part)
            let launch = JMeterLaunch.server(
                try part.machine(), files: part.files, run: try part.properties(),
                place: WorkerPlace(index: index, count: part.request.workers.count),
                shares: shares.properties[index], remote: try await Keystore(part).fetch(),
                port: ports[0], enginePort: ports[1])
            var outcome = try await serve(launch, port: ports[0])
            outcome.threads = shares.groups[index].stated
            await part.conclude(outcome)
        } catch {
            await part.conclude(part.failed(sentence(error)))
        }
    }

    /// Runs the server until the controller is done with it.
    private func serve(_ launch: JMeterLaunch, port: Int) async throws -> NodeOutcome {
        let startedAt = Date.now
        var process = try await JMeterProcess.start(launch, context: part.context)
        let ready = ContinuousClock.now + .seconds(part.request.readySeconds)
        var watch = ServerWatch(part)
        let readiness = Errand(false)
        var reason: StopReason?
        var relay = LogRelay(part.folder + "/" + part.files.log, of: part)
        let health = Errand(
            HealthWatch(
                part, pid: process.child.identity.pid,
                samples: part.folder + "/" + part.files.samples, console: process.consolePath,
                writesSamples: false))
        var healthDue = Pace(every: .seconds(1))
        var pulse = HealthPulse(LinkFeed(part, essential: false))
        while process.child.end == nil {
            process.readConsole()
            relay.look()
            pulse.look(health.state.health)
            if reason == nil { reason = watch.reason() }
            if reason == nil, !readiness.state {
                if let complaint = process.complaint {
                    reason = .abandoned(complaint)
                } else if part.log(part.files.log).map(JMeterLog.saysServerIsReady) ?? false {
                    readiness.send { [part] in $0 = await part.sayReady(at: port) }
                } else if ContinuousClock.now > ready {
                    reason = .abandoned("its JMeter server did not get ready in time")
                }
            }
            if healthDue.isDue {
                let isReady = readiness.state
                health.send { $0.look(loadHasBegun: isReady) }
            }
            if reason != nil { process.pressStop(.signal) }
            try? await Task.sleep(for: .milliseconds(100))
        }
        process.readConsole()
        let wasReady = await readiness.finished()
        var outcome = judge(process, wasReady: wasReady, reason: reason)
        outcome.startedAt = startedAt
        var watched = await health.finished()
        outcome.saturations = watched.conclude(completed: outcome.ending == .completed)
        outcome.health = watched.summary
        outcome.clockOffsetMs = pulse.clockOffsetMs
        await relay.finish()
        await pulse.finish()
        outcome.files = await deliverLogs(process)
        return outcome
    }

    private func judge(_ process: JMeterProcess, wasReady: Bool, reason: StopReason?)
        -> NodeOutcome
    {
        var outcome = part.failed("")
        outcome.jmeterExit = process.child.end?.code
        switch reason {
        case .abandoned(ServerWatch.done):
            outcome.ending = .completed
            outcome.message = nil
        case let reason?:
            outcome.ending = reason.ending
            outcome.message = reason.message
        case nil where wasReady && process.child.end == .exited(0):
            // A server ends by itself after its test.
            outcome.ending = .completed
            outcome.message = nil
        case nil:
            let why =
                process.complaint ?? part.reason(inLog: part.files.log)
            let ended = "its JMeter server \(process.endText)"
            outcome.message = why.map { "\(ended): \($0)" } ?? ended
        }
        return outcome
    }

    private func deliverLogs(_ process: JMeterProcess) async -> [String] {
        do {
            return try await part.deliver([
                ("jmeter.log", part.folder + "/" + part.files.log),
                ("console.log", process.consolePath),
            ])
        } catch {
            part.note("cannot deliver the logs: \(sentence(error))")
            return []
        }
    }
}

/// Tells the controller once a second that the node is there, and how it fares: its samples are the
/// controller's.
private struct HealthPulse {
    private let feed: LinkFeed?
    private var clock = SecondClock()

    init(_ feed: LinkFeed?) { self.feed = feed }

    var clockOffsetMs: Double? { feed?.clockOffsetMs }

    mutating func look(_ health: NodeHealth?) {
        guard let feed, let second = clock.passed() else { return }
        feed.add(
            IntervalRecord(
                second: second, counted: 0, delivered: 0, health: feed.completed(health),
                statistics: nil))
    }

    func finish() async { await feed?.finish() }
}

/// Watches for the end of a server's work.
private struct ServerWatch {
    /// The message of the one reason that is no failure.
    static let done = "the controller is done"

    private struct Look {
        var controller: HeartbeatWatch
        var reason: StopReason?
    }

    private let part: RunPart
    private let looks: Errand<Look>
    private var looking: Pace
    private let deadline: ContinuousClock.Instant

    init(_ part: RunPart) {
        self.part = part
        looking = Pace(every: part.pause(atLeast: .milliseconds(500)))
        let controller = HeartbeatWatch(
            fleet: part.request.fleet, nodes: [part.request.controller],
            lostAfter: .seconds(part.context.tuning.lostAfterSeconds))
        looks = Errand(Look(controller: controller))
        // The controller keeps the run's deadline; this one is for a controller that does not.
        deadline =
            .now + .seconds(part.request.deadlineSeconds + part.request.readySeconds * 2 + 60)
    }

    mutating func reason() -> StopReason? {
        if let ending = StopReason(part.life.ending) { return ending }
        if ContinuousClock.now >= deadline { return .deadline }
        if looking.isDue {
            looks.send { [part] in $0.reason = await Self.look(part, &$0.controller) }
        }
        return looks.state.reason
    }

    private static func look(
        _ part: RunPart, _ controller: inout HeartbeatWatch
    ) async -> StopReason? {
        let controllerKeys = part.keys.node(part.request.controller)
        if (try? await part.store.read(controllerKeys.outcome)) != nil {
            return .abandoned(Self.done)
        }
        if (try? await part.store.read(part.keys.outcome)) != nil {
            return .abandoned("the controller ended the run")
        }
        if let silent = try? await controller.silent(in: part.store), !silent.isEmpty {
            return .abandoned("the controller was lost")
        }
        return nil
    }
}

extension RunPart {
    /// Says that the node's JMeter server is ready; whether that could be said.
    fileprivate func sayReady(at port: Int) async -> Bool {
        do {
            try await say(.ready, serverAddress: "\(context.address):\(port)")
            return true
        } catch {
            note("cannot say ready yet: \(sentence(error))")
            return false
        }
    }
}
