// What was found on the way along the sources of credentials, kept so that a person can see which
// one is used and why the others are not.

/// One source of credentials as it was found.
package struct ChainStep: Sendable, Equatable {
    /// What became of it.
    package enum Outcome: Sendable, Equatable {
        /// Nothing is configured; the next source has its turn.
        case absent
        /// It is the one to use.
        case chosen
        /// It is configured in a way that makes no sense, which ends the search.
        case wrong
        /// A source before it ended the search.
        case notReached
    }

    /// The source, in words.
    package let source: String
    /// What became of it.
    package let outcome: Outcome
    /// Why, or which; without secrets.
    package let detail: String
}

/// The source that gives the credentials.
package struct ChosenSource: Sendable, Discreet {
    /// The source, in words.
    package let name: String
    /// The end of the key's id, where it is known without asking anyone.
    package let maskedKeyID: String?
    /// Whether only asking it tells if it has any: the last resort, an EC2 instance's role.
    package let isLastResort: Bool
    let source: any CredentialSource

    /// The source's name.
    package var description: String { name }
}

/// The sources of credentials in their order, as they were found.
package struct ChainSurvey: Sendable {
    /// The sources, up to the last.
    package let steps: [ChainStep]
    /// The one to use; `nil` when none is configured or one makes no sense.
    package let chosen: ChosenSource?
    /// Why none is to be used.
    package let failure: AccessError?
}

extension AccessError {
    /// That no source has credentials; what the last resort said comes with it.
    static func nothingFound(_ last: AccessError? = nil) -> AccessError {
        AccessError(
            .noCredentials,
            "there are no AWS credentials" + (last.map { ": \($0.message)" } ?? ""),
            hint: last.flatMap { $0.kind == .refused ? $0.hint : nil }
                ?? "run `aws configure` or `aws sso login`, or set AWS_ACCESS_KEY_ID and "
                + "AWS_SECRET_ACCESS_KEY; see where they were looked for with: loadfleet doctor")
    }
}
