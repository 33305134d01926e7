// A link in memory, with a network that does what networks do: bytes come in pieces, connections
// break in the middle of a frame, a node connects anew while its old connection still brings bytes,
// the controller dies and begins with nothing.
import Foundation
import JTL

@testable import Node

/// A small random generator with a seed, so that a failure can be repeated.
struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func roll(_ chance: Int) -> Bool { Int.random(in: 0..<chance, using: &self) == 0 }
}

/// Samples as JMeter writes them, and what they add up to.
func packedSamples(_ dice: inout Dice, atMost limit: Int = 12) throws -> PackedStatistics {
    var text = "timeStamp,elapsed,label,responseCode,responseMessage,success,bytes,allThreads\n"
    for _ in 0..<Int.random(in: 0...limit, using: &dice) {
        let label = ["home", "cart", "pay", "é"].randomElement(using: &dice) ?? ""
        let isGood = !dice.roll(5)
        text += "\(Int.random(in: 1_700_000_000_000...1_700_000_060_000, using: &dice)),"
        text += "\(Int.random(in: 0...60, using: &dice)),\(label),\(isGood ? 200 : 503),"
        text += "\(isGood ? "OK" : "no \(Int.random(in: 0..<50, using: &dice))"),\(isGood),"
        text +=
            "\(Int.random(in: 0...9999, using: &dice)),\(Int.random(in: 1...40, using: &dice))\n"
    }
    var statistics = Statistics()
    var reader = SampleReader()
    try reader.consume(Array(text.utf8), into: &statistics)
    try reader.finish(into: &statistics)
    return PackedStatistics(statistics)
}

/// A node with its log, as a worker writes it.
final class LoggedNode {
    let name: String
    private(set) var records: [IntervalRecord] = []
    private(set) var log: [UInt8] = []
    private var encoder = IntervalLogEncoder()
    var isWhole = false

    init(_ name: String) { self.name = name }

    /// The next second goes by.
    func tick(_ dice: inout Dice) throws {
        let last = records.last
        let packed = try packedSamples(&dice)
        let record = IntervalRecord(
            second: (last?.second ?? 1_700_000_000) + Int64.random(in: 1...2, using: &dice),
            counted: (last?.counted ?? 60) + Int64(packed.samples) * 70, delivered: 0,
            health: nil, statistics: packed)
        records.append(record)
        log += encoder.encode(record)
    }
}

/// One connection: bytes on their way, in both directions.
final class WireConnection {
    let peer: LinkPeer
    var pump: LinkPump
    var toController: [UInt8] = []
    var toWorker: [UInt8] = []
    var isCut = false

    init(_ node: LoggedNode, _ secret: LinkSecret, nodes: [String]) {
        peer = LinkPeer(ControllerEnd(secret, nodes: Set(nodes)))
        pump = LinkPump(WorkerEnd(secret, node: node.name)) { place, count in
            Array(node.log[Int(place)..<min(node.log.count, Int(place) + count)])
        }
    }
}

/// The network, a controller, and nodes.
struct LinkNetwork {
    var dice: Dice
    let nodes: [LoggedNode]
    private(set) var merge: LiveMerge
    private var secret = LinkSecret.random()
    private var desk: LinkDesk
    private var connections: [String: [WireConnection]] = [:]
    private(set) var cuts = 0
    private(set) var restarts = 0
    private(set) var refusals = 0
    private var names: [String] { nodes.map(\.name) }

    init(seed: UInt64) {
        dice = Dice(state: seed)
        nodes = (1...Int.random(in: 1...5, using: &dice)).map { LoggedNode("worker-\($0)") }
        merge = LiveMerge(nodes: nodes.map(\.name))
        desk = LinkDesk(merge)
    }

    /// One thing happens, whatever it is.
    mutating func step() throws {
        guard let node = nodes.randomElement(using: &dice) else { return }
        switch Int.random(in: 0..<100, using: &dice) {
        case 0..<15: if !node.isWhole { try node.tick(&dice) }
        case 15..<17: cut(node)
        case 17..<19: connect(node)
        case 19: if dice.roll(4) { restart() }
        case 20..<23: spoil(node)
        default: move(node)
        }
    }

    /// No more trouble: everything comes through.
    mutating func settle() throws {
        for node in nodes { node.isWhole = true }
        for _ in 0..<200_000 where nodes.contains(where: { !merge.isWhole($0.name) }) {
            guard let node = nodes.randomElement(using: &dice) else { return }
            move(node)
        }
    }

    private mutating func connect(_ node: LoggedNode) {
        connections[node.name, default: []].append(
            WireConnection(node, secret, nodes: names))
    }

    private mutating func cut(_ node: LoggedNode) {
        guard let connection = connections[node.name]?.last else { return }
        connection.isCut = true
        // What was on its way may still arrive, or a part of it, whatever it ends in.
        connection.toController.removeLast(
            Int.random(in: 0...connection.toController.count, using: &dice))
        connection.toWorker = []
        cuts += 1
    }

    private mutating func restart() {
        merge = LiveMerge(nodes: names)
        desk = LinkDesk(merge)
        secret = .random()
        connections = [:]
        restarts += 1
    }

    /// Bytes that are not what was sent: changed, or there twice.
    private mutating func spoil(_ node: LoggedNode) {
        guard let connection = connections[node.name]?.randomElement(using: &dice) else { return }
        if !connection.isCut { fill(connection, node) }
        guard let place = connection.toController.indices.randomElement(using: &dice) else {
            return
        }
        if dice.roll(2) {
            connection.toController[place] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
        } else {
            connection.toController += connection.toController[place...]
        }
    }

    private func fill(_ connection: WireConnection, _ node: LoggedNode) {
        connection.pump.fill(to: Int64(node.log.count), isWhole: node.isWhole)
        connection.toController += connection.pump.end.output
        connection.pump.end.output = []
    }

    /// Some bytes of a node go some way.
    private mutating func move(_ node: LoggedNode) {
        if connections[node.name]?.allSatisfy(\.isCut) ?? true { connect(node) }
        guard let connection = connections[node.name]?.randomElement(using: &dice) else { return }
        if !connection.isCut { fill(connection, node) }
        let up = take(&connection.toController)
        if !up.isEmpty, !connection.peer.isGone {
            do {
                try desk.take(up, from: connection.peer)
            } catch {
                connection.peer.isGone = true
                refusals += 1
            }
        }
        connection.toWorker += connection.peer.end.output
        connection.peer.end.output = []
        let down = take(&connection.toWorker)
        if !connection.isCut, !down.isEmpty {
            if let have = try? connection.pump.end.receive(down) { connection.pump.heard(have) }
        }
        // An answer that will never come: a worker's patience ends some time.
        let isStill =
            connection.toController.isEmpty && connection.toWorker.isEmpty
            && connection.pump.end.output.isEmpty
        if connection.peer.isGone || isStill && connection.pump.isWaiting {
            connection.isCut = true
        }
        connections[node.name]?.removeAll { $0.isCut && $0.toController.isEmpty || $0.peer.isGone }
    }

    private mutating func take(_ pipe: inout [UInt8]) -> [UInt8] {
        let count = min(pipe.count, Int.random(in: 0...1500, using: &dice))
        defer { pipe.removeFirst(count) }
        return Array(pipe[..<count])
    }
}
