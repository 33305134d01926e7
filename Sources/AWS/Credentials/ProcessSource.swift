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
        } catch {
            throw AccessError(
                .sourceFailed, "\(source): cannot be started",
                hint: "check the command in the profile")
        }
        guard result.succeeded else {
            throw AccessError(
                .sourceFailed,
                "\(source): an error occurred while loading credentials: it \(result.end)",
                hint: "run the command by hand to see what it says")
        }
        let document = try CredentialDocument(result.output, source: source)
        guard document.text("Version") == "1" else {
            throw AccessError(
                .refused, "\(source): its answer is not of Version 1, the only one there is")
        }
        return try document.grant(account: account)
    }
}

/// Credentials that stand in variables or in a file.
struct StaticSource: CredentialSource {
    let keys: StaticKeys
    let source: String

    func grant() async throws(AccessError) -> Grant {
        Grant(keys.credential, account: keys.account, source: source)
    }
}
