// A credential as a source gives it: with the time it is good for and where it came from. It is
// described without its secrets, so that no print, log line or crash can carry them.

package import FoundationEssentials
package import SigV4

/// A credential with its end and its origin.
package struct Grant: Sendable, Equatable {
    /// The credential.
    package let credential: Credential
    /// When it stops being good; `nil` when it has no end.
    package var expiration: Date?
    /// The account it belongs to, where the source says so.
    package var account: String?
    /// Where it came from, in words.
    package let source: String

    /// A credential from a source.
    package init(
        _ credential: Credential, expiration: Date? = nil, account: String? = nil, source: String
    ) {
        self.credential = credential
        self.expiration = expiration
        self.account = account
        self.source = source
    }
}

extension Grant: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The source and the end of the key's id.
    package var description: String {
        "credential \(maskedKeyID) from \(source)"
    }

    /// The same as ``description``.
    package var debugDescription: String { description }

    /// Nothing inside, since `dump` would print it.
    package var customMirror: Mirror { Mirror(self, children: []) }

    /// The key's id with all but its last four characters hidden.
    package var maskedKeyID: String {
        let id = credential.accessKeyID
        return id.count > 8 ? "…" + id.suffix(4) : "…"
    }
}

/// A place that gives credentials.
package protocol CredentialSource: Sendable {
    /// Asks for a fresh credential.
    ///
    /// - Throws: ``AccessError``.
    func grant() async throws(AccessError) -> Grant
}
