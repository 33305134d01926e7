// The seconds of a run that is over, for whoever goes through all of them.

import JTL

extension Statistics {
    /// All intervals that have a second, in order.
    ///
    /// They unfold to much more than they take packed, so they come out bit by bit.
    func forEachStretch(_ body: ([Interval]) -> Void) {
        var rest = self
        let rows = labels.map(\.all).filter { $0.samples > $0.untimed }
        let first = (rows.map(\.firstStart).min() ?? 0) / 1000
        let last = (rows.map(\.lastEnd).max() ?? 0) / 1000
        let stretch = max(600, (last - first) / 16)
        var edge = first
        while edge < last {
            body(rest.takeIntervals(before: edge))
            edge += stretch
        }
        body(rest.takeIntervals())
    }
}
