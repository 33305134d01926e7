// A key of the environment as data. The table of keys drives everything that must agree: reading
// files, variables and flags, "did you mean", defaults, `config show`, and the reference manual.

/// One key that an environment may set.
package struct Key: Sendable {
    /// Where the key stands, from the root: `workers`, `run.max-loss`.
    package let path: String
    /// What its value may be.
    package let kind: Kind
    /// The value when nobody sets one, as it would be written; `nil` leaves the key unset.
    package let fallback: String?
    /// What the key is for, in a sentence for its user.
    package let about: String

    init(_ path: String, _ kind: Kind, default fallback: String? = nil, _ about: String) {
        self.path = path
        self.kind = kind
        self.fallback = fallback
        self.about = about
    }

    /// The variable that sets it: `LOADFLEET_RUN_MAX_LOSS`.
    package var variable: String {
        "LOADFLEET_"
            + path.uppercased().map { $0 == "." || $0 == "-" ? "_" : String($0) }.joined()
    }

    /// The provider it belongs to, or `nil` when it holds for every provider.
    package var provider: Environment.Provider? {
        Environment.Provider.allCases.first { path.hasPrefix($0.rawValue + ".") }
    }

    /// The key's own name, without its section.
    var name: Substring { path.split(separator: ".").last ?? "" }
}
