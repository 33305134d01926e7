// The worker's side of its link: a thread that brings its interval log to the controller, and comes
// again for as long as the run lasts. What it brings is in a file, so nothing waits in memory, and
// whoever makes samples never waits for it.

internal import FoundationEssentials
internal import Glibc
internal import Store
internal import Synchronization

/// Brings a growing log to the controller.
final class LinkSender: Sendable {
    private struct State {
        var length: Int64 = 0
        var isWhole = false
        var acknowledged: Int64 = 0
        var knowsEnd = false
        var isOpen = false
        var link: RunLink?
        var wantsLink = true
        var isClosed = false
        var clock = ClockOffset()
    }

    private let node: String
    private let path: String
    private let state = Mutex(State())

    /// A sender of the log at `path`, which is empty as yet.
    init(node: String, path: String) throws(LinkFault) {
        self.node = node
        self.path = path
        try startThread { [self] in run() }
    }

    // MARK: - From any thread

    /// The log has grown.
    func logGrew(to length: Int64) { state.withLock { $0.length = length } }

    /// The log will not grow any more.
    func logIsWhole() { state.withLock { $0.isWhole = true } }

    /// Where the controller listens, as it says now.
    func use(_ link: RunLink) {
        state.withLock { state in
            state.link = link
            state.wantsLink = false
        }
    }

    /// Whether it is not known where the controller listens, or nobody was there.
    var wantsLink: Bool { state.withLock { $0.wantsLink } }

    /// Whether the controller is connected.
    var isOpen: Bool { state.withLock { $0.isOpen } }

    /// How much of the log the controller has.
    var acknowledged: Int64 { state.withLock { $0.acknowledged } }

    /// Whether the controller has the whole log and knows that it is whole.
    var isDone: Bool { state.withLock { $0.knowsEnd } }

    /// How far this node's clock is ahead of the controller's, milliseconds, as far as is known.
    var clockOffsetMs: Double? { state.withLock { $0.clock.milliseconds } }

    /// Ends the thread and the connection.
    func close() { state.withLock { $0.isClosed = true } }

    private var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Whether enough exchanges have told of the clocks; while the log grows there are more.
    private var knowsClock: Bool { state.withLock { $0.clock.isKnown } }

    // MARK: - On the thread

    private func run() {
        var failures = 0
        while !isClosed {
            guard let link = state.withLock({ $0.wantsLink ? nil : $0.link }) else {
                nap(0.05)
                continue
            }
            let began = state.withLock { $0.acknowledged }
            serve(link)
            state.withLock { state in
                state.isOpen = false
                // The controller may have been started again, at another port.
                state.wantsLink = true
            }
            failures = state.withLock { $0.acknowledged } > began ? 0 : failures + 1
            // Never all workers at once.
            nap(Double.random(in: 0.5...1) * min(5, 0.1 * Double(1 << min(failures, 6))))
        }
    }

    private func nap(_ seconds: Double) {
        var left = seconds
        while left > 0, !isClosed {
            usleep(UInt32(min(left, 0.05) * 1_000_000))
            left -= 0.05
        }
    }

    /// How long a connection may take to open, and the controller to answer what was sent.
    private static let patience: Duration = .seconds(10)

    /// Serves one connection until it breaks.
    private func serve(_ link: RunLink) {
        guard let secret = LinkSecret(hex: link.key),
            let socket = try? LinkSocket.connecting(to: link.address, port: link.port)
        else { return }
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        defer { Glibc.close(file) }
        var pump = LinkPump(WorkerEnd(secret, node: node)) { place, count in
            var bytes = [UInt8](repeating: 0, count: count)
            bytes.removeLast(count - max(0, pread(file, &bytes, count, Int(place))))
            return bytes
        }
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        var heard = ContinuousClock.now
        var asking = Pace(every: .milliseconds(100))
        while !isClosed {
            var wish = socket.wish(toWrite: !pump.end.output.isEmpty)
            // A log that grows is looked at ten times a second.
            guard poll(&wish, 1, 100) >= 0 || errno == EINTR else { return }
            if wish.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 {
                switch socket.receive(into: &buffer) {
                case .closed: return
                case .later: break
                case .bytes(let count):
                    guard hear(buffer[..<count], &pump) else { return }
                    heard = .now
                }
            }
            let (length, isWhole) = state.withLock { ($0.length, $0.isWhole) }
            pump.fill(to: length, isWhole: isWhole)
            if asking.isDue, !knowsClock { pump.ask() }
            guard socket.flush(&pump.end.output) else { return }
            let isWaiting = !pump.end.isOpen || pump.isWaiting
            if !isWaiting { heard = .now }
            guard .now - heard < Self.patience else { return }
        }
    }

    /// Takes in what the controller sent; false where it makes no sense.
    private func hear(_ bytes: ArraySlice<UInt8>, _ pump: inout LinkPump) -> Bool {
        do throws(LinkFault) {
            guard let have = try pump.end.receive(bytes) else { return true }
            pump.heard(have)
            note(have, pump)
            return true
        } catch {
            return false
        }
    }

    private func note(_ have: WorkerEnd.Have, _ pump: LinkPump) {
        state.withLock { state in
            state.isOpen = true
            // A controller that was started again has less than the one before.
            state.acknowledged = have.offset
            state.knowsEnd = false
            if have.sentAt > 0 {
                state.clock.take(
                    sentAt: have.sentAt, answeredAt: have.answeredAt, heardAt: LinkTime.now)
            }
            if pump.saidEnd, state.isWhole, have.offset == state.length { state.knowsEnd = true }
        }
    }
}

/// How far one clock is ahead of another, from questions and answers: of the last few the one that
/// was fastest tells the most.
struct ClockOffset: Sendable {
    private var samples: [(trip: Int64, offset: Int64)] = []

    private static let memory = 30
    /// So many exchanges are enough for a first answer.
    private static let enough = 10

    /// Whether there were enough exchanges to tell.
    var isKnown: Bool { samples.count >= Self.enough }

    /// Microseconds since 1970 of a question, of its answer by the other clock, and of its arrival.
    mutating func take(sentAt: Int64, answeredAt: Int64, heardAt: Int64) {
        guard heardAt >= sentAt else { return }
        let middle = sentAt + (heardAt - sentAt) / 2
        samples.append((heardAt - sentAt, middle - answeredAt))
        if samples.count > Self.memory { samples.removeFirst() }
    }

    /// By how much the own clock is ahead.
    var milliseconds: Double? {
        samples.min { $0.trip < $1.trip }.map { Double($0.offset) / 1000 }
    }
}
