// Clocks of nodes that are wrong. JMeter stamps a sample by the clock of its machine; a clock that is
// minutes off would put its samples beside the run, and rates, windows and charts would be wrong for
// all. The links measure how far each worker's clock is off, so the samples of one worker can be put
// right; in remote mode those of all workers are in one file, and nobody can tell them apart.

internal import Store

/// A node's clock that was more than a second off.
package struct WrongClock: Codable, Sendable, Equatable {
    package var node: String
    /// How far it was ahead of the controller's clock, milliseconds; negative for one behind.
    package var offsetMs: Double
    /// Whether the times of its samples were put right by that, for the summary.
    package var corrected: Bool

    /// Clocks that are kept by NTP differ by less, and then the times are left as they were written.
    static let tolerance = 1000.0

    /// The offset as samples have their times.
    var wholeMs: Int64 { Int64(offsetMs.rounded()) }

    /// The clock as a sentence.
    package var text: String {
        let tenths = Int((abs(offsetMs) / 100).rounded())
        let words =
            "\(node)'s clock was \(tenths / 10).\(tenths % 10) s \(offsetMs > 0 ? "ahead of" : "behind") "
            + "the controller's"
        return corrected
            ? words + "; the times of its samples are put right in the summary"
            : words + ", and so are the times of its samples: rates and windows are wrong"
    }
}

extension FetchedRun {
    /// The workers' clocks that were wrong, as far as their links have measured them.
    package var wrongClocks: [WrongClock] {
        request.workers.compactMap { worker in
            let own = nodes.first { $0.node == worker }?.outcome?.clockOffsetMs
            let told = outcome.lost.first { $0.node == worker }?.clockOffsetMs
            guard let offset = own ?? told, abs(offset) > WrongClock.tolerance else { return nil }
            return WrongClock(
                node: worker, offsetMs: offset, corrected: request.mode == .standalone)
        }
    }
}
