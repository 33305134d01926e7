// What stands in AWS's shared files: sections with keys and values, each value with its place, so
// that every later decision can say which line of which file it comes from.

/// A line of a file.
package struct ConfigPlace: Sendable, Equatable {
    /// The file's path.
    package let file: String
    /// The line, counted from 1.
    package let line: Int

    /// `file:line`, as compilers write it.
    package var text: String { "\(file):\(line)" }
}

/// The value of a key, with where it was found.
package struct ConfigValue: Sendable, Equatable, Discreet {
    /// The text; continued lines are joined by newlines.
    package var text: String
    /// Where the key stands.
    package let place: ConfigPlace

    /// Where it stands; it may be a secret.
    package var description: String { "the value at \(place.text)" }

    /// The settings nested below a key, as in `s3 =` followed by indented lines; names are in
    /// lower case.
    package var nested: [String: String] {
        var settings: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            settings[parts[0].trimmed.lowercased()] = parts[1].trimmed
        }
        return settings
    }
}

/// A section of a shared file: its heading and its keys, in lower case.
struct ConfigSection: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        /// `prefixed` is true for `[profile x]`, false for `[x]`.
        case profile(prefixed: Bool)
        case ssoSession
        case services
    }

    let kind: Kind
    let name: String
    var values: [String: ConfigValue] = [:]
}

/// A profile, an SSO session or a group of services, by its merged keys.
package struct ConfigGroup: Sendable, Equatable {
    /// The name in the heading.
    package let name: String
    /// The keys, in lower case.
    package internal(set) var values: [String: ConfigValue]

    /// A key's value; blank counts as absent, as it does for the AWS command line.
    package func value(_ key: String) -> ConfigValue? {
        guard let value = values[key], !value.text.trimmed.isEmpty else { return nil }
        return value
    }

    /// A key's text; blank counts as absent.
    package subscript(key: String) -> String? { value(key)?.text }
}

extension StringProtocol {
    /// Without white space at either end.
    var trimmed: String {
        let scalars = unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}
