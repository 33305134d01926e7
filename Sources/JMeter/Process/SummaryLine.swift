// A line of JMeter's summariser:
// `summary + 802 in 00:00:05 = 146.2/s Avg: 20 Min: 20 Max: 35 Err: 0 (0.00%) Active: 4 …`

/// What the summariser says; times are the console's wall clock, not the samples'.
package struct SummaryLine: Equatable, Sendable {
    /// Whether it counts from the run's start (`=`) or from the line before (`+`).
    package let isTotal: Bool
    /// Samples, without transactions and sub-results.
    package let samples: Int
    /// The time they took to arrive, in seconds.
    package let seconds: Int
    /// Mean time in milliseconds.
    package let averageMilliseconds: Int
    /// Failed samples.
    package let errors: Int
    /// Threads at work; nil on lines of totals.
    package let activeThreads: Int?

    /// Nil when `line` isn't a summariser's.
    package init?(_ line: String) {
        let words = line.split(separator: " ").map(String.init)
        guard let into = words.firstIndex(of: "in"), into >= 3, words.count > into + 2,
            let count = Int(words[into - 1]), ["+", "="].contains(words[into - 2]),
            words[into + 2] == "=", let average = Self.number("Avg:", words),
            let errors = Self.number("Err:", words)
        else { return nil }
        let clock = words[into + 1].split(separator: ":").compactMap { Int($0) }
        guard clock.count == 3 else { return nil }
        isTotal = words[into - 2] == "="
        samples = count
        seconds = clock[0] * 3600 + clock[1] * 60 + clock[2]
        averageMilliseconds = average
        self.errors = errors
        activeThreads = Self.number("Active:", words)
    }

    private static func number(_ label: String, _ words: [String]) -> Int? {
        guard let index = words.lastIndex(of: label), index + 1 < words.count else { return nil }
        return Int(words[index + 1])
    }
}
