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

    /// The URL without user, password and query, and without a second line.
    package var description: String {
        // A password may hold anything: all before the last @ may be one.
        let rest = text.lastIndex(of: "@").map { text[$0...] } ?? text[...]
        let shown = rest.prefix { $0 != "?" && $0 != "#" && !$0.isNewline }
        guard rest.startIndex != text.startIndex else { return String(shown) }
        let scheme = text.firstRange(of: "://").map { text[..<$0.upperBound] } ?? ""
        return scheme + "…" + shown
    }
}

extension String {
    /// The first line of a configured value.
    ///
    /// Indented lines of a configuration file belong to the value above them, and one of them may be
    /// a secret that was only indented by mistake.
    var firstLine: String {
        guard let end = firstIndex(where: \.isNewline) else { return self }
        return self[..<end] + "…"
    }
}
