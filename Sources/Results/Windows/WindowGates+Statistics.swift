// Gates on windows of a run that is over: the seconds come from the samples. A sample belongs to
// the second in which it started, for that is what intervals are made of; while a run goes on, it
// belongs to the second in which it was written down. Both tell the same story a response time
// apart.

package import JTL

extension WindowGates {
    /// Holds the gates on windows against statistics that were made with intervals; others are
    /// left out.
    package static func results(
        of gates: [Gate], graceSeconds: Int = 0, in statistics: Statistics,
        method: PercentileMethod
    ) -> [GateResult] {
        let wanted = gates.filter(\.isOnWindow)
        guard !wanted.isEmpty else { return [] }
        let rows = statistics.labels.map(\.all)
        guard rows.allSatisfy({ $0.untimed == 0 }) else {
            return wanted.map { $0.unknown("samples have no time stamps", samples: 0) }
        }
        var windows = WindowGates(wanted, graceSeconds: graceSeconds, method: method)
        statistics.forEachStretch { windows.judge(before: $0) }
        _ = windows.finish()
        return windows.results
    }

    /// Judges what lies before the first of further seconds, and adds them.
    private mutating func judge(before more: [Interval]) {
        if let next = more.first?.second { _ = judge(upTo: next - 1) }
        for interval in more { add(interval) }
    }
}
