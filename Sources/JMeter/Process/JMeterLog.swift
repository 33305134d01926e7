// What went wrong, in one sentence, from JMeter's log.
//
// JMeter's exit code says little: 0 covers a missing CSV file, a full heap and an unwritable
// results file. Its log does say, among thousands of lines.

/// Reading `jmeter.log`.
package enum JMeterLog {
    /// The likeliest reason for a failed run; nil when the log names none.
    ///
    /// Earlier entries of the table are closer to a cause, so they win over later ones.
    package static func reason(in log: String) -> String? {
        let lines = log.split(whereSeparator: \.isNewline)
        for (sign, meaning) in signs {
            guard let line = lines.first(where: { $0.contains(sign) }) else { continue }
            return "\(meaning): \(text(of: line))"
        }
        guard let line = lines.first(where: { $0.contains(" ERROR ") }) else { return nil }
        return "JMeter's log has an error: \(text(of: line))"
    }

    /// Whether a JMeter server takes orders.
    ///
    /// An open port proves nothing: where another program has it, JMeter says "Continuing..." on
    /// its console and never gets to this line of its log.
    package static func saysServerIsReady(_ log: String) -> Bool {
        log.contains("Bound to RMI registry on port")
    }

    private static let signs = [
        ("java.lang.OutOfMemoryError", "JMeter ran out of memory"),
        ("CannotResolveClassException", "the plan uses a class this JMeter doesn't have"),
        ("java.lang.ClassNotFoundException", "a class is missing from JMeter's lib folders"),
        ("Problem loading XML", "JMeter could not load the plan"),
        ("Could not bind to", "a port that JMeter needs is taken"),
        ("java.net.BindException", "no port was free for JMeter"),
        ("Too many open files", "JMeter had too many files and connections open"),
        ("must exist and be readable", "a data file is missing"),
        ("FileNotFoundException", "a file is missing"),
        ("Engine is busy", "a JMeter server is still busy with another test"),
        ("Remote host terminated the handshake", "the JMeters of the fleet have different keys"),
        ("Connection refused to host", "a JMeter server could not be reached"),
    ]

    /// The message of a log line, without time and level.
    private static func text(of line: Substring) -> String {
        let markers = [" ERROR ", " WARN ", " INFO "]
        for marker in markers {
            let parts = line.split(separator: marker, maxSplits: 1)
            if parts.count == 2 { return String(parts[1].prefix(300)) }
        }
        return String(line.prefix(300))
    }
}
