// Follows a run on the terminal, fetches its results, and says what it came to. Shared by `run` and
// `attach`: whoever picks a run up does from there on what its starter would have done.
import AWS
import Fleet
import FoundationEssentials
import JTL
import Results
import Runs
import Store
import Units

/// One run, followed by one command.
struct RunSession {
    private let invocation: Invocation
    private let workplace: Workplace
    private let request: RunRequest
    private let criteria: RunCriteria
    private let outputs: ReportOutputs
    private let raw: RawOutputs?
    private let notifications: Notifications
    private let events: EventWriter?
    private var output: Output { invocation.output }

    init(
        _ invocation: Invocation, _ workplace: Workplace, request: RunRequest,
        criteria: RunCriteria, outputs: ReportOutputs, raw: RawOutputs? = nil,
        notifications: Notifications
    ) throws {
        self.invocation = invocation
        self.workplace = workplace
        self.request = request
        self.criteria = criteria
        self.outputs = outputs
        self.raw = raw
        self.notifications = notifications
        events = invocation.output.isJSON ? try invocation.output.events() : nil
    }

    /// Says which run this is.
    func announce() throws {
        let threads = request.threads.reduce(0, +)
        try spiteOfClosedPipe {
            try events?.write(
                "run",
                [
                    "run": .string(request.id), "fleet": .string(request.fleet),
                    "mode": .string(request.mode.rawValue), "plan": .string(request.planPath),
                    "workers": .int(Int64(request.workers.count)), "threads": .int(Int64(threads)),
                ])
        }
        output.note(
            "run \(request.id): \(request.plan), \(threads) threads on \(request.workers.count) "
                + "workers, \(request.mode.rawValue)")
    }

    /// A reader of stdout who has gone ends a list, but not a run: its verdict is still wanted.
    private func spiteOfClosedPipe(_ write: () throws -> Void) throws {
        do {
            try write()
        } catch SinkError.closed {}
    }

    /// Follows the run to its end, fetches and judges it; the command's waiting, and its listening
    /// to signals, began earlier if so said.
    func follow(
        since began: ContinuousClock.Instant = .now,
        _ interruption: Interruption = Interruption { _ in }
    ) async throws -> ExitStatus {
        let view = RunView(request, output: output, events: events)
        // Also when following fails: its message is for the terminal as it was.
        defer { view.finish() }
        await stop(on: interruption, view)
        let fleet = try? await workplace.life.fleet(request.fleet)
        let lostAfter =
            fleet?.tuning.lostAfterSeconds ?? workplace.environment.heartbeat.lostAfter.inSeconds
        var follower = RunFollower(
            store: workplace.store, request: request, lostAfter: .seconds(lostAfter))
        view.begin { [life = workplace.life, fleet = request.fleet] in
            try await life.cost(of: fleet)
        }
        let end = try await follower.follow(
            within: invocation.timeout.map { $0 - (.now - began) },
            leaves: { interruption.count > 1 },
            onLine: { view.show($0) })
        view.finish()
        // From here on an interruption no longer changes what became of the run.
        let interrupted = interruption.status
        switch end {
        case .left(let pending):
            let remains = pending.isEmpty ? "nothing" : pending.joined(separator: ", ")
            output.show("stopped waiting; still ending: \(remains)\n")
            let attach = "pick the run up again with: loadfleet attach \(request.id)\n"
            output.show(invocation.advice.complete(attach))
            return interrupted ?? .interrupted
        case .over(let outcome):
            let verdict = try await conclude(outcome)
            return interrupted ?? verdict
        }
    }

    private func stop(on interruption: Interruption, _ view: RunView) async {
        let control = RunControl(store: workplace.store)
        await interruption.answer { [request, user = workplace.user] count in
            guard count == 1, (try? await control.isOver(request.id)) != true else { return }
            view.say(
                "stopping the run; press Ctrl-C again to stop waiting",
                hint: "Ctrl-C stops waiting")
            do {
                try await control.stop(request.id, by: user, at: .now, now: false)
            } catch {
                view.warn("cannot ask the fleet to stop: \(error)")
            }
        }
    }

    // MARK: - Results

    /// Fetches the results of a run that is over, judges them and reports.
    ///
    /// - Throws: ``CommandFailure`` when the store keeps no more than the run's record.
    func conclude(_ outcome: RunOutcome) async throws -> ExitStatus {
        try await requireKept()
        let fetched = try await workplace.results.fetch(request, outcome)
        let results: RunResults
        do {
            results = try RunResults(
                of: fetched, criteria: criteria, surroundings: try surroundings(of: fetched),
                loadfleetVersion: Version.number,
                collecting: StatisticsOptions(timeline: outputs.hasPage))
        } catch {
            workplace.results.discard(fetched.folder)
            throw error
        }
        if let error = results.untrimmed {
            output.warn("the figures are those of the whole run: \(error.message)")
        }
        for difference in results.differences {
            output.warn("not alike the baseline: \(difference)")
        }
        if !results.differences.isEmpty, results.summary.comparison == nil {
            output.warn("the change is not shown; --force shows it all the same")
        }
        let placed = try await workplace.results.finish(fetched, by: workplace.user)
        for note in fetched.notes { output.detail("note: \(note)") }
        for clock in fetched.wrongClocks where clock.corrected { output.warn(clock.text) }
        let cost = outputs.hasPage ? await workplace.cost(of: request.fleet) : nil
        try spiteOfClosedPipe { try report(results, cost, in: placed.folder) }
        try await raw?.write(RunFolder(at: placed.folder, named: request.id))
        ActionsReport(invocation).tell(results.summary)
        await notifications.tell(
            results.summary, run: request.id, plan: request.plan, fleet: request.fleet,
            folder: placed.folder)
        let verdict = results.summary.verdict?.exitStatus ?? .done
        return ExitStatus.gravest(
            of: fetched.ranOutOfTime ? [.deadlinePassed, verdict] : [verdict])
    }

    private func surroundings(of run: FetchedRun) throws -> RunSurroundings {
        let plan = FileManager.default.contents(atPath: run.folder + "/" + request.plan)
        return RunSurroundings(
            planSha256: try plan.map { try ContentHash.sha256(Array($0)) },
            environment: workplace.description)
    }

    /// `down` leaves of fetched runs only what a list needs.
    private func requireKept() async throws {
        let keys = RunKeys(request.id)
        guard let fetched = try await workplace.store.record(FetchedResults.self, at: keys.fetched),
            try await workplace.store.list(prefix: keys.bundlePrefix).isEmpty
        else { return }
        throw CommandFailure(
            message: "the results of run \(request.id) were fetched to \(fetched.folder) and are "
                + "no longer in the store",
            hint: "judge them again with: loadfleet report "
                + "\(fetched.folder.asShellWord)/samples/*.jtl.zst")
    }

    private func report(_ results: RunResults, _ cost: FleetCost?, in folder: String) throws {
        let path = relative(folder)
        if let events {
            try events.write(
                "summary",
                [
                    "run": .string(request.id), "folder": .string(path),
                    "summary": .raw(try results.summary.json(indented: false)),
                ])
        } else {
            output.note("results: \(path)/")
            if let skew = results.file.startSkewMs {
                output.note("the workers' first samples lie \(skew) ms apart")
            }
        }
        let judged = JudgedSamples(
            summary: results.summary, statistics: results.statistics,
            facts: ReportFacts(results.file, cost: cost))
        try outputs.write(judged, to: output)
    }

    private func relative(_ path: String) -> String {
        let here = invocation.context.directory + "/"
        return path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path
    }
}
