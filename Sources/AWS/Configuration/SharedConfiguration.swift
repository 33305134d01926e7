// The two shared files, `config` and `credentials`, merged into profiles, SSO sessions and groups
// of services. Keys of the credentials file win; `[profile default]` silences `[default]`.

/// What the shared files say.
package struct SharedConfiguration: Sendable, Equatable {
    /// Profiles by name.
    package private(set) var profiles: [String: ConfigGroup] = [:]
    /// SSO sessions by name.
    package private(set) var ssoSessions: [String: ConfigGroup] = [:]
    /// `[services x]` by name.
    package private(set) var services: [String: ConfigGroup] = [:]

    /// Nothing configured.
    package init() {}

    /// Merges the texts of the files.
    ///
    /// - Throws: ``AccessError`` for a line that makes no sense.
    package init(
        config: [UInt8], configFile: String, credentials: [UInt8], credentialsFile: String
    ) throws(AccessError) {
        var sections = try ConfigParser.sections(of: config, file: configFile, kind: .config)
        let prefixed = ConfigSection.Kind.profile(prefixed: true)
        if sections.contains(where: { $0.name == "default" && $0.kind == prefixed }) {
            sections.removeAll { $0.name == "default" && $0.kind == .profile(prefixed: false) }
        }
        sections += try ConfigParser.sections(
            of: credentials, file: credentialsFile, kind: .credentials)
        for section in sections {
            switch section.kind {
            case .profile: Self.merge(section, into: &profiles)
            case .ssoSession: Self.merge(section, into: &ssoSessions)
            case .services: Self.merge(section, into: &services)
            }
        }
    }

    private static func merge(_ section: ConfigSection, into groups: inout [String: ConfigGroup]) {
        groups[section.name, default: ConfigGroup(name: section.name, values: [:])]
            .values.merge(section.values) { $1 }
    }
}
