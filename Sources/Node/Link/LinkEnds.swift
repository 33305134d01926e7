// The two ends of a link as bytes in and bytes out, without sockets and clocks: a log is brought from
// one end to the other, and it does not matter how often the connection breaks.
//
//   worker      hello     "LFLK", version, 16 random bytes, the node's name
//   controller  challenge 16 random bytes, the code of both under the run's key
//   worker      proof     its own code of both
// From here on all frames have codes, each direction under a key of its own.
//   controller  have      the offset up to which it has the node's log; the time of the last data
//                         frame as the worker said, and its own (microseconds since 1970)
//   worker      data      its time, the offset, bytes of its log from there
//   worker      end       the log's whole length: there will be no more
//
// `have` is the one answer to everything, also to a proof: so a worker that comes again goes on where
// its controller is, and a controller that begins anew gets everything.

/// What both ends agree on.
enum LinkProtocol {
    static let magic = Array("LFLK".utf8)
    static let version: UInt8 = 1
    /// No frame before the proof is longer, nor any from a controller.
    static let shortFrame = 512
    /// No frame of a worker is longer.
    static let longFrame = 1 << 20
    /// Bytes of a log in one frame.
    static let piece = 64 << 10

    enum Kind: UInt8 {
        case have = 1
        case data = 2
        case end = 3
    }

    struct Keys {
        let controllerProof: [UInt8]
        let workerProof: [UInt8]
        let fromController: FrameSeal
        let fromWorker: FrameSeal

        init(_ secret: LinkSecret, hello: [UInt8], nonce: [UInt8]) {
            let both = hello + nonce
            controllerProof = secret.derived("controller proof", both).code([])
            workerProof = secret.derived("worker proof", both).code([])
            fromController = FrameSeal(secret.derived("from controller", both))
            fromWorker = FrameSeal(secret.derived("from worker", both))
        }
    }
}

/// The worker's end of one connection.
struct WorkerEnd {
    /// What a controller said.
    struct Have: Equatable {
        /// It has the log up to here.
        let offset: Int64
        /// When the data left that it answers, and when it answered, each by the sender's clock,
        /// microseconds since 1970; 0 for an answer to no data.
        let sentAt: Int64
        let answeredAt: Int64
    }

    private let secret: LinkSecret
    private let hello: [UInt8]
    private var reader = FrameReader(limit: LinkProtocol.shortFrame)
    private var seal: FrameSeal?
    /// Bytes to be sent.
    var output: [UInt8]

    /// Whether both ends have proved themselves.
    var isOpen: Bool { seal != nil }

    init(_ secret: LinkSecret, node: String, nonce: [UInt8] = LinkNonce.random()) {
        self.secret = secret
        hello = LinkProtocol.magic + [LinkProtocol.version] + nonce + Array(node.utf8)
        output = LinkFrame.plain(hello)
    }

    /// Takes in bytes; returns the last answer in them.
    ///
    /// - Throws: ``LinkFault`` when the other end is not this run's controller.
    mutating func receive(_ bytes: some Collection<UInt8>) throws(LinkFault) -> Have? {
        reader.append(bytes)
        var have: Have?
        while let payload = try reader.next() {
            if isOpen { have = try answer(payload) } else { try prove(payload) }
        }
        return have
    }

    private mutating func prove(_ challenge: [UInt8]) throws(LinkFault) {
        guard challenge.count == LinkNonce.length + 32 else { throw LinkFault("no challenge") }
        let nonce = Array(challenge.prefix(LinkNonce.length))
        let keys = LinkProtocol.Keys(secret, hello: hello, nonce: nonce)
        guard LinkSecret.match(challenge.dropFirst(nonce.count), keys.controllerProof) else {
            throw LinkFault("the controller has another key")
        }
        output += LinkFrame.plain(keys.workerProof)
        reader.begin(keys.fromController, limit: LinkProtocol.shortFrame)
        seal = keys.fromWorker
    }

    private func answer(_ payload: [UInt8]) throws(LinkFault) -> Have {
        guard payload.first == LinkProtocol.Kind.have.rawValue, payload.count == 25 else {
            throw LinkFault("a frame of an unknown kind")
        }
        return Have(
            offset: LinkNumbers.int64(payload[1..<9]), sentAt: LinkNumbers.int64(payload[9..<17]),
            answeredAt: LinkNumbers.int64(payload[17..<25]))
    }

    /// Sends a piece of the log; only once the link is open.
    mutating func send(_ bytes: some Collection<UInt8>, from offset: Int64, at time: Int64) {
        var payload = [LinkProtocol.Kind.data.rawValue]
        payload += LinkNumbers.bytes(time) + LinkNumbers.bytes(offset) + bytes
        sealed(payload)
    }

    /// Says that the log is whole.
    mutating func sendEnd(length: Int64) {
        sealed([LinkProtocol.Kind.end.rawValue] + LinkNumbers.bytes(length))
    }

    private mutating func sealed(_ payload: [UInt8]) {
        guard var seal else { return }
        output += LinkFrame.bytes(payload, &seal)
        self.seal = seal
    }
}

/// The controller's end of one connection.
struct ControllerEnd {
    enum Event: Equatable {
        case opened(node: String)
        case data(offset: Int64, bytes: [UInt8], sentAt: Int64)
        case ended(length: Int64)
    }

    private let secret: LinkSecret
    private let nodes: Set<String>
    private let nonce: [UInt8]
    private var reader = FrameReader(limit: LinkProtocol.shortFrame)
    private var waiting: (keys: LinkProtocol.Keys, node: String)?
    private var seal: FrameSeal?
    /// The node at the other end, once it has proved itself.
    private(set) var node: String?
    /// Bytes to be sent.
    var output: [UInt8] = []

    init(_ secret: LinkSecret, nodes: Set<String>, nonce: [UInt8] = LinkNonce.random()) {
        self.secret = secret
        self.nodes = nodes
        self.nonce = nonce
    }

    /// Takes in bytes; returns what they bring.
    ///
    /// - Throws: ``LinkFault`` when the other end is no node of this run, or makes no sense.
    mutating func receive(_ bytes: some Collection<UInt8>) throws(LinkFault) -> [Event] {
        reader.append(bytes)
        var events: [Event] = []
        while let payload = try reader.next() {
            if node != nil {
                events.append(try event(payload))
            } else if let waiting {
                guard LinkSecret.match(payload, waiting.keys.workerProof) else {
                    throw LinkFault("\(waiting.node) has another key")
                }
                reader.begin(waiting.keys.fromWorker, limit: LinkProtocol.longFrame)
                seal = waiting.keys.fromController
                node = waiting.node
                events.append(.opened(node: waiting.node))
            } else {
                try challenge(payload)
            }
        }
        return events
    }

    private mutating func challenge(_ hello: [UInt8]) throws(LinkFault) {
        let head = LinkProtocol.magic + [LinkProtocol.version]
        guard hello.starts(with: head), hello.count > head.count + LinkNonce.length else {
            throw LinkFault("it does not speak our language")
        }
        let name = String(decoding: hello[(head.count + LinkNonce.length)...], as: UTF8.self)
        guard nodes.contains(name) else { throw LinkFault("it is no node of this run") }
        let keys = LinkProtocol.Keys(secret, hello: hello, nonce: nonce)
        output += LinkFrame.plain(nonce + keys.controllerProof)
        waiting = (keys, name)
    }

    private func event(_ payload: [UInt8]) throws(LinkFault) -> Event {
        switch payload.first.flatMap(LinkProtocol.Kind.init) {
        case .data where payload.count >= 17:
            .data(
                offset: LinkNumbers.int64(payload[9..<17]), bytes: Array(payload[17...]),
                sentAt: LinkNumbers.int64(payload[1..<9]))
        case .end where payload.count == 9: .ended(length: LinkNumbers.int64(payload[1..<9]))
        default: throw LinkFault("a frame of an unknown kind")
        }
    }

    /// Says how far the node's log has come.
    mutating func tell(have offset: Int64, sentAt: Int64, at time: Int64) {
        guard var seal else { return }
        let payload =
            [LinkProtocol.Kind.have.rawValue] + LinkNumbers.bytes(offset)
            + LinkNumbers.bytes(sentAt) + LinkNumbers.bytes(time)
        output += LinkFrame.bytes(payload, &seal)
        self.seal = seal
    }
}
