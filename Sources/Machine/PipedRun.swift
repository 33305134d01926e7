// Runs a short program and keeps what it printed in memory only: what it prints may be a secret,
// which no file must hold, not even for a moment.

internal import Glibc
internal import Synchronization

/// What a short program did, its standard output and standard error apart.
package struct PipedRun: Sendable {
    /// How the reading ended.
    package enum End: Sendable, Equatable {
        /// The program ended by itself.
        case ended(ProcessEnd)
        /// The time was over, and the program was killed.
        case outOfTime
        /// It printed more than was allowed, and was killed.
        case tooMuch
        /// The task was cancelled, and the program was killed.
        case cancelled
    }

    package let end: End
    /// Standard output.
    package let output: [UInt8]
    /// The last bytes of standard error.
    package let complaint: [UInt8]

    /// Runs a program in a session of its own, at most for `limit`; then it is killed with all it
    /// started.
    ///
    /// Once the program has ended, what it left running is not waited for.
    ///
    /// - Parameters:
    ///   - request: What to run; its streams are replaced.
    ///   - limit: The time for all.
    ///   - outputLimit: The most standard output that is read, in bytes.
    /// - Returns: What it did.
    /// - Throws: ``ProcessError`` when it cannot be started.
    package static func of(
        _ request: ProcessRequest, limit: Duration, outputLimit: Int = 1 << 20
    ) async throws(ProcessError) -> PipedRun {
        let deadline = ContinuousClock.now + limit
        let output = try Pipe(for: request)
        let complaint = try Pipe(for: request)
        var request = request
        request.standardOutput = .descriptor(output.writeEnd.number)
        request.standardError = .descriptor(complaint.writeEnd.number)
        request.newSession = true
        request.diesWithParent = true
        let child = try await ChildProcess.start(request)
        output.writeEnd.close()
        complaint.writeEnd.close()
        let reading = PipeReading(
            output: output.readEnd, complaint: complaint.readEnd, outputLimit: outputLimit,
            deadline: deadline, child: child)
        return await reading.finish()
    }
}

/// A descriptor that is closed once.
private final class OwnedDescriptor: Sendable {
    let number: Int32
    private let isOpen = Mutex(true)

    init(_ number: Int32) { self.number = number }
    deinit { close() }

    func close() {
        let wasOpen = isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
        if wasOpen { Glibc.close(number) }
    }
}

private struct Pipe {
    let readEnd: OwnedDescriptor
    let writeEnd: OwnedDescriptor

    init(for request: ProcessRequest) throws(ProcessError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw ProcessError(executable: request.executable, errno: errno)
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        (readEnd, writeEnd) = (OwnedDescriptor(ends[0]), OwnedDescriptor(ends[1]))
    }
}

/// Reads both streams of one child until it is done, on a thread that may block.
private final class PipeReading: Sendable {
    private let output: OwnedDescriptor
    private let complaint: OwnedDescriptor
    private let outputLimit: Int
    private let deadline: ContinuousClock.Instant
    private let child: ChildProcess
    private let isCancelled = Atomic(false)

    /// How long a wait for output lasts before the child itself is looked at, in milliseconds.
    private static let slice: Int32 = 20
    private static let complaintLimit = 4096

    init(
        output: OwnedDescriptor, complaint: OwnedDescriptor, outputLimit: Int,
        deadline: ContinuousClock.Instant, child: ChildProcess
    ) {
        self.output = output
        self.complaint = complaint
        self.outputLimit = outputLimit
        self.deadline = deadline
        self.child = child
    }

    func finish() async -> PipedRun {
        let run = await withTaskCancellationHandler {
            await withCheckedContinuation { done in
                startThread { done.resume(returning: self.read()) }
            }
        } onCancel: {
            isCancelled.store(true, ordering: .relaxed)
        }
        if case .ended = run.end {} else { child.signalSession(SIGKILL) }
        return run
    }

    private func read() -> PipedRun {
        var (printed, said) = ([UInt8](), [UInt8]())
        var (hasOutput, hasComplaint) = (true, true)
        while true {
            // Looked at before reading: what a child printed before its end is read after it.
            let end = child.end
            var polled = [
                pollfd(fd: hasOutput ? output.number : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: hasComplaint ? complaint.number : -1, events: Int16(POLLIN), revents: 0),
            ]
            let isClosed = !hasOutput && !hasComplaint
            _ = poll(&polled, 2, end != nil ? 0 : isClosed ? 1 : Self.slice)
            hasOutput = hasOutput && drain(output, into: &printed)
            hasComplaint = hasComplaint && drain(complaint, into: &said)
            said = said.suffix(Self.complaintLimit)
            let isTooMuch = printed.count > outputLimit
            guard let end = isTooMuch ? .tooMuch : end.map(PipedRun.End.ended) ?? interruption
            else { continue }
            return PipedRun(end: end, output: printed, complaint: said)
        }
    }

    private var interruption: PipedRun.End? {
        if isCancelled.load(ordering: .relaxed) { return .cancelled }
        return ContinuousClock.now >= deadline ? .outOfTime : nil
    }

    /// Reads what is there, within the limit; `false` at the end of the stream.
    private func drain(_ source: OwnedDescriptor, into bytes: inout [UInt8]) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= outputLimit {
            let count = Glibc.read(source.number, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0 { return errno == EAGAIN }
            if count == 0 { return false }
            bytes += buffer[..<count]
        }
        return true
    }
}
