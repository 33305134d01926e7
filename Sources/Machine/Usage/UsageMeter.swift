// What a process uses of its machine, between one look and the next. A look reads some ten small
// files; the one large table, of all connections, only where their number makes it worth it.

internal import Glibc

/// What a process used since the last look, and has now.
package struct Usage: Sendable, Equatable {
    /// The time since the last look.
    package var span: Duration
    /// Processor time in percent of what the process may use: its processors, or less by cgroup.
    package var processorPercent: Double?
    /// Periods in which a cgroup held the process back, in percent.
    package var throttledPercent: Double?
    /// Local ports towards one target, in percent of those there are.
    package var portsPercent: Double?
    /// Open files in percent of the limit.
    package var filesPercent: Double?
    /// Bytes of all network interfaces that the process sees.
    package var receivedBytes: Int64?
    package var sentBytes: Int64?
}

/// Looks at one process, time and again.
package struct UsageMeter: Sendable {
    /// What only grows.
    private struct Counters {
        let at: ContinuousClock.Instant
        var processorTicks: UInt64?
        var throttling: ProcessorCgroups.Throttling?
        var network: (received: Int64, sent: Int64)?
    }

    private let pid: Int32
    private var last: Counters

    /// Begins with the process as it is now.
    package init(pid: Int32) {
        self.pid = pid
        last = Self.counters(pid)
    }

    /// What was used since the last look.
    package mutating func look() -> Usage {
        let now = Self.counters(pid)
        defer { last = now }
        var usage = Usage(span: now.at - last.at)
        let seconds = usage.span / .seconds(1)
        if let before = last.processorTicks, let after = now.processorTicks, after >= before,
            seconds > 0
        {
            let used = Double(after - before) / Double(sysconf(Int32(_SC_CLK_TCK)))
            usage.processorPercent = used / (seconds * allowedProcessors) * 100
        }
        if let before = last.throttling, let after = now.throttling,
            after.periods > before.periods, after.throttled >= before.throttled
        {
            usage.throttledPercent =
                Double(after.throttled - before.throttled) / Double(after.periods - before.periods)
                * 100
        }
        usage.portsPercent = portsPercent
        usage.filesPercent = filesPercent
        if let before = last.network, let after = now.network {
            usage.receivedBytes = max(0, after.received - before.received)
            usage.sentBytes = max(0, after.sent - before.sent)
        }
        return usage
    }

    private static func counters(_ pid: Int32) -> Counters {
        Counters(
            at: .now, processorTicks: ProcessTable.stat(of: pid)?.processorTicks,
            throttling: cgroups(pid)?.throttling(text),
            network: text("/proc/\(pid)/net/dev").flatMap(ProcText.networkBytes))
    }

    private static func text(_ path: String) -> String? {
        readFile(path).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func cgroups(_ pid: Int32) -> ProcessorCgroups? {
        guard let own = text("/proc/\(pid)/cgroup"), let mounts = text("/proc/self/mountinfo")
        else { return nil }
        return ProcessorCgroups(cgroup: own, mounts: mounts)
    }

    /// Processors that the process may use, 0.5 for half of one.
    private var allowedProcessors: Double {
        let online = Self.text("/sys/devices/system/cpu/online").map(ProcText.processors)
        let allowed = Self.text("/proc/\(pid)/status").flatMap(ProcText.allowedProcessors)
        let count = (allowed ?? online ?? []).intersection(online ?? allowed ?? []).count
        let processors = Double(max(1, count))
        return Self.cgroups(pid)?.quota(Self.text).map { min($0, processors) } ?? processors
    }

    /// From here on it is worth it to look at every connection.
    private static let manyPorts = 50.0

    private var portsPercent: Double? {
        guard
            let use = Self.text("/proc/sys/net/ipv4/ip_local_port_range")
                .flatMap(PortUse.init(range:))
        else { return nil }
        let most = use.mostPercent(
            sockstats: ["sockstat", "sockstat6"].compactMap { Self.text("/proc/\(pid)/net/\($0)") })
        guard most >= Self.manyPorts else { return most }
        let reuse = Self.text("/proc/sys/net/ipv4/tcp_tw_reuse")
            .flatMap { $0.first.flatMap { PortUse.Reuse(rawValue: String($0)) } }
        return use.percent(
            tables: ["tcp", "tcp6"].compactMap { Self.text("/proc/\(pid)/net/\($0)") },
            reuse: reuse ?? .never)
    }

    private var filesPercent: Double? {
        guard let limit = Self.text("/proc/\(pid)/limits").flatMap(ProcText.openFilesLimit),
            limit > 0, let count = Self.openFiles(pid)
        else { return nil }
        return Double(count) / Double(limit) * 100
    }

    private static func openFiles(_ pid: Int32) -> Int? {
        // Newer kernels give the number as the folder's size.
        var status = stat()
        if stat("/proc/\(pid)/fd", &status) == 0, status.st_size > 0 { return Int(status.st_size) }
        guard let directory = opendir("/proc/\(pid)/fd") else { return nil }
        defer { closedir(directory) }
        var count = -2  // for `.` and `..`
        while readdir(directory) != nil { count += 1 }
        return max(0, count)
    }
}
