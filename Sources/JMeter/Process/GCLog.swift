// What the log of Java's garbage collector says about a heap: how long collections held all
// threads, and what was in use after the last of them.
//
// The log is Java's unified one (`-Xlog:gc`, JEP 158 and 271), which every Java that runs JMeter 5
// here has; only the G1 collector is read, for that is the one we start JMeter with.

/// Pauses and the heap, from lines of a garbage collector's log.
package struct GCLog: Equatable, Sendable {
    /// The time for which collections held all threads, milliseconds.
    package private(set) var pauseMilliseconds = 0.0
    /// Heap in use after the last collection, in percent of the heap.
    package private(set) var heapPercent: Double?

    package init() {}

    /// The options for Java that make the log; `path` is relative to where Java starts.
    ///
    /// Two files of 2 MB take turns: a run may last for days.
    static func options(path: String) -> [String] {
        ["-Xlog:gc:file=\(path):uptime:filecount=1,filesize=2M"]
    }

    /// Reads one line: `[3.649s] GC(97) Pause Young (Normal) (G1 ...) 29M->28M(64M) 1.065ms`.
    package mutating func read(line: some StringProtocol) {
        guard line.contains(" Pause ") else { return }
        let words = line.split(separator: " ")
        guard let last = words.last, last.hasSuffix("ms"), let pause = Double(last.dropLast(2)),
            pause >= 0
        else { return }
        pauseMilliseconds += pause
        // A remark and a cleanup free little, but say the same.
        if let sizes = words.dropLast().last, let percent = Self.heapPercent(String(sizes)) {
            heapPercent = percent
        }
    }

    /// `29M->28M(64M)` is 43.75.
    private static func heapPercent(_ text: String) -> Double? {
        let parts = text.split { "->()".contains($0) }
        guard parts.count == 3, let after = mebibytes(parts[1]), let all = mebibytes(parts[2]),
            all > 0
        else { return nil }
        return after / all * 100
    }

    private static func mebibytes(_ text: Substring) -> Double? {
        guard let unit = text.last, let number = Double(text.dropLast()) else { return nil }
        return switch unit {
        case "K": number / 1024
        case "M": number
        case "G": number * 1024
        default: nil
        }
    }
}
