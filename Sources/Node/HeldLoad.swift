// A JMeter between its start and that of its load: held at its gate, given up, or let go.

internal import FoundationEssentials
internal import Machine
internal import Store

extension RunPart {
    /// Where JMeter waits for its start, relative to its folder.
    static let gate = own + "/start"
}

/// A JMeter that has been started, and whose load has not.
struct HeldLoad {
    let load: LoadProcess
    private(set) var process: JMeterProcess
    private let gate: StartGate?
    private var part: RunPart { load.part }

    init(load: LoadProcess, process: JMeterProcess, gate: StartGate?) {
        self.load = load
        self.process = process
        self.gate = gate
    }

    /// Whether JMeter has ended before its load began.
    var hasEnded: Bool { process.child.end != nil }

    /// Waits until JMeter is at the gate or has ended; returns the reason if it is not to go on.
    mutating func waitUntilReady() async -> StopReason? {
        var watch = StopWatch(part)
        let deadline = ContinuousClock.now + .seconds(part.request.readySeconds)
        while !hasEnded, !(gate?.isReached ?? true) {
            process.readConsole()
            if let reason = watch.reason() { return reason }
            guard ContinuousClock.now < deadline else {
                return .abandoned(
                    "its JMeter was not ready after \(Int(part.request.readySeconds)) s")
            }
            try? await Task.sleep(for: .milliseconds(50))
        }
        return nil
    }

    /// Lets the load begin, and runs it to its end.
    func run() async -> NodeOutcome {
        gate?.open()
        return await load.run(process, orElse: { nil })
    }

    /// Ends JMeter; the outcome is that of a node that made no load, for that reason.
    mutating func giveUp(_ reason: StopReason) async -> NodeOutcome {
        await end()
        var outcome = part.failed(reason.message)
        outcome.ending = reason.ending
        if case .asked(let by, _) = reason { outcome.stoppedBy = by }
        return outcome
    }

    /// Ends JMeter.
    mutating func end() async {
        while !hasEnded {
            process.pressStop(.signal)
            try? await Task.sleep(for: .milliseconds(50))
        }
    }
}
