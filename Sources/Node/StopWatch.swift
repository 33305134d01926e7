// Reads from the store whether a run is to go on.

internal import FoundationEssentials
internal import Store

/// Why a node's load must stop before its plan has ended.
enum StopReason: Sendable, Equatable {
    /// Someone asked; `now` means without letting samples in flight finish.
    case asked(by: String, now: Bool)
    case deadline
    /// The node itself ends.
    case lease
    case told
    /// The node's machine is taken away in a short while.
    case interrupted
    /// The run is over for everyone, or whoever drives this node has gone.
    case abandoned(String)

    var ending: NodeOutcome.Ending {
        switch self {
        case .asked: .stopped
        case .deadline: .deadline
        case .lease: .lease
        case .interrupted: .interrupted
        case .told, .abandoned: .failed
        }
    }

    var message: String {
        switch self {
        case .asked(let by, _): "stopped by \(by)"
        case .deadline: "the run's deadline passed"
        case .lease: "the fleet's lease ended"
        case .told: "the node was told to end"
        case .interrupted: "its machine was taken away"
        case .abandoned(let why): why
        }
    }

    var manner: StopManner {
        switch self {
        case .asked(_, let now): now ? .breakOff : .orderly
        case .deadline, .interrupted: .orderly
        case .lease, .told, .abandoned: .signal
        }
    }
}

extension StopReason {
    /// The node's own end as a reason to stop; nil while it lives.
    init?(_ ending: AgentEnding?) {
        switch ending {
        case .lease: self = .lease
        case .told, .gone: self = .told
        case .interrupted: self = .interrupted
        case nil: return nil
        }
    }

    /// How long an orderly stop may take where `usual` is given to one: of the two minutes of an
    /// interrupted machine, delivering needs the rest.
    func stopTime(usual: Duration) -> Duration {
        self == .interrupted ? min(usual, .seconds(30)) : usual
    }
}

/// How JMeter is stopped.
enum StopManner: Int, Sendable, Comparable {
    /// Samples in flight may finish.
    case orderly
    /// Samples in flight are broken off, and count as failures.
    case breakOff
    /// By signal: there is no time, or nobody left for JMeter to talk to.
    case signal

    /// Whether the second is the harder one.
    static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// Watches for reasons to stop, without ever waiting for the store.
struct StopWatch {
    private let part: RunPart
    private var deadline: ContinuousClock.Instant?
    private var looking: Pace
    private let looks = Errand<StopReason?>(nil)

    init(_ part: RunPart) {
        self.part = part
        looking = Pace(every: part.store.recommendedPoll)
    }

    /// Starts the clock of the run's deadline.
    mutating func loadBegins() {
        deadline = .now + .seconds(part.request.deadlineSeconds)
    }

    /// Looks at this node each time, and has the store looked at as often as that recommends.
    mutating func reason() -> StopReason? {
        if let ending = StopReason(part.life.ending) { return ending }
        if let deadline, ContinuousClock.now >= deadline { return .deadline }
        if looking.isDue { looks.send { [part] in $0 = await part.wish() ?? $0 } }
        return looks.state
    }
}

extension RunPart {
    /// Looks into the store for the wish to stop; a store that is away for a moment is no reason.
    func wish() async -> StopReason? {
        if let stop = try? await store.record(StopRequest.self, at: keys.stop) {
            return .asked(by: stop.by, now: stop.now)
        }
        if (try? await store.read(keys.outcome)) != nil {
            return .abandoned("the controller ended the run")
        }
        return nil
    }
}
