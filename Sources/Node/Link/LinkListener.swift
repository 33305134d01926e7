// The controller's side of all links of a run: one thread, which waits for all sockets at once.
//
// Whoever connects has to prove within seconds that it is a node of this run. What a peer does wrong
// costs it its connection and nobody else anything; a node that is cut off comes again by itself.

internal import Glibc
internal import Synchronization

/// Who takes in what the links bring.
protocol LinkReceiver: Sendable {
    /// How far a node's log has come.
    func have(of node: String) -> Int64

    /// Takes in bytes of a node's log from an offset on; returns how far the log has come.
    ///
    /// - Throws: ``LinkFault`` for what cannot be a log; the node is not listened to any more.
    func take(_ bytes: [UInt8], from offset: Int64, of node: String) throws(LinkFault) -> Int64

    /// A node says that its log is whole at a length.
    func end(of node: String, at length: Int64)
}

/// The controller's side of one connection, without its socket.
final class LinkPeer {
    var end: ControllerEnd
    /// It is not to be listened to any more.
    var isGone = false

    init(_ end: ControllerEnd) { self.end = end }
}

/// Passes on what peers bring, and answers them.
struct LinkDesk {
    private let receiver: any LinkReceiver
    private var current: [String: LinkPeer] = [:]

    init(_ receiver: any LinkReceiver) { self.receiver = receiver }

    /// Takes in bytes of a peer.
    ///
    /// - Throws: ``LinkFault`` for a peer that is to be turned away.
    mutating func take(
        _ bytes: some Collection<UInt8>, from peer: LinkPeer
    ) throws(LinkFault) {
        var answer: (have: Int64, sentAt: Int64)?
        for event in try peer.end.receive(bytes) {
            guard let node = peer.end.node, !peer.isGone else { continue }
            switch event {
            case .opened:
                // The newest connection is the one that the node uses.
                current[node]?.isGone = true
                current[node] = peer
                answer = (receiver.have(of: node), 0)
            case .data(let offset, let bytes, let sentAt):
                answer = (try receiver.take(bytes, from: offset, of: node), sentAt)
            case .ended(let length):
                receiver.end(of: node, at: length)
                answer = (receiver.have(of: node), 0)
            }
        }
        if let answer {
            peer.end.tell(have: answer.have, sentAt: answer.sentAt, at: LinkTime.now)
        }
    }
}

/// Listens for the workers of a run.
final class LinkListener: Sendable {
    let secret: LinkSecret
    let port: Int
    private let nodes: Set<String>
    private let receiver: any LinkReceiver
    private let note: @Sendable (String) -> Void
    private let isClosed = Mutex(false)

    /// How long a peer may take to prove itself.
    private static let patience: Duration = .seconds(5)
    /// Bytes of answers that a peer may leave unread.
    private static let mostUnread = 1 << 20
    /// How many peers may be connected that have not.
    private static let strangers = 2_048

    /// Listens at `address` until ``close()``.
    ///
    /// - Throws: ``LinkFault`` where that cannot be done.
    init(
        at address: String, nodes: [String], receiver: any LinkReceiver,
        note: @escaping @Sendable (String) -> Void
    ) throws(LinkFault) {
        raiseFileLimit()
        let (socket, port) = try LinkSocket.listening(at: address)
        secret = .random()
        self.port = port
        self.nodes = Set(nodes)
        self.receiver = receiver
        self.note = note
        let descriptor = dup(socket.descriptor)
        guard descriptor >= 0 else { throw LinkFault("no socket is left") }
        try startThread { [self] in run(LinkSocket(owning: descriptor)) }
    }

    /// Ends all connections.
    func close() { isClosed.withLock { $0 = true } }

    /// A connection.
    private struct Connection {
        let socket: LinkSocket
        let peer: LinkPeer
        let since = ContinuousClock.now
    }

    // MARK: - On the thread

    private func run(_ door: LinkSocket) {
        var connections: [Connection] = []
        var desk = LinkDesk(receiver)
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while !isClosed.withLock({ $0 }) {
            var wishes = [door.wish(toWrite: false)]
            wishes += connections.map { $0.socket.wish(toWrite: !$0.peer.end.output.isEmpty) }
            guard poll(&wishes, nfds_t(wishes.count), 200) >= 0 || errno == EINTR else { break }
            for (connection, wish) in zip(connections, wishes.dropFirst()) where wish.revents != 0 {
                attend(connection, &buffer, &desk)
            }
            let now = ContinuousClock.now
            for connection in connections
            where connection.peer.end.node == nil && now - connection.since > Self.patience {
                connection.peer.isGone = true
            }
            connections.removeAll { $0.peer.isGone }
            if wishes[0].revents != 0 { welcome(door, &connections) }
        }
    }

    private func welcome(_ door: LinkSocket, _ connections: inout [Connection]) {
        // A few at a time, so that those who are there are attended to as well.
        for _ in 0..<64 {
            guard let socket = door.accepted() else { return }
            // Who finds no place comes again; an open door without a place would be a busy loop.
            guard connections.count < nodes.count * 2 + Self.strangers else { continue }
            connections.append(
                Connection(socket: socket, peer: LinkPeer(ControllerEnd(secret, nodes: nodes))))
        }
    }

    private func attend(
        _ connection: Connection, _ buffer: inout [UInt8], _ desk: inout LinkDesk
    ) {
        let peer = connection.peer
        guard !peer.isGone else { return }
        do throws(LinkFault) {
            switch connection.socket.receive(into: &buffer) {
            case .closed: peer.isGone = true
            case .later: break
            case .bytes(let count): try desk.take(buffer[..<count], from: peer)
            }
            if !connection.socket.flush(&peer.end.output) { peer.isGone = true }
            // Who never listens is not talked to.
            if peer.end.output.count > Self.mostUnread { peer.isGone = true }
        } catch {
            peer.isGone = true
            note("a peer of the live channel is turned away: \(error.message)")
        }
    }
}

/// The time as a link's frames have it.
enum LinkTime {
    /// Microseconds since 1970.
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
}
