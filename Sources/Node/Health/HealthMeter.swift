// One second of a node's machine and its JMeter after another, first-hand: processor, ports, files
// and network from /proc, the heap from the log that Java's garbage collector writes.

internal import FoundationEssentials
internal import Glibc
internal import JMeter
internal import Machine
internal import Store

/// What one look at a JMeter has shown.
struct HealthSecond: Sendable, Equatable {
    /// When it ended.
    var at: Date
    /// How long it was: about one second, more where the machine is short of time.
    var seconds: Double
    var health: NodeHealth
    /// Periods in which a cgroup held JMeter back, in percent; nil without a limit.
    var throttledPercent: Double?
}

/// Looks at one JMeter once a second.
struct HealthMeter: Sendable {
    private var usage: UsageMeter
    private var collections: GCTail

    /// Begins with the process as it is now; `collections` is the path of its collector's log.
    init(pid: Int32, collections: String) {
        usage = UsageMeter(pid: pid)
        var tail = GCTail(path: collections)
        // What was collected while Java started says nothing of the load.
        _ = tail.newPauseMilliseconds()
        self.collections = tail
    }

    /// What has been since the last look.
    mutating func look() -> HealthSecond {
        let used = usage.look()
        let seconds = used.span / .seconds(1)
        let pauses = collections.newPauseMilliseconds()
        var health = NodeHealth(
            cpuPercent: used.processorPercent.map { min($0, 100) },
            heapPercent: collections.heapPercent,
            gcPercent: seconds > 0 ? min(100, pauses / 10 / seconds) : nil,
            portsPercent: used.portsPercent.map { min($0, 100) }, filesPercent: used.filesPercent)
        health.receivedBytes = used.receivedBytes.map { Self.perSecond($0, seconds) }
        health.sentBytes = used.sentBytes.map { Self.perSecond($0, seconds) }
        return HealthSecond(
            at: .now, seconds: seconds, health: health, throttledPercent: used.throttledPercent)
    }

    private static func perSecond(_ bytes: Int64, _ seconds: Double) -> Int64 {
        seconds > 0 ? Int64((Double(bytes) / seconds).rounded()) : bytes
    }
}

/// Follows a garbage collector's log, which begins anew when it has grown.
private struct GCTail: Sendable {
    private let path: String
    private var tail: LineTail
    private var log = GCLog()

    init(path: String) {
        self.path = path
        tail = LineTail(path: path)
    }

    /// Heap in use after the last collection, in percent.
    var heapPercent: Double? { log.heapPercent }

    /// The pauses since the last look.
    mutating func newPauseMilliseconds() -> Double {
        var status = stat()
        if stat(path, &status) == 0, Int64(status.st_size) < tail.position {
            tail = LineTail(path: path)
        }
        let before = log.pauseMilliseconds
        for line in tail.newLines() { log.read(line: line) }
        return log.pauseMilliseconds - before
    }
}
