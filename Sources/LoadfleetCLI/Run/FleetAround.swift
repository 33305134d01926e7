// A fleet that lives for one run: `run --up` brings it up before, `run --down` gives it back after,
// whatever has become of the run and however often somebody has asked to end.
import Fleet
import Store

/// Brings up and gives back the fleet around a run.
struct FleetAround {
    let invocation: Invocation
    let workplace: Workplace
    let bringsUp: Bool
    let givesBack: Bool
    private var output: Output { invocation.output }

    /// Does `run` on the fleet; what it and the fleet came to, the gravest first.
    ///
    /// `run` is told what hears of signals before it does itself, where the process outlives them.
    /// - Throws: what `run` throws, where the fleet is not to be given back; else what giving it
    ///   back throws.
    func perform(
        _ run: (_ heard: Interruption?) async throws -> ExitStatus
    ) async throws -> ExitStatus {
        guard bringsUp || givesBack else { return try await run(nil) }
        // Signals between the phases must not end the process before the fleet is given back.
        let interruption = Interruption { [output, givesBack] count in
            if givesBack, count == 2 { output.note("ending; the fleet is given back first") }
        }
        guard givesBack else {
            var isUp = false
            return try await bringUpAndRun(run, interruption, &isUp)
        }
        var status: ExitStatus
        var isUp = !bringsUp
        do {
            status = try await bringUpAndRun(run, interruption, &isUp)
        } catch {
            // Said now, for giving back takes a while.
            let arguments = output.terminal.allowsColor ? [] : ["--no-color"]
            status = FailureReport(error, arguments: arguments, invocation.advice)
                .show(in: invocation.context)
            if isOfOthers(error, isUp: isUp) {
                output.note("the fleet stays: it is not this run's")
                return status
            }
        }
        let (down, unfetched) = try await GivingBack(workplace, output).giveBack()
        for run in unfetched {
            output.note(
                invocation.advice.complete("run \(run) was not fetched: loadfleet results \(run)"))
        }
        output.note("fleet '\(workplace.environment.name)' is down, nothing is left")
        if let cost = down.cost { output.note("  it cost \(cost.total)\(cost.restInWords)") }
        if let ended = interruption.status { status = .gravest(of: [status, ended]) }
        return status
    }

    private func bringUpAndRun(
        _ run: (_ heard: Interruption?) async throws -> ExitStatus, _ interruption: Interruption,
        _ isUp: inout Bool
    ) async throws -> ExitStatus {
        if bringsUp {
            switch try await BringingUp(invocation, workplace).bringUp() {
            case .up(let up, let cost):
                isUp = true
                output.note(
                    "fleet '\(up.fleet.name)' is up: 1 controller, \(up.fleet.workers.count) workers"
                )
                if let cost { output.note("  it costs \(cost.hourly) an hour\(cost.restInWords)") }
            case .declined: return .interrupted
            case .interrupted(let status): return status
            }
            if let status = interruption.status { return status }
        }
        return try await run(interruption)
    }

    /// Whether an error says that the fleet is somebody else's, or another than the one asked for.
    private func isOfOthers(_ error: any Error, isUp: Bool) -> Bool {
        let status = (error as? any UserFacing)?.exitStatus
        return status == .locked || (status == .wrongInput && !isUp)
    }
}
