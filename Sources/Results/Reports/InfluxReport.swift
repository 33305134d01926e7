// The summary in InfluxDB's line protocol: a point a label, one for the total, one a gate and one
// for the verdict, all at the end of the run. Tags cannot hold a line end, an empty text or a
// backslash at their end, and one of them would spoil the lines around it.

/// The summary in InfluxDB's line protocol.
package enum InfluxReport {
    /// All lines, each with `tags`; without a time where the run's end is not known, which the
    /// server then sets.
    package static func text(_ summary: Summary, tags: [(String, String)] = []) -> String {
        let time = summary.total.lastEndMs.flatMap(nanoseconds).map { " \($0)" } ?? ""
        var lines = [line("loadfleet_total", tags, fields(summary.total), time)]
        lines += summary.labels.map { row in
            line(
                "loadfleet_label", tags + [("kind", row.kind.rawValue), ("label", row.label)],
                fields(row), time)
        }
        if let verdict = summary.verdict {
            lines += verdict.gates.enumerated().map { index, gate in
                let actual = gate.actual.map { ["actual=\($0)"] } ?? []
                return line(
                    "loadfleet_gate",
                    tags + [("gate", gate.expression), ("number", "\(index + 1)")],
                    actual + ["passed=\(gate.passed)", "samples=\(gate.samples)i"], time)
            }
            lines.append(
                line(
                    "loadfleet_verdict", tags,
                    ["passed=\(verdict.status == .passed)", "status=\"\(verdict.status)\""], time))
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func fields(_ row: SummaryRow) -> [String] {
        RowFigure.all.compactMap { figure in
            figure.value(row).map { value in
                let isWhole = if case .whole = value { true } else { false }
                return "\(figure.name)=\(value.text)\(isWhole ? "i" : "")"
            }
        }
    }

    private static func line(
        _ measurement: String, _ tags: [(String, String)], _ fields: [String], _ time: String
    ) -> String {
        let set = tags.map { ",\($0.0)=\(tag($0.1))" }.joined()
        return "\(measurement)\(set) \(fields.joined(separator: ","))\(time)"
    }

    /// InfluxDB's times are 64 bits of nanoseconds, from 1677 to 2262.
    private static func nanoseconds(_ ms: Int64) -> Int64? {
        let (value, isTooLong) = ms.multipliedReportingOverflow(by: 1_000_000)
        return isTooLong ? nil : value
    }

    /// The value of a tag.
    package static func tag(_ text: String) -> String {
        guard !text.isEmpty else { return "(empty)" }
        var result = ""
        for scalar in DisplayText.visible(text).unicodeScalars {
            if [",", "=", " "].contains(scalar) { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
        // Before a comma or a blank it would take that one's meaning away.
        if result.hasSuffix("\\") { result = result.dropLast() + "\u{29F5}" }
        return result
    }
}
