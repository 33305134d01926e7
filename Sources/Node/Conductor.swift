// The controller's part in a run: gather the workers, give the start signal, watch, conclude.
//
// In standalone mode the workers run by themselves and the conductor only watches; in remote mode
// its JMeter client drives the workers' servers. Either way it writes the run's outcome last, when
// nothing more will come, and frees the fleet for the next run.

internal import FoundationEssentials
internal import JMeter
internal import Machine
internal import Store
internal import Units

/// A run's controller.
struct Conductor {
    /// The part with those workers that take part, once they are known.
    private var part: RunPart
    private let log: LiveWriter
    private var absent: [String] = []
    private var hasStoppedForLoss = false

    /// Time for the workers to deliver when the whole fleet ends.
    private static let partingTime: Duration = .seconds(10)

    /// Time for every worker to see the start signal before the moment it names.
    private var startLead: Duration { max(.seconds(1), part.store.recommendedPoll * 3) }

    init(_ part: RunPart) {
        self.part = part
        log = LiveWriter(part.store.liveLog(of: part.request.id), note: part.note)
    }

    mutating func conduct() async {
        var roster = Roster(part)
        var outcome = RunOutcome(endedAt: .now)
        let live = LiveChannel(part, log: log)
        do {
            try await part.say(.preparing)
            await tell("waiting for \(part.request.workers.count) workers to get ready")
            // From here on the workers can tell how far their clocks are off.
            await live.begin()
            let servers = try await gather(&roster)
            let workers = absent.isEmpty ? nil : part.request.workers
            for worker in absent { await live.lost(worker) }
            let lead = part.request.mode == .standalone ? startLead : .zero
            try await part.store.put(
                GoSignal(startAt: .now + lead.inSeconds, workers: workers), at: part.keys.go)
            await tell(
                workers == nil
                    ? "all workers are ready, the load begins"
                    : "\(part.request.workers.count) workers are ready, the load begins")
            switch part.request.mode {
            case .standalone: await watchWorkers(&roster, live)
            case .remote: try await driveServers(servers, &roster, live)
            }
        } catch {
            // Whatever fails here fails before the load: from then on there are only outcomes.
            outcome.aborted = sentence(error)
            await tell("the run cannot start: \(sentence(error))")
        }
        await end(outcome, roster, live)
    }

    /// Goes on with a run whose load has begun, in place of an agent that died in the middle of it.
    ///
    /// The workers' logs come from their beginning again. In remote mode the client that made the
    /// samples died with the agent: there is nothing to go on with.
    mutating func resume() async {
        if let muster = try? await part.store.record(Muster.self, at: part.keys.muster) {
            absent = part.request.workers.filter { !muster.workers.contains($0) }
            part = part.among(muster.workers)
        }
        var roster = Roster(part)
        let live = LiveChannel(part, log: log)
        await live.begin()
        switch part.request.mode {
        case .standalone:
            await tell("the controller was restarted, and goes on with the run")
            await watchWorkers(&roster, live)
        case .remote:
            await part.conclude(part.failed("the agent was restarted during the run"))
            await waitForServersToEnd(&roster, live)
        }
        await end(RunOutcome(endedAt: .now), roster, live)
    }

    /// Concludes the run, unless its workers go on without us.
    private func end(_ outcome: RunOutcome, _ roster: Roster, _ live: LiveChannel) async {
        // The workers' load goes on without us, and whoever follows the run concludes it.
        if outcome.aborted == nil, leavesWorkers(roster) {
            await live.leave()
            await tell("the controller leaves, the workers go on")
            return
        }
        var outcome = outcome
        outcome.lost = roster.lost
        let saturations = roster.outcomes.values.flatMap { $0.saturations ?? [] }
        outcome.saturations = saturations.isEmpty ? nil : saturations
        outcome.absent = absent.isEmpty ? nil : absent
        await live.finish(&outcome, nodes: outcome.aborted == nil ? await fates(roster) : [:])
        outcome.endedAt = .now
        await conclude(outcome)
    }

    /// The nodes that make samples, with their outcomes where they have some.
    private func fates(_ roster: Roster) async -> [String: NodeOutcome?] {
        var fates: [String: NodeOutcome?] = [:]
        switch part.request.mode {
        case .standalone:
            for node in part.request.workers {
                fates.updateValue(roster.outcomes[node], forKey: node)
            }
        case .remote:
            let own = try? await part.store.record(NodeOutcome.self, at: part.ownKeys.outcome)
            fates.updateValue(own, forKey: part.context.node)
        }
        return fates
    }

    /// Whether this machine is taken away from workers that need it no more.
    private func leavesWorkers(_ roster: Roster) -> Bool {
        part.request.mode == .standalone && part.life.ending == .interrupted
            && !roster.pending.isEmpty
    }

    private func tell(_ text: String) async {
        part.note(text)
        await log.write([.event(at: .now, text: text)])
    }

    // MARK: - Gathering

    /// Waits until the workers are ready; returns the addresses of their JMeter servers.
    ///
    /// - Throws: ``NodeError`` naming the workers that failed, fell silent or were too slow.
    private mutating func gather(_ roster: inout Roster) async throws -> [String] {
        if part.request.mode == .remote { try await Keystore(part).ensure() }
        let present = try await Gathering(part, tell: tell).gather(&roster)
        absent = part.request.workers.filter { name in !present.contains { $0.worker == name } }
        part = part.among(present.map(\.worker))
        return present.map(\.server)
    }

    // MARK: - Watching

    /// Watches until every worker has an outcome or is lost.
    private mutating func watchWorkers(_ roster: inout Roster, _ live: LiveChannel) async {
        try? await part.say(.running)
        // The workers keep the run's deadline; this one is for workers that do not.
        await wait(for: &roster, live, atMost: .seconds(part.request.deadlineSeconds + 90))
        guard !leavesWorkers(roster) else { return }
        var outcome = part.failed("")
        outcome.ending = .completed
        outcome.message = nil
        await part.conclude(outcome)
    }

    private func report(lost: [String], _ live: LiveChannel) async {
        for worker in lost {
            await tell(
                "\(worker) is lost: no sign of life for "
                    + "\(Int(part.context.tuning.lostAfterSeconds)) s")
            await live.lost(worker)
        }
    }

    /// Has the others stop in good order where the loss of one is to end the run.
    private mutating func stopForLoss(_ roster: Roster) async {
        guard part.request.onWorkerLoss == .stop, !hasStoppedForLoss, !roster.pending.isEmpty,
            let loss = roster.failures.first(where: { name, _ in
                roster.lost.contains { $0.node == name }
                    || roster.outcomes[name]?.ending == .interrupted
            })
        else { return }
        do {
            try await part.store.put(
                StopRequest(by: part.request.controller, at: .now, now: false), at: part.keys.stop)
            hasStoppedForLoss = true
            await tell("the run is stopped, for it has lost \(loss.node)")
        } catch {
            part.note("cannot stop the run yet: \(sentence(error))")
        }
    }

    /// Runs JMeter's client against the workers' servers, for as long as all of them are there: a
    /// client whose server dies would wait for ever.
    private mutating func driveServers(
        _ servers: [String], _ roster: inout Roster, _ live: LiveChannel
    ) async throws {
        let bundle = RunBundle(part: part)
        try await bundle.fetch()
        let shares = try bundle.plan().sharedByProperty(bundle.deal)
        try bundle.write(plan: shares.bytes)
        let launch = JMeterLaunch.client(
            try part.machine(), files: part.files, run: try part.properties(), servers: servers,
            remote: try await Keystore(part).fetch())
        let load = LoadProcess(
            part: part, launch: launch, files: part.files,
            threads: shares.groups.compactMap(\.stated).reduce(0, +),
            notes: shares.notes.map(\.text), feed: live.feed())
        var looking = Pace(every: part.pause(atLeast: .milliseconds(500)))
        let looks = Errand(roster)
        let outcome = await load.run(orElse: { [self] in
            if looking.isDue {
                looks.send { await report(lost: (try? await $0.look()) ?? [], live) }
            }
            return looks.state.firstFailure.map { .abandoned("\($0.node): \($0.message)") }
        })
        roster = await looks.finished()
        await part.conclude(outcome)
        await waitForServersToEnd(&roster, live)
    }

    /// Gives the workers, who end their servers now, time to say so.
    private mutating func waitForServersToEnd(
        _ roster: inout Roster, _ live: LiveChannel
    ) async {
        await wait(
            for: &roster, live, atMost: .seconds(part.context.tuning.lostAfterSeconds + 15))
    }

    /// Waits until every worker has an outcome or is lost.
    ///
    /// Where this node ends, the others do too, and deliver what they have: they get time for it;
    /// but not where only its own machine is taken away.
    private mutating func wait(
        for roster: inout Roster, _ live: LiveChannel, atMost limit: Duration
    ) async {
        var deadline = ContinuousClock.now + limit
        var isEnding = false
        while !roster.pending.isEmpty, ContinuousClock.now < deadline, !leavesWorkers(roster) {
            await report(lost: (try? await roster.look()) ?? [], live)
            await stopForLoss(roster)
            if part.life.ending != nil, !isEnding {
                isEnding = true
                deadline = min(deadline, .now + Self.partingTime)
            }
            try? await Task.sleep(for: part.pause(atLeast: .milliseconds(200)))
        }
    }

    // MARK: - Concluding

    /// Writes the run's outcome, over again if the store is away, and frees the fleet.
    private func conclude(_ outcome: RunOutcome) async {
        for attempt in 1... {
            do {
                try await part.store.conclude(part.request, outcome)
                return
            } catch {
                part.note("cannot conclude (attempt \(attempt)): \(sentence(error))")
                guard part.life.mayTry(after: attempt) else { return }
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }
}
