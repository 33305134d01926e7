// A relay between workers and their controller, which a test can cut as a network is cut: what is on
// its way stays there, and goes on when the network is back, be it long out of date.
import Foundation
import Glibc
import Synchronization

/// Carries bytes between whoever connects and a port of this machine.
final class LinkRelay: Sendable {
    /// Where it listens, on 127.0.0.1.
    let port: Int
    private let descriptor: Int32
    private let target: Int
    private let cutNode = Mutex<String?>(nil)
    private let isClosed = Mutex(false)
    private let count = Mutex(0)

    /// How many connections there were.
    var connections: Int { count.withLock { $0 } }

    /// A relay to a port.
    init(to target: Int) throws {
        self.target = target
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 128) == 0
                    && getsockname(descriptor, $0, &length) == 0 ? 0 : errno
            }
        }
        guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in run() }
    }

    /// Cuts a node off, those of its connections that are yet to come too; nil cuts nobody off.
    func cut(_ node: String?) { cutNode.withLock { $0 = node } }

    /// Ends all connections.
    func close() { isClosed.withLock { $0 = true } }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        address.sin_port = UInt16(port).bigEndian
        return address
    }

    /// A connection, from one who came to the target.
    private final class Pair {
        let ends: [Int32]
        /// A link begins with the name of its node.
        var hello: [UInt8] = []
        var isOver = false

        init(_ client: Int32, _ server: Int32) { ends = [client, server] }

        deinit { for end in ends { Glibc.close(end) } }

        func isOf(_ node: String) -> Bool {
            String(decoding: hello, as: UTF8.self).contains(node)
        }
    }

    private func run() {
        var pairs: [Pair] = []
        while !isClosed.withLock({ $0 }) {
            let cut = cutNode.withLock { $0 }
            let open = pairs.filter { pair in cut.map { !pair.isOf($0) } ?? true }
            var wishes = ([descriptor] + open.flatMap(\.ends)).map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            guard poll(&wishes, nfds_t(wishes.count), 20) > 0 else { continue }
            for (index, pair) in open.enumerated() {
                for side in 0...1 where wishes[1 + 2 * index + side].revents != 0 && !pair.isOver {
                    carry(pair, from: side, unless: cut)
                }
            }
            pairs.removeAll(where: \.isOver)
            if wishes[0].revents != 0, let pair = welcome() { pairs.append(pair) }
        }
        Glibc.close(descriptor)
    }

    private func welcome() -> Pair? {
        let client = accept(descriptor, nil, nil)
        guard client >= 0 else { return nil }
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let pair = Pair(client, server)
        count.withLock { $0 += 1 }
        var address = Self.loopback(target)
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        return isConnected ? pair : nil
    }

    private func carry(_ pair: Pair, from side: Int, unless cut: String?) {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        // A first look shows whose connection it is, and leaves the bytes where they are.
        let isFirst = side == 0 && pair.hello.isEmpty
        let count = recv(
            pair.ends[side], &buffer, buffer.count, isFirst ? Int32(MSG_PEEK) : 0)
        guard count > 0 else { return pair.isOver = true }
        if isFirst { return pair.hello = Array(buffer[..<count]) }
        var sent = 0
        while sent < count {
            let next = buffer[sent..<count].withUnsafeBytes {
                send(pair.ends[1 - side], $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard next > 0 else { return pair.isOver = true }
            sent += next
        }
    }
}
