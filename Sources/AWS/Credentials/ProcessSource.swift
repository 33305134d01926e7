// Credentials that a program prints, as `credential_process` asks for. The program's output is
// never shown: it may be secrets that did not come out as JSON.

internal import SigV4

/// Credentials of a program.
struct ProcessSource: CredentialSource {
    let surroundings: Surroundings
    let command: String
    /// The account to assume when the program names none.
    let account: String?
    let profile: String

    func grant() async throws(AccessError) -> Grant {
        let source = "credential_process of the profile '\(profile)'"
        let result: CommandResult
        do {
            result = try await surroundings.runCommand(command, .seconds(60))
        } catch let error as AccessError {
            throw AccessError(error.kind, "\(source): \(error.message)", hint: error.hint)
        } catch {
            throw AccessError(
                .sourceFailed, "\(source): cannot be started",
                hint: "check the command in the profile")
        }
        guard result.succeeded else {
            let words = Self.oneLine(result.complaint)
            throw AccessError(
                .sourceFailed,
                "\(source): an error occurred while loading credentials: it \(result.end)"
                    + (words.isEmpty ? "" : ": " + words),
                hint: "run the command by hand to see what it says")
        }
        let document = try CredentialDocument(result.output, source: source)
        guard document.text("Version") == "1" else {
            throw AccessError(
                .refused, "\(source): its answer is not of Version 1, the only one there is")
        }
        return try document.grant(account: account)
    }

    /// The end of what a program said, since the reason stands there, as one line.
    private static func oneLine(_ complaint: String) -> String {
        let lines = complaint.split { $0.isNewline }.map { line in
            String(line.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }).trimmed
        }
        let text = lines.filter { !$0.isEmpty }.joined(separator: "; ")
        return text.count > 400 ? "…" + text.suffix(400) : text
    }
}
