// What a reader of CloudWatch Logs must remember to give each line once: a token alone would skip
// lines that arrive late.

internal import AWS
internal import FoundationEssentials

/// What a reader has seen, in the position it holds: the newest line's time, and marks of the lines
/// since shortly before it.
struct LogMemory {
    /// How much older than the newest line a line may be that is yet to show, in milliseconds.
    private static let window: Int64 = 30_000

    private var newest: Int64 = 0
    private var seen: [UInt64: Int64] = [:]

    /// Reads a position; `nil` when it is none of this kind.
    init?(_ position: LogPosition) {
        guard position != .start else { return }
        for (index, word) in position.text.split(separator: " ").enumerated() {
            if index == 0 {
                guard let time = Int64(word) else { return nil }
                newest = time
            } else {
                let parts = word.split(separator: ":")
                guard parts.count == 2, let mark = UInt64(parts[0], radix: 36),
                    let age = Int64(parts[1], radix: 36)
                else { return nil }
                seen[mark] = newest - age
            }
        }
    }

    var position: LogPosition {
        let marks = seen.sorted { $0.value < $1.value }.map { mark, time in
            String(mark, radix: 36) + ":" + String(newest - time, radix: 36)
        }
        return LogPosition(text: ([String(newest)] + marks).joined(separator: " "))
    }

    /// From when on to look; `nil` for everything.
    var start: Date? {
        newest == 0 ? nil : Date(timeIntervalSince1970: Double(newest - Self.window) / 1000)
    }

    /// Whether an event was not seen before; from now on it was.
    ///
    /// A writer whose clock is fast must not hide what others write until its time has come:
    /// nothing is newer than `now`.
    mutating func isNew(_ event: LogEvent, now: Date) -> Bool {
        let time = Int64((event.time.timeIntervalSince1970 * 1000).rounded())
        newest = max(newest, min(time, Int64(now.timeIntervalSince1970 * 1000)))
        return seen.updateValue(time, forKey: Self.mark(time, event.message)) == nil
    }

    /// Forgets what no later look will bring again.
    mutating func forget() {
        let start = newest - Self.window
        seen = seen.filter { $0.value >= start }
    }

    /// FNV-1a of a line and its time: two lines of a log never have both in common.
    private static func mark(_ time: Int64, _ message: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        withUnsafeBytes(of: time.littleEndian) { bytes in
            for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        for byte in message.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash
    }
}
