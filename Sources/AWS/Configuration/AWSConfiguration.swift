// Everything AWS's users can configure, in one place and in the order they expect: what was asked
// for explicitly, then variables, then the profile. Each setting knows where it came from.

/// What the user asked for explicitly, by flag or environment file; `nil` leaves it open.
package struct ExplicitAccess: Sendable, Equatable {
    /// The profile.
    package var profile: String?
    /// The region.
    package var region: String?
    /// The URL of every service's endpoint.
    package var endpointURL: String?
    /// Whether endpoints from variables and files are left aside.
    package var ignoresConfiguredEndpoints: Bool?

    /// Explicit choices.
    package init(
        profile: String? = nil, region: String? = nil, endpointURL: String? = nil,
        ignoresConfiguredEndpoints: Bool? = nil
    ) {
        self.profile = profile
        self.region = region
        self.endpointURL = endpointURL
        self.ignoresConfiguredEndpoints = ignoresConfiguredEndpoints
    }
}

/// A value with where it came from, in words: `AWS_REGION`, `/home/a/.aws/config:3`.
package struct Sourced<Value: Sendable & Equatable>: Sendable, Equatable {
    /// The value.
    package let value: Value
    /// Where it came from.
    package let source: String

    /// A value and its source.
    package init(_ value: Value, from source: String) {
        self.value = value
        self.source = source
    }
}

/// The configuration of access to AWS.
package struct AWSConfiguration: Sendable {
    /// What the user asked for explicitly.
    package let explicit: ExplicitAccess
    /// The shared files' content.
    package let shared: SharedConfiguration
    /// The profile's name and who chose it.
    package let profileName: Sourced<String>
    let surroundings: Surroundings

    /// Reads the shared files; files that do not exist are empty.
    ///
    /// - Throws: ``AccessError`` for a file that cannot be read or a line that makes no sense.
    package init(
        _ surroundings: Surroundings, explicit: ExplicitAccess = ExplicitAccess()
    ) throws(AccessError) {
        let config = Self.configFile(surroundings)
        let credentials = Self.credentialsFile(surroundings)
        self.init(
            surroundings, explicit: explicit,
            shared: try SharedConfiguration(
                config: try surroundings.file(config) ?? [], configFile: config,
                credentials: try surroundings.file(credentials) ?? [],
                credentialsFile: credentials))
    }

    init(
        _ surroundings: Surroundings, explicit: ExplicitAccess, shared: SharedConfiguration
    ) {
        self.surroundings = surroundings
        self.explicit = explicit
        self.shared = shared
        self.profileName =
            if let name = explicit.profile {
                Sourced(name, from: "asked for")
            } else if let name = surroundings.variable("AWS_PROFILE") {
                Sourced(name, from: "AWS_PROFILE")
            } else if let name = surroundings.variable("AWS_DEFAULT_PROFILE") {
                Sourced(name, from: "AWS_DEFAULT_PROFILE")
            } else {
                Sourced("default", from: Self.noChoice)
            }
    }

    private static let noChoice = "nothing chosen"

    /// Whether somebody chose the profile, so that it must exist.
    package var isProfileChosen: Bool { profileName.source != Self.noChoice }

    /// The same configuration with files read anew, and with a region that was found out.
    ///
    /// - Throws: ``AccessError`` for a file that cannot be read or a line that makes no sense.
    package func renewed(region: String? = nil) throws(AccessError) -> AWSConfiguration {
        var explicit = explicit
        if let region { explicit.region = region }
        return try AWSConfiguration(surroundings, explicit: explicit)
    }

    /// The path of the `config` file.
    package static func configFile(_ surroundings: Surroundings) -> String {
        surroundings.path(surroundings.variable("AWS_CONFIG_FILE") ?? "~/.aws/config")
    }

    /// The path of the `credentials` file.
    package static func credentialsFile(_ surroundings: Surroundings) -> String {
        surroundings.path(
            surroundings.variable("AWS_SHARED_CREDENTIALS_FILE") ?? "~/.aws/credentials")
    }

    /// The chosen profile, if the files have it.
    package var profile: ConfigGroup? { shared.profiles[profileName.value] }
}

// MARK: - Settings

extension AWSConfiguration {
    /// A setting from the first variable that has it, then from the profile.
    func setting(_ variables: String..., key: String?) -> Sourced<String>? {
        for name in variables {
            if let value = surroundings.variable(name) { return Sourced(value, from: name) }
        }
        guard let key, let value = profile?.value(key) else { return nil }
        return Sourced(value.text, from: value.place.text)
    }

    /// A setting that is true or false.
    ///
    /// - Throws: ``AccessError`` when it is neither.
    func flag(_ variable: String, key: String?) throws(AccessError) -> Sourced<Bool>? {
        guard let setting = setting(variable, key: key) else { return nil }
        switch setting.value.lowercased() {
        case "true": return Sourced(true, from: setting.source)
        case "false": return Sourced(false, from: setting.source)
        default:
            throw AccessError(
                .configuration,
                setting.source + (key.map { ": \($0)" } ?? "")
                    + " is '\(setting.value)', neither true nor false",
                hint: "write true or false")
        }
    }

    /// How calls are repeated: `AWS_MAX_ATTEMPTS` or `max_attempts` counts attempts in all.
    ///
    /// - Throws: ``AccessError`` when the count is not a positive number.
    package func retryRules() throws(AccessError) -> RetryRules {
        var rules = RetryRules()
        guard let setting = setting("AWS_MAX_ATTEMPTS", key: "max_attempts") else { return rules }
        guard let attempts = Int(setting.value), attempts > 0 else {
            throw AccessError(
                .configuration,
                "\(setting.source): '\(setting.value)' is no number of attempts",
                hint: "write a whole number from 1")
        }
        rules.attempts = attempts
        return rules
    }
}
