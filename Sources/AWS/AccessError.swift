// Why AWS cannot be reached the way the user meant: a wrong configuration file, no credentials,
// a source that fails. Texts name keys, files and sources and never carry a secret value.

/// What keeps us from calling AWS before the first call is made.
package struct AccessError: Error, Equatable {
    /// The kind of trouble, for code that must tell them apart.
    package enum Kind: Sendable, Equatable {
        /// A configuration file, variable or flag is wrong; nothing was asked of AWS.
        case configuration
        /// No source of credentials is configured.
        case noCredentials
        /// A source failed in a way that may pass: a timeout, an outage, a throttled answer.
        case sourceFailed
        /// A source said no, and asking again will not help.
        case refused
        /// The configuration asks for something we do not do.
        case unsupported
    }

    /// The kind of trouble.
    package let kind: Kind
    /// One line: what happened and where.
    package let message: String
    /// What to do about it.
    package let hint: String?

    /// Trouble of a kind.
    package init(_ kind: Kind, _ message: String, hint: String? = nil) {
        self.kind = kind
        // Whatever values a message quotes: see `firstLine`.
        self.message = kind == .configuration ? message.firstLine : message
        self.hint = hint
    }
}
