// Moments as people and XML write them. Java's time stamps reach further than a calendar does; what
// is beyond the year 9999 is shown as the number it is.

private import FoundationEssentials

/// A moment in UTC as text.
enum UTCTime {
    /// Milliseconds since 1970 as `2026-11-21 13:33:20`, with a separator of one's own.
    static func text(ms: Int64, separator: String = " ") -> String {
        guard (-62_135_596_800_000..<253_402_300_800_000).contains(ms) else { return "\(ms)" }
        let style = Date.ISO8601FormatStyle(timeZone: .gmt)
            .year().month().day().dateTimeSeparator(.space).time(includingFractionalSeconds: false)
        let text = Date(timeIntervalSince1970: Double(floorMs(ms))).formatted(style)
        return text.split(separator: " ").joined(separator: separator)
    }

    private static func floorMs(_ ms: Int64) -> Int64 { ms >= 0 ? ms / 1000 : (ms - 999) / 1000 }
}
