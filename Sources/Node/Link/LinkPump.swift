// Which bytes of a log go next over a connection: from where the controller is, to the log's end.

/// The worker's side of one connection, without its socket.
struct LinkPump {
    var end: WorkerEnd
    /// Bytes of the log from a place on, at most so many.
    private let read: (Int64, Int) -> [UInt8]
    /// What of the log goes next; nil until the controller has said where it is.
    private var next: Int64?
    private var acknowledged: Int64 = 0
    /// Whether the controller was told that the log is whole.
    private(set) var saidEnd = false
    private var heardEnd = false

    /// Bytes of output that are enough for now.
    private static let enough = 512 << 10

    init(_ end: WorkerEnd, read: @escaping (Int64, Int) -> [UInt8]) {
        self.end = end
        self.read = read
    }

    /// Whether an answer is due.
    var isWaiting: Bool { (next.map { $0 > acknowledged } ?? true) || saidEnd != heardEnd }

    mutating func heard(_ have: WorkerEnd.Have) {
        acknowledged = have.offset
        next = next ?? have.offset
        heardEnd = saidEnd
    }

    /// Asks for the controller's time, with a piece of the log that is empty.
    mutating func ask() {
        guard end.isOpen, let next, end.output.isEmpty else { return }
        end.send([UInt8](), from: next, at: LinkTime.now)
    }

    /// Puts into the output what there is of a log that has grown to a length.
    mutating func fill(to length: Int64, isWhole: Bool) {
        guard end.isOpen, var place = next else { return }
        while place < length, end.output.count < Self.enough {
            let bytes = read(place, min(LinkProtocol.piece, Int(length - place)))
            guard !bytes.isEmpty else { break }
            end.send(bytes, from: place, at: LinkTime.now)
            place += Int64(bytes.count)
        }
        next = place
        if isWhole, place == length, acknowledged == length, !saidEnd {
            saidEnd = true
            end.sendEnd(length: length)
        }
    }
}
