// A YAML document as a tree whose every node knows its line and column. Only what environment
// files need: no tags, no merge keys, one document.

/// A node of a YAML document.
struct YAMLNode: Sendable {
    /// What the node holds.
    indirect enum Content: Sendable {
        /// Text, and whether it stood without quotes.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([Pair])
    }

    /// A key with its value.
    struct Pair: Sendable {
        let name: String
        let nameOrigin: Origin
        let value: YAMLNode
    }

    let content: Content
    let origin: Origin
    /// How many nodes hang below and including this one, aliases followed.
    let weight: Int

    /// Whether nothing was written, or `null`.
    var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// The node in words, for "expected …, found …".
    var noun: String {
        switch content {
        case .scalar(let text, _): isNull ? "nothing" : "'\(text)'"
        case .sequence: "a list"
        case .mapping: "a group of keys"
        }
    }
}
