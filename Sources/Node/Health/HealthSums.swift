// A node's health over the whole of its load, from one second after another.

internal import Store

/// Means and peaks of a node's seconds.
struct HealthSums: Sendable {
    /// One figure; a second in which it is not known does not count for it.
    private struct Figure: Sendable {
        var seconds = 0.0
        var sum = 0.0
        var peak: Double?

        mutating func add(_ value: Double?, for length: Double) {
            guard let value, length > 0 else { return }
            seconds += length
            sum += value * length
            // A look right after another one shows a moment, not a second.
            guard length >= 0.5 else { return }
            peak = max(peak ?? value, value)
        }

        var mean: Double? { seconds > 0 ? Figure.tenths(sum / seconds) : nil }
        var highest: Double? { peak.map(Figure.tenths) }

        /// More digits would promise more than a look at /proc can keep.
        private static func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }
    }

    private var cpu = Figure()
    private var gc = Figure()
    private var heap = Figure()
    private var ports = Figure()

    /// Takes one second into account.
    mutating func add(_ second: HealthSecond) {
        cpu.add(second.health.cpuPercent, for: second.seconds)
        gc.add(second.health.gcPercent, for: second.seconds)
        heap.add(second.health.heapPercent, for: second.seconds)
        ports.add(second.health.portsPercent, for: second.seconds)
    }

    /// What they add up to; nil where nothing is known.
    var summary: HealthSummary? {
        let summary = HealthSummary(
            cpuPercent: cpu.mean, cpuPeakPercent: cpu.highest, gcPercent: gc.mean,
            gcPeakPercent: gc.highest, heapPeakPercent: heap.highest,
            portsPeakPercent: ports.highest)
        return summary == HealthSummary() ? nil : summary
    }
}
