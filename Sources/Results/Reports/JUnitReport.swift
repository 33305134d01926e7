// The verdict as JUnit XML, which Jenkins, GitLab, CodeBuild and most others show as tests: a test
// case a gate, and one for whether the run can be believed. There is no schema by the makers of
// JUnit; what is written here is what those readers agree on.
//
// A gate that is not met is a failure. One that nothing is known about is an error, and so is an
// invalid run: never "skipped", which pipelines take for success.

private import JTL

/// The verdict as JUnit XML.
package enum JUnitReport {
    /// The whole file.
    package static func text(_ summary: Summary) -> String {
        let verdict = summary.verdict ?? Verdict.judge(summary)
        let cases = [validity(verdict)] + verdict.gates.map(testCase)
        let failures = verdict.gates.filter { !$0.passed && $0.actual != nil }.count
        let errors =
            verdict.gates.filter { !$0.passed && $0.actual == nil }.count
            + (verdict.status == .invalid ? 1 : 0)
        let counts =
            "tests=\"\(cases.count)\" failures=\"\(failures)\" errors=\"\(errors)\""
        let seconds = " time=\"\(FixedPoint.text(summary.total.durationS ?? 0, places: 3))\""
        var lines = [#"<?xml version="1.0" encoding="UTF-8"?>"#]
        lines.append("<testsuites name=\"loadfleet\" \(counts)\(seconds)>")
        lines.append(
            "  <testsuite name=\"loadfleet\" \(counts) skipped=\"0\"\(seconds)\(start(summary))>")
        lines += properties(summary)
        lines += cases.flatMap { $0 }
        lines.append(
            "    <system-out>\n\(escaped(TableReport(summary, width: 120).text, lineEnd: "\n"))"
                + "</system-out>")
        lines += ["  </testsuite>", "</testsuites>"]
        return lines.map { $0 + "\n" }.joined()
    }

    /// When the run began, without a zone, as readers of JUnit want it.
    private static func start(_ summary: Summary) -> String {
        guard let start = summary.total.firstStartMs else { return "" }
        return " timestamp=\"\(UTCTime.text(ms: start, separator: "T"))\""
    }

    private static func properties(_ summary: Summary) -> [String] {
        let figures = RowFigure.all.compactMap { figure in
            figure.value(summary.total).map { (figure.name, $0.text) }
        }
        let all = [("percentile_method", summary.percentileMethod.rawValue)] + figures
        return ["    <properties>"]
            + all.map { "      <property name=\"\($0.0)\" value=\"\($0.1)\"/>" }
            + ["    </properties>"]
    }

    private static func validity(_ verdict: Verdict) -> [String] {
        let head = "    <testcase classname=\"loadfleet.run\" name=\"the run can be believed\""
        guard verdict.status == .invalid else { return [head + "/>"] }
        return [
            head + ">",
            "      <error type=\"invalid\" message=\"\(escaped(verdict.reasons.first ?? ""))\">"
                + escaped(verdict.reasons.joined(separator: "\n"), lineEnd: "\n") + "</error>",
            "    </testcase>",
        ]
    }

    private static func testCase(_ gate: GateResult) -> [String] {
        let head =
            "    <testcase classname=\"loadfleet.gates\" name=\"\(escaped(gate.expression))\""
        guard !gate.passed else { return [head + "/>"] }
        let element = gate.actual == nil ? "error" : "failure"
        let type = gate.actual == nil ? "unknown" : "gate"
        let text = "\(gate.expression): \(gate.reason)"
        return [
            head + ">",
            "      <\(element) type=\"\(type)\" message=\"\(escaped(gate.reason))\">"
                + "\(escaped(text)); \(gate.samples) samples</\(element)>",
            "    </testcase>",
        ]
    }

    /// Text within XML 1.0, which has no way to say most control characters: those are escaped as
    /// on a terminal.
    static func escaped(_ text: String, lineEnd: String = "&#10;") -> String {
        var result = ""
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            if index > 0 { result += lineEnd }
            result += markupEscaped(DisplayText.visible(String(line)))
        }
        return result
    }
}

/// Text without what begins markup in XML and HTML; fit for attributes in double quotes.
func markupEscaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\"": result += "&quot;"
        case "'": result += "&#39;"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}
