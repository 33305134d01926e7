// How near a machine is to having no local port left for another connection.
//
// A port is taken for one target, not for all: what runs out are the ports towards one address and
// port. Ports in TIME_WAIT are taken too, unless the kernel gives them out again.

/// The local ports towards the target that has most of them.
struct PortUse: Equatable {
    /// The ports that the kernel gives to connections.
    let range: ClosedRange<Int>

    /// Reads `/proc/sys/net/ipv4/ip_local_port_range`.
    init?(range text: String) {
        let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        guard numbers.count == 2, numbers[0] <= numbers[1] else { return nil }
        range = numbers[0]...numbers[1]
    }

    /// In percent of the range, at most: all TCP sockets of `/proc/<pid>/net/sockstat` and
    /// `sockstat6`, as if each had a port of its own towards one target.
    func mostPercent(sockstats: [String]) -> Double {
        let sockets = sockstats.flatMap { $0.split(separator: "\n") }.reduce(0) { sum, line in
            // TCP: inuse 5 orphan 0 tw 2 alloc 7 mem 1
            let words = line.split(separator: " ")
            guard words.first == "TCP:" || words.first == "TCP6:" else { return sum }
            let counts = zip(words, words.dropFirst()).filter { $0.0 == "inuse" || $0.0 == "tw" }
            return sum + counts.reduce(0) { $0 + (Int($1.1) ?? 0) }
        }
        return percent(sockets)
    }

    /// When the kernel gives ports in TIME_WAIT out again: `/proc/sys/net/ipv4/tcp_tw_reuse`.
    enum Reuse: String {
        case never = "0"
        case always = "1"
        case onLoopback = "2"
    }

    /// In percent of the range: the ports towards one target, from `/proc/<pid>/net/tcp` and
    /// `tcp6`.
    func percent(tables: [String], reuse: Reuse) -> Double {
        var targets: [Substring: Int] = [:]
        for table in tables {
            for line in table.split(separator: "\n").dropFirst() {
                //   0: 0100007F:9C40 0100007F:1F90 01 ...
                let fields = line.split(separator: " ", maxSplits: 4)
                guard fields.count == 5,
                    let port = fields[1].split(separator: ":").last.flatMap({ Int($0, radix: 16) }),
                    range.contains(port), !Self.isFree(fields[3], fields[2], reuse)
                else { continue }
                targets[fields[2], default: 0] += 1
            }
        }
        return percent(targets.values.max() ?? 0)
    }

    private static let timeWait = "06"

    private static func isFree(_ state: Substring, _ target: Substring, _ reuse: Reuse) -> Bool {
        guard state == timeWait else { return false }
        return switch reuse {
        case .never: false
        case .always: true
        // 127.0.0.0/8 is written 0100007F; an IPv4 address in IPv6 ends alike.
        case .onLoopback:
            target.split(separator: ":").first?.hasSuffix("7F") ?? false
        }
    }

    private func percent(_ ports: Int) -> Double {
        Double(ports) / Double(range.count) * 100
    }
}
