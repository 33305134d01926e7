// Credentials that stand in a file or in the environment, ready to be used.

internal import SigV4

/// Credentials that stand in a file.
struct StaticSource: CredentialSource {
    let keys: StaticKeys
    let source: String

    func grant() async throws(AccessError) -> Grant { given }

    var given: Grant { Grant(keys.credential, account: keys.account, source: source) }
}

/// Credentials that stand in variables.
enum EnvironmentSource {
    /// The credentials; `nil` when there are none.
    ///
    /// - Throws: ``AccessError`` for half of a pair, which AWS's tools don't take for none either.
    static func find(_ surroundings: Surroundings) throws(AccessError) -> StaticSource? {
        let (id, secret) = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        switch (surroundings.variable(id), surroundings.variable(secret)) {
        case (nil, nil): return nil
        case (.some, nil): throw half(id, without: secret)
        case (nil, .some): throw half(secret, without: id)
        case (let id?, let secret?):
            let credential = Credential(
                accessKeyID: id, secretAccessKey: secret,
                sessionToken: surroundings.variable("AWS_SESSION_TOKEN"))
            return StaticSource(
                keys: StaticKeys(
                    credential: credential, account: surroundings.variable("AWS_ACCOUNT_ID")),
                source: "environment variables")
        }
    }

    private static func half(_ name: String, without other: String) -> AccessError {
        AccessError(
            .configuration, "\(name) is set and \(other) is not",
            hint: "set both, or unset \(name)")
    }
}
