// What can be wrong with an environment: a file that can't be read, a key that does not exist, a
// value that makes no sense. The message starts with the place, as compilers write it, so that
// editors can jump there.

/// A wrong environment file, variable or flag.
package struct EnvironmentError: Error, Equatable {
    /// The kind of mistake, for code that must tell them apart.
    package enum Kind: Sendable, Equatable {
        /// The file is missing, a directory, too large or not permitted.
        case unreadable
        /// The file is not YAML, or uses a part of YAML that environments do without.
        case syntax
        /// There is no such key.
        case unknownKey
        /// The same key stands twice in one mapping.
        case duplicateKey
        /// The value is not of the key's kind or out of its range.
        case value
        /// Values that make sense alone contradict each other.
        case conflict
    }

    /// The kind of mistake.
    package let kind: Kind
    /// Where it was made; `nil` when the file could not even be opened.
    package let origin: Origin?
    /// The key concerned, from the root, as in `run.max-loss`.
    package let key: String?
    /// What is wrong, without the place.
    package let problem: String
    /// What to do about it.
    package let hint: String?

    /// A mistake; `origin` and `key` as far as they are known.
    package init(
        _ kind: Kind, at origin: Origin?, key: String? = nil, problem: String, hint: String? = nil
    ) {
        self.kind = kind
        self.origin = origin
        self.key = key
        self.problem = problem
        self.hint = hint
    }

    /// One line: place, key, problem.
    package var message: String {
        var parts: [String] = []
        if let origin, origin != .builtIn { parts.append(origin.text) }
        if let key { parts.append(key) }
        return (parts + [problem]).joined(separator: ": ")
    }
}
