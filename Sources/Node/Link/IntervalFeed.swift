// Where the seconds of a node go: on a worker into a log, which a link brings to the controller; on
// the controller, whose own client makes the samples of a remote run, into the merge at once.

internal import FoundationEssentials
internal import Glibc
internal import Store
internal import Synchronization

/// Takes in the seconds of a node, one after another.
protocol IntervalFeed: Sendable {
    func add(_ record: IntervalRecord)

    /// How far the node's clock is ahead of the controller's, milliseconds; nil if not known.
    var clockOffsetMs: Double? { get }

    /// All seconds are in: sees to it that the controller gets them, within a bounded time.
    func finish() async
}

extension IntervalFeed {
    /// A node's health with what the link knows of its clock.
    func completed(_ health: NodeHealth?) -> NodeHealth? {
        guard let offset = clockOffsetMs else { return health }
        var health = health ?? NodeHealth()
        health.clockOffsetMs = health.clockOffsetMs ?? offset
        return health
    }
}

/// A worker's log on its disk and its link.
final class LinkFeed: IntervalFeed {
    private struct Log {
        var encoder = IntervalLogEncoder()
        var descriptor: Int32
        var length: Int64 = 0
        /// The log could not be written; what comes after a gap would make no sense.
        var isBroken = false
    }

    private let part: RunPart
    private let path: String
    private let sender: LinkSender
    private let log: Mutex<Log>
    private let seeking: Task<Void, Never>
    /// The log's name among the node's own files of a run.
    static let file = "intervals.log"

    /// What the controller must have for the run's figures to be whole.
    private let isEssential: Bool

    /// How long the controller may be away at the end, and how long everything may take.
    private static let absence: Duration = .seconds(5)
    private static let patience: Duration = .seconds(30)

    /// A feed with an empty log in the node's own folder; nil where that cannot be, which is noted.
    ///
    /// Of a log that is not `essential` nothing is put into the store when the link is down.
    init?(_ part: RunPart, essential: Bool = true) {
        path = "\(part.ownFolder)/\(Self.file)"
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC
        let descriptor = open(path, flags, 0o600)
        guard descriptor >= 0,
            let sender = try? LinkSender(node: part.context.node, path: path)
        else {
            part.note("no live figures: cannot write \(path)")
            return nil
        }
        self.part = part
        self.sender = sender
        isEssential = essential
        log = Mutex(Log(descriptor: descriptor))
        seeking = Task { [part, sender] in await Self.seek(part, sender) }
    }

    deinit {
        seeking.cancel()
        sender.close()
        log.withLock { _ = Glibc.close($0.descriptor) }
    }

    /// Tells the sender where the controller listens, whenever it does not know.
    private static func seek(_ part: RunPart, _ sender: LinkSender) async {
        let pause = part.context.writeInterval(
            usual: part.pause(atLeast: .milliseconds(200)), limit: .seconds(10),
            nodes: part.request.workers.count)
        while !Task.isCancelled {
            guard sender.wantsLink else {
                try? await Task.sleep(for: .milliseconds(100))
                continue
            }
            if let link = try? await part.store.record(RunLink.self, at: part.keys.link) {
                sender.use(link)
            }
            try? await Task.sleep(for: pause)
        }
    }

    var clockOffsetMs: Double? { sender.clockOffsetMs }

    func add(_ record: IntervalRecord) {
        let length = log.withLock { log -> Int64? in
            guard !log.isBroken else { return nil }
            let bytes = log.encoder.encode(record)
            guard Self.write(bytes, to: log.descriptor) else {
                log.isBroken = true
                return nil
            }
            log.length += Int64(bytes.count)
            return log.length
        }
        guard let length else { return part.note("no live figures: cannot write \(path)") }
        sender.logGrew(to: length)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }

    func finish() async {
        sender.logIsWhole()
        let end = ContinuousClock.now + Self.patience
        var lastOpen = ContinuousClock.now
        while !sender.isDone, ContinuousClock.now < end {
            if sender.isOpen { lastOpen = .now }
            // A machine that is taken away has no time to wait.
            let absence = part.life.ending == nil ? Self.absence : .seconds(1)
            guard isEssential, ContinuousClock.now - lastOpen < absence else { break }
            try? await Task.sleep(for: .milliseconds(20))
        }
        if isEssential, !sender.isDone { await putRest() }
    }

    /// Puts into the store what the controller does not have.
    private func putRest() async {
        let begin = sender.acknowledged
        guard let rest = rest(from: begin), !rest.isEmpty else { return }
        do {
            try await part.store.write(Data(rest), to: part.ownKeys.intervals(from: begin))
        } catch {
            // The controller counts the samples themselves then.
            part.note("cannot deliver the last live figures: \(sentence(error))")
        }
    }

    private func rest(from begin: Int64) -> [UInt8]? {
        let length = log.withLock { $0.length }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0, length >= begin else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while bytes.count < Int(length - begin) {
            let wanted = min(buffer.count, Int(length - begin) - bytes.count)
            let count = pread(descriptor, &buffer, wanted, Int(begin) + bytes.count)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
        }
        return bytes
    }

    /// Stays at the controller's disposal until the run is over: one that is started again begins
    /// with nothing.
    func linger() async {
        while part.life.ending == nil {
            if (try? await part.store.read(part.keys.outcome)) != nil { return }
            await part.life.sleep(for: part.context.pollInterval)
        }
    }
}
