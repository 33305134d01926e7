// One JMeter process: started, watched through its console, stopped by degrees.
//
// Signals go to the Java process itself; the shell script JMeter ships does not pass them on. Its
// exit code proves nothing: that a plan ended is known from what it prints.

internal import FoundationEssentials
internal import Glibc
internal import JMeter
internal import Machine
internal import Store

/// A running JMeter.
struct JMeterProcess {
    let child: ChildProcess
    let consolePath: String
    private var console: LineTail
    private(set) var stopPort: Int?
    private(set) var saidEndOfRun = false
    /// What JMeter itself gave as the reason of a failure, if it did.
    private(set) var complaint: String?
    private var stopSteps: [StopStep] = []
    private var stopBegan: ContinuousClock.Instant?
    private var stopManner: StopManner?

    /// Writes the launch's properties, readable by this user only, and starts JMeter.
    ///
    /// - Throws: ``NodeError`` when it cannot be started.
    static func start(_ launch: JMeterLaunch, context: NodeContext) async throws -> JMeterProcess {
        let folder = launch.workingFolder
        try writePrivate(launch.propertiesText, to: folder + "/" + launch.propertiesPath)
        let consolePath = folder + "/" + RunPart.own + "/console.log"
        var request = ProcessRequest(
            launch.executable, launch.arguments, environment: context.environment,
            directory: folder)
        request.standardOutput = .file(consolePath)
        request.standardError = .file(consolePath)
        // Killing the agent must end its load: nobody else would.
        request.diesWithParent = true
        request.newSession = true
        do {
            let child = try await ChildProcess.start(request)
            return JMeterProcess(
                child: child, consolePath: consolePath, console: LineTail(path: consolePath))
        } catch {
            throw NodeError(error.message)
        }
    }

    private init(child: ChildProcess, consolePath: String, console: LineTail) {
        self.child = child
        self.consolePath = consolePath
        self.console = console
    }

    /// Reads what JMeter has printed since the last look.
    mutating func readConsole() {
        for line in console.newLines() {
            switch JMeterConsole.event(of: line) {
            case .listening(let port): stopPort = port
            case .endOfRun: saidEndOfRun = true
            case .fatal(let text): complaint = complaint ?? text
            case .serverReady, .summary, nil: break
            }
        }
    }

    /// How the process ended, in words.
    var endText: String {
        switch child.end {
        case .signaled(let number)?: "was killed by signal \(number)"
        case .exited(let code)?: "ended with code \(code)"
        case nil: "has not ended"
        }
    }

    /// Takes the next step of stopping when it is due; call it again until the process has ended.
    mutating func pressStop(_ manner: StopManner, within limit: Duration = .zero) {
        if stopManner.map({ $0 < manner }) ?? true {
            stopManner = manner
            stopBegan = .now
            stopSteps = StopStep.ladder(manner, within: limit, hasStopPort: stopPort != nil)
        }
        guard let stopBegan, let step = stopSteps.first,
            ContinuousClock.now - stopBegan >= step.after
        else { return }
        stopSteps.removeFirst()
        switch step.action {
        case .message(let message):
            if let stopPort { Ports.send(message.rawValue, toLoopbackPort: stopPort) }
        case .signal(let number): child.signal(number)
        }
    }
}

/// One step on the way from a polite request to an end that cannot be refused.
private struct StopStep {
    enum Action {
        case message(StopCommand)
        case signal(Int32)
    }

    /// Counted from the first step.
    let after: Duration
    let action: Action

    /// `Shutdown` lets samples in flight finish, `StopTestNow` breaks them off, SIGTERM makes
    /// JMeter write out what it holds, SIGKILL ends it.
    static func ladder(_ manner: StopManner, within limit: Duration, hasStopPort: Bool)
        -> [StopStep]
    {
        let breakOff = StopStep(after: .zero, action: .message(.stopNow))
        return switch hasStopPort ? manner : .signal {
        case .orderly:
            [
                StopStep(after: .zero, action: .message(.shutdown)),
                StopStep(after: limit / 3, action: breakOff.action),
            ] + signals(after: limit * 2 / 3)
        case .breakOff: [breakOff] + signals(after: limit / 3)
        case .signal: signals(after: .zero)
        }
    }

    private static func signals(after delay: Duration) -> [StopStep] {
        [
            StopStep(after: delay, action: .signal(SIGTERM)),
            StopStep(after: delay + .seconds(5), action: .signal(SIGKILL)),
        ]
    }
}

/// Writes a file that only this user can read.
func writePrivate(_ text: String, to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
        throw NodeError("cannot write \(path): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    var written = 0
    while written < bytes.count {
        let count = bytes.withUnsafeBytes {
            write(descriptor, $0.baseAddress?.advanced(by: written), bytes.count - written)
        }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else {
            throw NodeError("cannot write \(path): \(String(cString: strerror(errno)))")
        }
        written += count
    }
}
