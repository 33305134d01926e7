// A server on a real socket that does to its client whatever a test wants: it may answer, stop in
// the middle, dawdle, or reset the connection.

internal import Glibc
internal import Synchronization

/// A listening socket of this machine, and what is done with each connection.
package final class LoopbackServer: Sendable {
    /// Where it listens, on 127.0.0.1.
    package let port: Int
    private let descriptor: Int32
    private let record = Record()

    /// The connections so far.
    package var connections: Int { record.connections.withLock { $0 } }
    /// The requests so far.
    package var requests: [ReceivedRequest] { record.requests.withLock { $0 } }

    /// A server that does this with each connection.
    package init(_ serve: @escaping @Sendable (Connection) -> Void) throws {
        let (descriptor, port) = try Self.bindAnywhere(listening: true)
        (self.descriptor, self.port) = (descriptor, port)
        onThread { [record] in
            while true {
                let accepted = accept(descriptor, nil, nil)
                // Closed here and nowhere else: while this thread may still accept, another server
                // must not get the same descriptor, or we would answer in its place.
                guard accepted >= 0 else { return _ = close(descriptor) }
                record.connections.withLock { $0 += 1 }
                onThread {
                    let connection = Connection(descriptor: accepted, record)
                    serve(connection)
                    connection.close()
                }
            }
        }
    }

    /// A server that answers each request by itself, on connections that stay open.
    package convenience init(answering answer: @escaping @Sendable (ReceivedRequest) -> String)
        throws
    {
        try self.init { connection in
            while let request = connection.next() {
                guard connection.send(answer(request)) else { return }
            }
        }
    }

    deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Its address without a path.
    package var url: String { "http://127.0.0.1:\(port)" }

    /// A socket that cannot be had.
    package struct Failure: Error { let code: Int32 }

    /// A port on which nobody listens.
    package static func closedPort() throws -> Int { try ClosedPort().number }

    fileprivate static func bindAnywhere(
        listening: Bool
    ) throws -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0
                    && (!listening || listen(descriptor, 128) == 0)
                    && getsockname(descriptor, $0, &length) == 0 ? 0 : errno
            }
        }
        guard code == 0 else { throw Failure(code: code) }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }
}

/// A port on which nobody listens, and nobody else will for as long as this is kept.
package final class ClosedPort: Sendable {
    /// Its number, on 127.0.0.1.
    package let number: Int
    private let descriptor: Int32

    /// A port that was free.
    package init() throws {
        (descriptor, number) = try LoopbackServer.bindAnywhere(listening: false)
    }

    deinit { close(descriptor) }
}

/// What has come to a server.
final class Record: Sendable {
    let connections = Mutex(0)
    let requests = Mutex<[ReceivedRequest]>([])
}

/// Runs a body that blocks on a thread of its own; the pools of threads are too small for many.
private func onThread(_ body: @escaping @Sendable () -> Void) {
    final class Box {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body)).toOpaque()
    pthread_create(
        &thread, nil,
        { context in
            if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body() }
            return nil
        }, box)
    pthread_detach(thread)
}

/// A request as it came over the wire.
package struct ReceivedRequest: Sendable {
    /// Method, target and version.
    package let line: String
    /// The header, line by line.
    package let headers: [String]
    /// The body.
    package let body: [UInt8]

    /// The value of a header.
    package func header(_ name: String) -> String? {
        headers.first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
            .map { String($0.dropFirst(name.count + 1).drop { $0 == " " }) }
    }
}

/// One accepted connection.
package final class Connection: Sendable {
    private let descriptor: Int32
    private let record: Record

    init(descriptor: Int32, _ record: Record) {
        self.descriptor = descriptor
        self.record = record
    }

    func close() { Glibc.close(descriptor) }

    /// Ends the connection so that the client sees a reset.
    package func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &linger,
            socklen_t(MemoryLayout.size(ofValue: linger))
        )
    }

    /// Waits until the client is gone.
    package func waitForEnd() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while read(descriptor, &buffer, buffer.count) > 0 {}
    }

    /// Sends a text; whether the client took it.
    @discardableResult
    package func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Sends bytes; whether the client took them.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool {
        var left = bytes[...]
        while !left.isEmpty {
            let count = left.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            left = left.dropFirst(count)
        }
        return true
    }

    /// The next request with its body, of a client that states lengths.
    package func next() -> ReceivedRequest? {
        guard let head = readHead() else { return nil }
        var lines = head.split(separator: "\r\n").map(String.init)
        let line = lines.removeFirst()
        let plain = ReceivedRequest(line: line, headers: lines, body: [])
        let length = plain.header("Content-Length").flatMap { Int($0) } ?? 0
        var body = [UInt8](repeating: 0, count: length)
        var got = 0
        while got < length {
            let count = body.withUnsafeMutableBytes {
                read(descriptor, $0.baseAddress?.advanced(by: got), length - got)
            }
            guard count > 0 else { return nil }
            got += count
        }
        let request = ReceivedRequest(line: line, headers: lines, body: body)
        record.requests.withLock { $0.append(request) }
        return request
    }

    private func readHead() -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while !bytes.ends(with: "\r\n\r\n".utf8) {
            guard read(descriptor, &byte, 1) == 1 else { return nil }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Array where Element == UInt8 {
    fileprivate func ends(with other: String.UTF8View) -> Bool {
        suffix(other.count).elementsEqual(other)
    }
}

/// An answer with its length.
package func answer(_ status: String, headers: String = "", _ body: String = "") -> String {
    "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"
}
