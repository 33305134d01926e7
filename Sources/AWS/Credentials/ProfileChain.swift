// Where a profile's credentials come from: a base that gives the first ones, then the roles that
// are assumed one after the other. Only reads the configuration; asks nobody.
//
// The walk follows `source_profile` from the chosen profile down to the base. Rules all of AWS's
// SDKs share: a role hides static keys in the first profile, static keys hide a role in the later
// ones, and a profile that names itself means its own keys.

internal import SigV4

/// A role to assume with the credentials at hand.
struct RoleStep: Sendable, Equatable {
    let roleARN: String
    var sessionName: String?
    var externalID: String?
    var seconds: Int?
    /// The profile that names the role.
    let profile: String
}

/// Where the first credentials of a profile come from.
enum ProfileBase: Sendable, Equatable {
    case keys(StaticKeys)
    case named(NamedSource)
    case webIdentity(WebIdentity)
    case sso(SSOLogin)
    case process(command: String, account: String?)
}

/// Keys that stand in a file.
struct StaticKeys: Sendable, Equatable {
    let credential: Credential
    let account: String?
}

/// The sources that `credential_source` can name.
enum NamedSource: String, Sendable, CaseIterable {
    case environment = "Environment"
    case instance = "Ec2InstanceMetadata"
    case container = "EcsContainer"
}

/// A role that a token from outside AWS opens.
struct WebIdentity: Sendable, Equatable {
    let roleARN: String
    let tokenFile: String
    var sessionName: String?
}

/// A login to IAM Identity Center.
struct SSOLogin: Sendable, Equatable {
    /// The session's name, where the profile refers to one.
    let session: String?
    let startURL: String
    let region: String
    /// Both or neither; without them the login gives no credentials.
    let account: String?
    let role: String?
}

/// The way from a profile to its credentials.
struct ProfileChain: Sendable, Equatable {
    let base: ProfileBase
    /// The profile that holds the base.
    let baseProfile: String
    /// In the order in which they are assumed.
    let roles: [RoleStep]

    /// Follows a profile to its base.
    ///
    /// - Parameters:
    ///   - name: The chosen profile.
    ///   - shared: What the files say.
    ///   - credentialsFile: The path of the credentials file, whose keys come before a process.
    /// - Returns: The way, or `nil` when the chosen profile says nothing of credentials.
    /// - Throws: ``AccessError`` when it contradicts itself or leads nowhere.
    static func of(
        profile name: String, in shared: SharedConfiguration, credentialsFile: String = ""
    ) throws(AccessError) -> ProfileChain? {
        var visited: [String] = []
        var roles: [RoleStep] = []
        var current = name
        while true {
            let profile = try find(current, from: visited.last, in: shared)
            guard !visited.contains(current) else {
                throw AccessError(
                    .configuration,
                    "profile formed an infinite loop: "
                        + (visited + [current]).joined(separator: " → "),
                    hint: "one of these profiles must hold credentials itself")
            }
            visited.append(current)
            let reader = ProfileReader(
                profile: profile, shared: shared, credentialsFile: credentialsFile)
            if visited.count > 1, let keys = try reader.keys() {
                return ProfileChain(
                    base: .keys(keys), baseProfile: current, roles: roles.reversed())
            }
            guard let (role, next) = try reader.role() else {
                guard let base = try reader.base() else {
                    guard visited.count > 1 else { return nil }
                    throw missing(in: current)
                }
                return ProfileChain(base: base, baseProfile: current, roles: roles.reversed())
            }
            roles.append(role)
            switch next {
            case .source(let source):
                return ProfileChain(
                    base: .named(source), baseProfile: current, roles: roles.reversed())
            case .profile(current):
                guard let base = try reader.base() else { throw missing(in: current) }
                return ProfileChain(base: base, baseProfile: current, roles: roles.reversed())
            case .profile(let name):
                current = name
            }
        }
    }

    private static func find(
        _ name: String, from referrer: String?, in shared: SharedConfiguration
    ) throws(AccessError) -> ConfigGroup {
        if let profile = shared.profiles[name] { return profile }
        guard let referrer else {
            throw AccessError(
                .configuration,
                shared.profiles.isEmpty
                    ? "No profiles were defined, and '\(name)' is asked for"
                    : "there is no profile '\(name)'",
                hint: shared.profiles.isEmpty
                    ? "run `aws configure`"
                    : "there are: " + shared.profiles.keys.sorted().joined(separator: ", "))
        }
        throw AccessError(
            .configuration, "could not find source profile \(name) referenced from \(referrer)",
            hint: "correct source_profile of the profile '\(referrer)'")
    }

    static func missing(in profile: String) -> AccessError {
        AccessError(
            .configuration, "profile `\(profile)` did not contain credential information",
            hint: "add keys, a role, an SSO session or a credential_process to it")
    }
}
