// The few things we ask of TCP and UDP: which port is free, is somebody listening, one datagram.

internal import Glibc

/// Ports of this machine and of its neighbors.
package enum Ports {
    /// Whether a TCP port can be listened on, on every IPv4 address of this machine.
    package static func isFree(_ port: Int) -> Bool {
        guard let descriptor = streamSocket() else { return false }
        defer { close(descriptor) }
        // As Java does for its server sockets: a port in TIME_WAIT counts as free.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        return bind(descriptor, to: "0.0.0.0", port: port)
    }

    /// TCP ports that were all free at once, chosen by the kernel; `nil` if it has none.
    package static func free(_ count: Int) -> [Int]? {
        var descriptors: [Int32] = []
        defer { for descriptor in descriptors { close(descriptor) } }
        var ports: [Int] = []
        for _ in 0..<count {
            guard let descriptor = streamSocket() else { return nil }
            descriptors.append(descriptor)
            guard bind(descriptor, to: "0.0.0.0", port: 0), let port = boundPort(descriptor) else {
                return nil
            }
            ports.append(port)
        }
        return ports
    }

    /// Whether somebody accepts TCP connections at an IPv4 address within the limit.
    package static func accepts(_ address: String, _ port: Int, within limit: Duration) async
        -> Bool
    {
        let deadline = ContinuousClock.now + limit
        repeat {
            if connects(address, port) { return true }
            try? await Task.sleep(for: .milliseconds(50))
        } while ContinuousClock.now < deadline && !Task.isCancelled
        return false
    }

    /// Sends one UDP datagram to a port of this machine's loopback address.
    package static func send(_ text: String, toLoopbackPort port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(O_CLOEXEC), 0)
        guard descriptor >= 0, let address = ipv4("127.0.0.1", port) else { return }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        // A datagram gets no answer: whoever sends it watches for its effect.
        _ = withSockaddr(address) {
            sendto(descriptor, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }

    private static func streamSocket() -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(O_CLOEXEC), 0)
        return descriptor >= 0 ? descriptor : nil
    }

    private static func bind(_ descriptor: Int32, to host: String, port: Int) -> Bool {
        guard let address = ipv4(host, port) else { return false }
        return withSockaddr(address) {
            Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        } && listen(descriptor, 1) == 0
    }

    private static func boundPort(_ descriptor: Int32) -> Int? {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &length)
            }
        }
        return code == 0 ? Int(UInt16(bigEndian: address.sin_port)) : nil
    }

    /// One attempt of at most a second, without blocking the thread for longer.
    private static func connects(_ host: String, _ port: Int) -> Bool {
        guard let address = ipv4(host, port), let descriptor = streamSocket() else { return false }
        defer { close(descriptor) }
        var second = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_SNDTIMEO, &second, socklen_t(MemoryLayout<timeval>.size))
        return withSockaddr(address) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }

    private static func ipv4(_ host: String, _ port: Int) -> sockaddr_in? {
        guard let number = UInt16(exactly: port) else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = number.bigEndian
        return inet_pton(AF_INET, host, &address.sin_addr) == 1 ? address : nil
    }

    private static func withSockaddr<Result>(
        _ address: sockaddr_in, _ body: (UnsafePointer<sockaddr>) -> Result
    ) -> Result {
        withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) }
        }
    }
}
