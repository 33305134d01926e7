// How time stamps are written: milliseconds since 1970 (JMeter's default and the only exact way),
// or text by a pattern of Java's SimpleDateFormat, of which the numeric letters are supported.

/// How the `timeStamp` column is written.
public enum TimestampFormat: Equatable, Sendable {
    /// Milliseconds, or else the first of the common patterns that fits.
    case automatic

    /// Milliseconds since 1970 and nothing else.
    case milliseconds

    /// Text by a pattern.
    case pattern(TimestampPattern)
}

/// Reads time stamps of one format, and remembers which common pattern fitted.
struct TimestampReader {
    private var patterns: [TimestampPattern] = []
    private let allowsMilliseconds: Bool

    init(format: TimestampFormat) {
        switch format {
        case .automatic: (patterns, allowsMilliseconds) = (TimestampPattern.common, true)
        case .milliseconds: allowsMilliseconds = true
        case .pattern(let pattern): (patterns, allowsMilliseconds) = ([pattern], false)
        }
    }

    /// Milliseconds since 1970.
    mutating func read(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        if allowsMilliseconds, let time = parseLong(text) { return time }
        for (index, pattern) in patterns.enumerated() {
            if let time = pattern.milliseconds(text) {
                patterns.swapAt(0, index)
                return time
            }
        }
        return nil
    }
}
