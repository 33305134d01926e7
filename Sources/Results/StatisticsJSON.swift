// JMeter's `statistics.json`, field by field and byte by byte as JMeter 5.6 writes it under Java
// 17, save for the mean (ours is the exact quotient). Formulas, order of operations included: the
// dashboard's StatisticsSummaryConsumer. Notation: Jackson's pretty printer.
//
// Labels come in the order of a Java HashMap, because that is what JMeter writes them from.

package import JTL

/// Writes statistics as JMeter's dashboard does.
package enum StatisticsJSON {
    /// The text of the file, which ends without a line end.
    package static func text(_ statistics: Statistics) -> String {
        var entries: [(label: String, body: String)] = [
            ("Total", entry("Total", statistics.total, statistics.totalWindow))
        ]
        for label in statistics.labels {
            let body = entry(label.label, label.all, label.window)
            // A sampler named Total takes the place of the overall entry, as it does in JMeter.
            if label.label == "Total" {
                entries[0].body = body
            } else {
                entries.append((label.label, body))
            }
        }
        let ordered = JavaHashOrder.sorted(entries.map(\.label)).map { entries[$0].body }
        return "{\n" + ordered.joined(separator: ",\n") + "\n}"
    }

    private static func entry(
        _ label: String, _ rows: Aggregate, _ window: SampleWindow?
    ) -> String {
        let times = window.map { Distribution($0) } ?? Distribution(rows.elapsed)
        func percentile(_ p: Double) -> String { number(times.percentile(p, .jmeter) ?? .nan) }
        let name = quoted(label)
        let fields = [
            ("transaction", name),
            ("sampleCount", "\(rows.samples)"),
            ("errorCount", "\(rows.errors)"),
            ("errorPct", number(Float(Double(rows.errors) * 100 / Double(rows.samples)))),
            ("meanResTime", number(rows.meanElapsed ?? .nan)),
            ("medianResTime", percentile(50)),
            ("minResTime", number(Double(rows.minElapsed))),
            ("maxResTime", number(Double(rows.maxElapsed))),
            ("pct1ResTime", percentile(90)),
            ("pct2ResTime", percentile(95)),
            ("pct3ResTime", percentile(99)),
            ("throughput", number(throughput(rows))),
            ("receivedKBytesPerSec", number(kilobytesPerSecond(rows.bytes, rows))),
            ("sentKBytesPerSec", number(kilobytesPerSecond(rows.sentBytes, rows))),
        ]
        let lines = fields.map { "    \"\($0.0)\" : \($0.1)" }.joined(separator: ",\n")
        return "  \(name) : {\n\(lines)\n  }"
    }

    /// The time from first start to last end; without samples it wraps around to 1 as in Java.
    private static func span(_ rows: Aggregate) -> Double {
        rows.untimed > 0 ? .nan : Double(rows.lastEnd &- rows.firstStart)
    }

    private static func throughput(_ rows: Aggregate) -> Double {
        Double(rows.samples) / span(rows) * 1000
    }

    private static func kilobytesPerSecond(_ bytes: Int128, _ rows: Aggregate) -> Double {
        Double(bytes) / (span(rows) / 1000) / 1024
    }
}

// MARK: - Notation

extension StatisticsJSON {
    private static func number(_ value: Double) -> String {
        value.isFinite ? JavaNumber.text(value) : "\"\(JavaNumber.text(value))\""
    }

    private static func number(_ value: Float) -> String {
        value.isFinite ? JavaNumber.text(value) : "\"\(JavaNumber.text(value))\""
    }

    /// A string as Jackson writes it: only what JSON demands is escaped.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{8}": result += "\\b"
            case "\u{C}": result += "\\f"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
