// TCP as a link needs it: sockets that never block, and a thread that waits for them.

internal import Glibc

/// A TCP socket that never blocks and goes with its owner.
final class LinkSocket {
    let descriptor: Int32

    /// What a call on a socket came to.
    enum Result {
        case bytes(Int)
        case later
        case closed
    }

    init(owning descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// A socket that listens at an address, on a port of the kernel's choice.
    static func listening(at address: String) throws(LinkFault) -> (socket: LinkSocket, port: Int) {
        let socket = try make()
        var place = try ipv4(address, port: 0)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                var size = length
                return bind(socket.descriptor, generic, length) == 0
                    && listen(socket.descriptor, 1024) == 0
                    && getsockname(socket.descriptor, generic, &size) == 0
            }
        }
        guard isBound else {
            throw LinkFault("cannot listen at \(address): \(String(cString: strerror(errno)))")
        }
        return (socket, Int(UInt16(bigEndian: place.sin_port)))
    }

    /// A socket that is being connected; it can be written to once it is.
    static func connecting(to address: String, port: Int) throws(LinkFault) -> LinkSocket {
        let socket = try make()
        var place = try ipv4(address, port: port)
        let code = withUnsafeMutablePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 || errno == EINPROGRESS else {
            throw LinkFault("cannot connect: \(String(cString: strerror(errno)))")
        }
        return socket
    }

    private static func make() throws(LinkFault) -> LinkSocket {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, kind | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else {
            throw LinkFault("no socket: \(String(cString: strerror(errno)))")
        }
        let made = LinkSocket(owning: descriptor)
        made.sendAtOnce()
        return made
    }

    private static func ipv4(_ host: String, port: Int) throws(LinkFault) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        guard let number = UInt16(exactly: port), inet_pton(AF_INET, host, &address.sin_addr) == 1
        else { throw LinkFault("'\(host)' with port \(port) is no place to connect to") }
        address.sin_port = number.bigEndian
        return address
    }

    /// Small frames must not wait for more.
    private func sendAtOnce() {
        var yes: Int32 = 1
        setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    }

    /// The next connection; nil if nobody waits.
    func accepted() -> LinkSocket? {
        let peer = accept(descriptor, nil, nil)
        guard peer >= 0 else {
            // Without a free descriptor the door would ring and ring.
            if errno == EMFILE || errno == ENFILE { usleep(50_000) }
            return nil
        }
        let socket = LinkSocket(owning: peer)
        guard fcntl(peer, F_SETFD, FD_CLOEXEC) == 0, fcntl(peer, F_SETFL, O_NONBLOCK) == 0 else {
            return nil
        }
        socket.sendAtOnce()
        return socket
    }

    func receive(into buffer: inout [UInt8]) -> Result {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? .bytes(count) : count < 0 ? Self.failure : .closed
    }

    func send(_ bytes: ArraySlice<UInt8>) -> Result {
        let count = bytes.withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        return count >= 0 ? .bytes(count) : Self.failure
    }

    private static var failure: Result {
        errno == EAGAIN || errno == EINTR ? .later : .closed
    }

    /// Sends what it can of `output`, and takes it out there; whether the connection still stands.
    func flush(_ output: inout [UInt8]) -> Bool {
        var sent = 0
        defer { output.removeFirst(sent) }
        while sent < output.count {
            switch send(output[sent...]) {
            case .bytes(let count): sent += count
            case .later: return true
            case .closed: return false
            }
        }
        return true
    }

    /// What this socket waits for.
    func wish(toWrite: Bool) -> pollfd {
        pollfd(
            fd: descriptor, events: Int16(POLLIN) | (toWrite ? Int16(POLLOUT) : 0), revents: 0)
    }
}

/// Runs a piece of work on a thread of its own, since it waits for sockets.
func startThread(_ body: @escaping @Sendable () -> Void) throws(LinkFault) {
    final class Box {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    let box = Unmanaged.passRetained(Box(body))
    var thread = pthread_t()
    let code = pthread_create(
        &thread, nil,
        { context in
            if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body() }
            return nil
        }, box.toOpaque())
    guard code == 0 else {
        box.release()
        throw LinkFault("no thread: \(String(cString: strerror(code)))")
    }
    pthread_detach(thread)
}

/// Lets this process have as many sockets as the system allows it: a thousand workers are more than
/// the 1,024 files that are usual.
func raiseFileLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, 65_536))
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}
