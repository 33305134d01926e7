// Who signs. A credential describes itself without its secrets, so that no print, log line or
// crash can carry them.

/// An access key, with a session's token where it is a temporary one.
package struct Credential: Sendable, Hashable {
    /// The key's id, which every signature shows.
    package let accessKeyID: String
    /// The key itself.
    package let secretAccessKey: String
    /// The token of a temporary key.
    package let sessionToken: String?

    /// A credential of its parts.
    package init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
    }
}

extension Credential: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The end of the key's id, and no more.
    package var description: String {
        "credential …" + (accessKeyID.utf8.count > 8 ? accessKeyID.suffix(4) : "")
    }

    /// The same as ``description``.
    package var debugDescription: String { description }

    /// Nothing inside, since `dump` would print it.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
