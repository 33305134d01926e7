// What a step of GitHub Actions shows of a verdict: annotations beside the log, and the table on the
// page of the job. Other pipelines read files: JUnit for GitLab, Jenkins and CodeBuild.
//
// GitHub shows ten annotations of each kind a step, and drops a step's summary as a whole when it is
// longer than its limit.
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions
import FoundationEssentials
import Glibc
import Results

/// Tells GitHub Actions, where the command runs there.
struct ActionsReport {
    private let invocation: Invocation

    private static let annotationLimit = 10
    private static let summaryLimit = 1024 * 1024

    init(_ invocation: Invocation) { self.invocation = invocation }

    /// Writes annotations and the step's summary; does nothing anywhere else than in a step.
    ///
    /// A summary that can't be written is worth a warning, not the verdict.
    func tell(_ summary: Summary) {
        let variables = invocation.context.variables
        guard variables["GITHUB_ACTIONS"] == "true", let verdict = summary.verdict else { return }
        for line in Self.annotations(verdict) { invocation.output.show(line + "\n") }
        guard let path = variables["GITHUB_STEP_SUMMARY"], !path.isEmpty else { return }
        do {
            try append(summary, to: path)
        } catch {
            invocation.output.warn("cannot write the step's summary: \(error)")
        }
    }

    /// The workflow commands of a verdict, one a line.
    static func annotations(_ verdict: Verdict) -> [String] {
        let problems: [(title: String, text: String)] =
            (verdict.status == .invalid ? verdict.reasons.map { ("run is invalid", $0) } : [])
            + verdict.gates.filter { !$0.passed }
            .map { ("gate not met", "\($0.expression): \($0.reason)") }
        let isCut = problems.count > annotationLimit
        var lines = problems.prefix(isCut ? annotationLimit - 1 : annotationLimit)
            .map { command("error", title: "loadfleet: " + $0.title, $0.text) }
        if isCut {
            let rest = problems.count - lines.count
            lines.append(command("error", title: "loadfleet", "and \(rest) more; see the log"))
        }
        if verdict.status == .passed {
            let gates = verdict.gates.count == 1 ? "1 gate" : "\(verdict.gates.count) gates"
            lines.append(command("notice", title: "loadfleet", "passed: \(gates) met"))
        }
        for loss in verdict.otherLosses.prefix(annotationLimit) {
            lines.append(command("warning", title: "loadfleet: load was lost", loss))
        }
        return lines
    }

    private static func command(_ kind: String, title: String, _ text: String) -> String {
        "::\(kind) title=\(escaped(title, isProperty: true))::\(escaped(text))"
    }

    /// Text as workflow commands have it: on one line, and with nothing that ends a property.
    static func escaped(_ text: String, isProperty: Bool = false) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "%": result += "%25"
            case "\r": result += "%0D"
            case "\n": result += "%0A"
            case ":" where isProperty: result += "%3A"
            case "," where isProperty: result += "%2C"
            default: result += DisplayText.visible(String(scalar))
            }
        }
        return result
    }

    /// Appends to what earlier commands of the step wrote, within the limit of both.
    private func append(_ summary: Summary, to path: String) throws(AppendFailure) {
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw AppendFailure() }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw AppendFailure() }
        let room = Self.summaryLimit - Int(status.st_size)
        let text = "### loadfleet\n\n" + MarkdownReport.text(summary, limit: room - 64) + "\n"
        // One report too many would cost those that are there already.
        guard text.utf8.count <= room else { return }
        do throws(SinkError) {
            try DescriptorSink(file).write(text)
        } catch {
            throw AppendFailure()
        }
    }

    /// The system's last error.
    private struct AppendFailure: Error, CustomStringConvertible {
        let description = String(cString: strerror(errno))
    }
}
