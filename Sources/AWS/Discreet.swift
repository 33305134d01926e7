// Values that hold secrets, or may: a print, a dump, a failed expectation and a crash show what
// they choose to say of themselves, and nothing else.

/// Something that shows its `description` and nothing of what is inside.
package protocol Discreet: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable
{}

extension Discreet {
    /// The same as `description`.
    package var debugDescription: String { description }

    /// Nothing inside, since `dump` would print it.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// A text that may hold a user's password, as the URL of a proxy does.
package struct ConfidentialURL: Sendable, Equatable, Discreet {
    /// All of it, for whoever must use it.
    package let text: String

    /// A URL as it was written.
    package init(_ text: String) { self.text = text }

    /// The URL without user, password and query.
    package var description: String {
        let shown = text.prefix { $0 != "?" && $0 != "#" }
        guard let at = shown.lastIndex(of: "@") else { return String(shown) }
        let scheme = shown.firstRange(of: "://").map { shown[..<$0.upperBound] } ?? ""
        return scheme + "…" + shown[at...]
    }
}
