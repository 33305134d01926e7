// The time of day for messages, without a calendar.

/// Times of day.
package enum ClockText {
    /// `12:34:56 UTC` of seconds since 1970.
    package static func utc(_ seconds: Int64) -> String {
        let day = (seconds % 86_400 + 86_400) % 86_400
        let parts = [day / 3600, day / 60 % 60, day % 60]
        return parts.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":") + " UTC"
    }
}
