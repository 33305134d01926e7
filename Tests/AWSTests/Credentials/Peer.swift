// A machine's own service on a loopback socket: answers each request as a test says, or not at all.

import Foundation
import Glibc
import Synchronization

/// A listening socket, and what is answered to each request.
final class Peer: Sendable {
    struct Asked: Sendable {
        let method: String
        let path: String
        /// By name in lower case.
        let headers: [String: String]
        let body: String
    }

    struct Reply: Sendable {
        var status = 200
        var body = ""
        var headers = ""

        /// No answer, until the client goes.
        static let never = Reply(status: 0)
    }

    let port: Int
    private let descriptor: Int32
    private let kept = Kept()

    var url: String { "http://127.0.0.1:\(port)" }
    var asked: [Asked] { kept.requests.withLock { $0 } }

    private final class Kept: Sendable {
        let requests = Mutex<[Asked]>([])
    }

    /// Listens.
    init(_ answer: @escaping @Sendable (Asked) -> Reply) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(O_CLOEXEC), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { [descriptor] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, $0, &length) == 0 ? 0 : errno
            }
        }
        guard code == 0 else { throw POSIXError(.init(rawValue: code) ?? .EIO) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [descriptor, kept] in
            while true {
                let client = accept(descriptor, nil, nil)
                // Closed here and nowhere else: while this thread may still accept, another peer
                // must not get the same descriptor, or we would answer in its place.
                guard client >= 0 else { return _ = close(descriptor) }
                Thread.detachNewThread {
                    Self.serve(client) { asked in
                        kept.requests.withLock { $0.append(asked) }
                        return answer(asked)
                    }
                }
            }
        }
    }

    deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }

    private static func serve(_ client: Int32, _ answer: (Asked) -> Reply) {
        defer { close(client) }
        while let asked = next(client) {
            let reply = answer(asked)
            if reply.status == 0 {
                var byte: UInt8 = 0
                while read(client, &byte, 1) > 0 {}
                return
            }
            let text =
                "HTTP/1.1 \(reply.status) X\r\nContent-Length: \(reply.body.utf8.count)\r\n"
                + reply.headers + "\r\n" + reply.body
            let bytes = Array(text.utf8)
            guard send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
                return
            }
        }
    }

    private static func next(_ client: Int32) -> Asked? {
        var head: [UInt8] = []
        var byte: UInt8 = 0
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard read(client, &byte, 1) == 1 else { return nil }
            head.append(byte)
        }
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        let words = lines[0].split(separator: " ")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let halves = line.split(separator: ":", maxSplits: 1)
            headers[halves[0].lowercased()] = halves.last?.trimmingCharacters(in: .whitespaces)
        }
        var body: [UInt8] = []
        while body.count < Int(headers["content-length"] ?? "") ?? 0 {
            guard read(client, &byte, 1) == 1 else { return nil }
            body.append(byte)
        }
        return Asked(
            method: String(words[0]), path: String(words[1]), headers: headers,
            body: String(decoding: body, as: UTF8.self))
    }
}

/// A port on which nobody listens.
func closedPort() throws -> Int {
    try Peer { _ in .never }.port
}
