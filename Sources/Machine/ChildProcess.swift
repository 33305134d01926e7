// Starts programs and waits for them.
//
// Each child has a thread of its own that forks, then waits. The thread therefore lives as long as
// the child, which is what makes `diesWithParent` true: the kernel's parent-death signal watches
// the thread that forked, not the process.

internal import CMachine
internal import Glibc
internal import Synchronization

/// What to start, and how.
package struct ProcessRequest: Sendable {
    /// Where a standard stream of the child goes.
    package enum Stream: Sendable, Equatable {
        case null
        /// Appended to, made with mode 0600 where absent.
        case file(String)
        /// An open descriptor, which stays the caller's.
        case descriptor(Int32)
    }

    package var executable: String
    package var arguments: [String]
    /// The child's whole environment; nothing is inherited.
    package var environment: [String: String]
    package var directory: String?
    package var standardOutput: Stream = .null
    package var standardError: Stream = .null
    /// Detached from the terminal and its signals.
    package var newSession = false
    /// Killed by the kernel when this process ends, however it ends.
    package var diesWithParent = false

    package init(
        _ executable: String, _ arguments: [String], environment: [String: String],
        directory: String? = nil
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
    }
}

/// How a process ended.
package enum ProcessEnd: Sendable, Equatable {
    case exited(Int32)
    case signaled(Int32)

    /// The shell's convention: the exit code, or 128 + the signal's number.
    package var code: Int32 {
        switch self {
        case .exited(let code): code
        case .signaled(let signal): 128 + signal
        }
    }
}

/// A program that could not be started.
package struct ProcessError: Error, Sendable, Equatable {
    package let executable: String
    package let errno: Int32

    package var message: String {
        "cannot start \(executable): \(String(cString: strerror(errno)))"
    }
}

/// A program started by this process.
package final class ChildProcess: Sendable {
    package let identity: ProcessIdentity
    private let ending: Ending

    private init(identity: ProcessIdentity, ending: Ending) {
        self.identity = identity
        self.ending = ending
    }

    /// Starts a program.
    ///
    /// - Throws: ``ProcessError`` when it cannot be executed, or a stream cannot be opened.
    package static func start(_ request: ProcessRequest) async throws(ProcessError)
        -> ChildProcess
    {
        let result: Result<ChildProcess, ProcessError> = await withCheckedContinuation { started in
            let ending = Ending()
            startThread {
                switch spawn(request) {
                case .failure(let error):
                    started.resume(returning: .failure(error))
                case .success(let pid):
                    // Safe to look up: an unreaped child keeps its pid.
                    let identity = ProcessIdentity(pid: pid)
                    started.resume(returning: .success(Self(identity: identity, ending: ending)))
                    ending.settle(reap(pid))
                }
            }
        }
        return try result.get()
    }

    /// How the process ended, or `nil` while it runs.
    package var end: ProcessEnd? { ending.value }

    /// Waits for the process to end.
    package func waitForEnd() async -> ProcessEnd {
        await ending.wait()
    }

    /// Sends a signal to the process itself, unless it has ended.
    package func signal(_ number: Int32) {
        guard end == nil else { return }
        identity.signal(number)
    }

    /// Sends a signal to the process and all it started, given that it was started with
    /// ``ProcessRequest/newSession`` and that one of them still runs.
    func signalSession(_ number: Int32) {
        kill(-identity.pid, number)
    }
}

/// The end of one process: settled once, awaited by any number.
private final class Ending: Sendable {
    private struct State {
        var value: ProcessEnd?
        var waiting: [CheckedContinuation<ProcessEnd, Never>] = []
    }

    private let state = Mutex(State())

    var value: ProcessEnd? { state.withLock { $0.value } }

    func settle(_ value: ProcessEnd) {
        let waiting = state.withLock { state in
            state.value = value
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: value) }
    }

    func wait() async -> ProcessEnd {
        await withCheckedContinuation { continuation in
            let settled = state.withLock { state in
                if state.value == nil { state.waiting.append(continuation) }
                return state.value
            }
            if let settled { continuation.resume(returning: settled) }
        }
    }
}

// MARK: - The child's thread

func startThread(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body))
    let code = pthread_create(
        &thread, nil,
        { context in
            guard let context else { return nil }
            Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body()
            return nil
        }, box.toOpaque())
    // Out of threads is out of memory: there is nothing to go on with.
    precondition(code == 0, "cannot start a thread: \(String(cString: strerror(code)))")
    pthread_detach(thread)
}

private func spawn(_ request: ProcessRequest) -> Result<pid_t, ProcessError> {
    func failure(_ code: Int32) -> Result<pid_t, ProcessError> {
        .failure(ProcessError(executable: request.executable, errno: code))
    }
    let input = open("/dev/null", O_RDONLY | O_CLOEXEC)
    let output = open(request.standardOutput)
    let error = open(request.standardError)
    defer { for descriptor in [input, output, error] where descriptor >= 0 { close(descriptor) } }
    guard input >= 0, output >= 0, error >= 0 else { return failure(errno) }

    let pid = withCStrings([request.executable] + request.arguments) { arguments in
        withCStrings(request.environment.map { "\($0.key)=\($0.value)" }.sorted()) { environment in
            request.executable.withCString { executable in
                withOptionalCString(request.directory) { directory in
                    var raw = lf_spawn_request(
                        executable: executable, arguments: arguments, environment: environment,
                        directory: directory, standard_input: input, standard_output: output,
                        standard_error: error, new_session: request.newSession,
                        parent_death_signal: request.diesWithParent ? SIGKILL : 0)
                    return lf_spawn(&raw)
                }
            }
        }
    }
    return pid > 0 ? .success(pid) : failure(-pid)
}

private func open(_ stream: ProcessRequest.Stream) -> Int32 {
    switch stream {
    case .null: open("/dev/null", O_WRONLY | O_CLOEXEC)
    case .file(let path): open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    case .descriptor(let number): fcntl(number, F_DUPFD_CLOEXEC, 3)
    }
}

private func reap(_ pid: pid_t) -> ProcessEnd {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    // The macros WIFSIGNALED and WEXITSTATUS are not imported into Swift; wait(2) has the layout.
    let signal = status & 0x7f
    return signal == 0 ? .exited((status >> 8) & 0xff) : .signaled(signal)
}

private func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers)
}

private func withOptionalCString<Result>(
    _ string: String?, _ body: (UnsafePointer<CChar>?) -> Result
) -> Result {
    guard let string else { return body(nil) }
    return string.withCString { body($0) }
}
