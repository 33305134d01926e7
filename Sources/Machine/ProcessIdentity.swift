// Who a process is, when its pid alone may by now belong to another one.

internal import Glibc

/// A pid together with the moment its process started, which no later process shares.
package struct ProcessIdentity: Sendable, Hashable, Codable {
    package let pid: Int32
    /// Field 22 of `/proc/<pid>/stat`: clock ticks since boot; 0 if the process was gone already.
    package let startTicks: UInt64

    private enum CodingKeys: String, CodingKey {
        case pid
        case startTicks = "start_ticks"
    }

    package init(pid: Int32) {
        self.pid = pid
        startTicks = ProcessTable.stat(of: pid)?.startTicks ?? 0
    }

    /// Whether this very process still runs; a zombie has ended.
    package var isAlive: Bool {
        guard let stat = ProcessTable.stat(of: pid) else { return false }
        return stat.startTicks == startTicks && stat.state != "Z" && stat.state != "X"
    }

    /// Sends a signal if this very process still runs.
    package func signal(_ number: Int32) {
        guard isAlive else { return }
        kill(pid, number)
    }

    /// Waits until the process has ended; `false` if it has not by the deadline.
    package func waitUntilGone(within limit: Duration) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while isAlive {
            guard ContinuousClock.now < deadline else { return false }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return true
    }
}
