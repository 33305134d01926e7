// Real sockets: what is no node of the run is turned away, and nobody else notices.
import Foundation
import Glibc
import LoadfleetTesting
import Store
import Synchronization
import Testing

@testable import Node

@Suite struct ListenerTests {
    private let merge = LiveMerge(nodes: ["worker-1", "worker-2"])
    private let notes = Notes()
    private let listener: LinkListener
    private let scratch: TemporaryFolder

    private final class Notes: Sendable {
        private let texts = Mutex<[String]>([])
        var all: [String] { texts.withLock { $0 } }
        func add(_ text: String) { texts.withLock { $0.append(text) } }
    }

    init() throws {
        scratch = try TemporaryFolder()
        listener = try LinkListener(
            at: "127.0.0.1", nodes: ["worker-1", "worker-2"], receiver: merge, note: notes.add)
    }

    private func wait(_ what: String, _ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while !condition() {
            try #require(ContinuousClock.now < deadline, "\(what); \(notes.all)")
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// A worker that sends its log for as long as it is there.
    private func sender(
        _ node: LoggedNode, key: String? = nil, port: Int? = nil
    ) throws -> LinkSender {
        let path = "\(scratch.path)/\(node.name).log"
        try Data(node.log).write(to: URL(filePath: path))
        let sender = try LinkSender(node: node.name, path: path)
        sender.logGrew(to: Int64(node.log.count))
        sender.logIsWhole()
        sender.use(
            RunLink(
                address: "127.0.0.1", port: port ?? listener.port,
                key: key ?? listener.secret.hex))
        return sender
    }

    private func node(_ name: String, seconds: Int = 30) throws -> LoggedNode {
        var dice = Dice(state: 5)
        let node = LoggedNode(name)
        for _ in 0..<seconds { try node.tick(&dice) }
        return node
    }

    /// Sends bytes to the listener and waits until it hangs up.
    private func expectHangUp(after bytes: [UInt8]) async throws {
        let socket = try LinkSocket.connecting(to: "127.0.0.1", port: listener.port)
        var output = bytes
        var buffer = [UInt8](repeating: 0, count: 1000)
        try await wait("the listener hangs up") {
            if !socket.flush(&output) { return true }
            if case .closed = socket.receive(into: &buffer) { return true }
            return false
        }
    }

    @Test func `garbage, long frames, strangers and half frames are turned away`() async throws {
        var dice = Dice(state: 1)
        let garbage = (0..<5000).map { _ in UInt8.random(in: .min ... .max, using: &dice) }
        try await expectHangUp(after: garbage)
        try await expectHangUp(after: LinkNumbers.bytes(UInt32.max) + garbage)
        try await expectHangUp(after: LinkFrame.plain([]))
        var stranger = WorkerEnd(listener.secret, node: "worker-3")
        try await expectHangUp(after: stranger.output)
        stranger = WorkerEnd(.random(), node: "worker-1")
        // A challenge that is not answered, and a proof under another key.
        let proof = LinkFrame.plain([UInt8](repeating: 1, count: 32))
        try await expectHangUp(after: stranger.output + proof)
        try await expectHangUp(after: Array(stranger.output.dropLast(3)))
        let node = try node("worker-1")
        let sender = try sender(node)
        defer { sender.close() }
        try await wait("the log has come") { sender.isDone }
        #expect(merge.have(of: "worker-1") == node.log.count)
        listener.close()
    }

    @Test func `a worker with another key gets nowhere, and others go on`() async throws {
        let wrong = try sender(try node("worker-1"), key: LinkSecret.random().hex)
        let right = try sender(try node("worker-2"))
        defer {
            wrong.close()
            right.close()
            listener.close()
        }
        try await wait("the right one is done") { right.isDone }
        try await wait("the wrong one asks for another key") { wrong.wantsLink }
        #expect(merge.have(of: "worker-1") == 0)
        // It was told something out of date, and asks again.
        wrong.use(
            RunLink(address: "127.0.0.1", port: listener.port, key: listener.secret.hex))
        try await wait("with the right key it is done") { wrong.isDone }
    }

    @Test func `a controller that begins anew gets everything again`() async throws {
        let node = try node("worker-1", seconds: 400)
        let sender = try sender(node)
        defer { sender.close() }
        try await wait("the log has come") { sender.isDone }
        listener.close()
        try await wait("the worker looks for the controller") { sender.wantsLink }
        let again = LiveMerge(nodes: ["worker-1"])
        let second = try LinkListener(
            at: "127.0.0.1", nodes: ["worker-1"], receiver: again, note: notes.add)
        defer { second.close() }
        sender.use(RunLink(address: "127.0.0.1", port: second.port, key: second.secret.hex))
        try await wait("all of it comes again") { again.isWhole("worker-1") }
        #expect(again.samples(of: "worker-1") == merge.samples(of: "worker-1"))
        #expect(merge.samples(of: "worker-1") > 0)
    }

    @Test func `a log that makes no sense is refused, and others go on`() async throws {
        let path = "\(scratch.path)/bad.log"
        try Data([9, 0, 0, 0] + [UInt8](repeating: 255, count: 90)).write(to: URL(filePath: path))
        let bad = try LinkSender(node: "worker-1", path: path)
        bad.logGrew(to: 94)
        bad.use(RunLink(address: "127.0.0.1", port: listener.port, key: listener.secret.hex))
        let good = try sender(try node("worker-2"))
        defer {
            bad.close()
            good.close()
            listener.close()
        }
        try await wait("it is refused") { notes.all.contains { $0.contains("damaged") } }
        try await wait("the other one is done") { good.isDone }
        #expect(merge.samples(of: "worker-1") == 0)
    }
}
