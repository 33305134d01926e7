// How each source of credentials is looked for. A look reads variables and files and asks nobody.

internal import HTTP

/// The looks at the sources, in their order.
struct ChainLooks {
    let configuration: AWSConfiguration
    let transport: any HTTPTransport

    /// What a look found.
    enum Found {
        case absent(String)
        case source(ChosenSource)
    }

    typealias Look = () throws(AccessError) -> Found

    var all: [(name: String, look: Look)] {
        [
            ("environment variables", variables),
            ("profile '\(configuration.profileName.value)'", profile),
            ("web identity in variables", webIdentity),
            ("container", container),
            ("EC2 instance", instance),
        ]
    }

    private var surroundings: Surroundings { configuration.surroundings }

    private var exchange: CredentialExchange {
        get throws(AccessError) {
            CredentialExchange(
                transport: transport, surroundings: surroundings,
                rules: try configuration.retryRules())
        }
    }

    /// Variables name other credentials than the profile somebody asked for does.
    private var leftAside: Found? {
        configuration.explicit.profile.map {
            .absent("left aside, since the profile '\($0)' was asked for")
        }
    }

    private func variables() throws(AccessError) -> Found {
        if let leftAside { return leftAside }
        guard let source = try EnvironmentSource.find(surroundings) else {
            return .absent("AWS_ACCESS_KEY_ID is not set")
        }
        return .source(Self.ready(source))
    }

    private static func ready(_ source: StaticSource) -> ChosenSource {
        ChosenSource(
            name: source.source, maskedKeyID: source.given.maskedKeyID, isLastResort: false,
            source: source)
    }

    private func webIdentity() throws(AccessError) -> Found {
        if let leftAside { return leftAside }
        guard let file = surroundings.variable("AWS_WEB_IDENTITY_TOKEN_FILE") else {
            return .absent("AWS_WEB_IDENTITY_TOKEN_FILE is not set")
        }
        guard let arn = surroundings.variable("AWS_ROLE_ARN") else {
            throw AccessError(
                .configuration, "AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not",
                hint: "set both, or unset AWS_WEB_IDENTITY_TOKEN_FILE")
        }
        let identity = WebIdentity(
            roleARN: arn, tokenFile: file,
            sessionName: surroundings.variable("AWS_ROLE_SESSION_NAME"))
        return .source(
            asked(
                "the role \(arn) with the token in \(file)",
                WebIdentitySource(
                    identity: identity, configuration: configuration, exchange: try exchange)))
    }

    private func container() throws(AccessError) -> Found {
        guard let url = try ContainerEndpoint.url(surroundings) else {
            return .absent("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and …_FULL_URI are not set")
        }
        return .source(
            asked(
                "the container's role", ContainerSource(exchange: try exchange, url: url)))
    }

    private func instance() throws(AccessError) -> Found {
        if try MetadataEndpoint.isDisabled(configuration) {
            return .absent("AWS_EC2_METADATA_DISABLED is true")
        }
        return .source(
            asked("the role of the EC2 instance", try instanceSource(), isLastResort: true))
    }

    private func instanceSource() throws(AccessError) -> InstanceSource {
        InstanceSource(exchange: try exchange, endpoint: try MetadataEndpoint.url(configuration))
    }

    private func asked(
        _ name: String, _ source: any CredentialSource, isLastResort: Bool = false
    ) -> ChosenSource {
        ChosenSource(
            name: name, maskedKeyID: nil, isLastResort: isLastResort, source: source)
    }
}

// MARK: - The profile

extension ChainLooks {
    func profile() throws(AccessError) -> Found {
        let name = configuration.profileName.value
        let file = AWSConfiguration.credentialsFile(surroundings)
        guard configuration.profile != nil || configuration.isProfileChosen else {
            return .absent(
                "there is none in \(AWSConfiguration.configFile(surroundings)) or \(file)")
        }
        guard
            let chain = try ProfileChain.of(
                profile: name, in: configuration.shared, credentialsFile: file)
        else { return .absent("it says nothing of credentials") }
        let base = try base(chain)
        guard !chain.roles.isEmpty else { return .source(base) }
        var source = base.source
        for role in chain.roles {
            source = RoleSource(
                step: role, base: source, configuration: configuration, exchange: try exchange)
        }
        let roles = chain.roles.map { "the role \($0.roleARN)" }.joined(separator: ", then ")
        let key = base.maskedKeyID.map { " (\($0))" } ?? ""
        return .source(asked("\(roles) with \(base.name)\(key)", source))
    }

    /// The source of the first credentials of a profile.
    private func base(_ chain: ProfileChain) throws(AccessError) -> ChosenSource {
        let profile = chain.baseProfile
        switch chain.base {
        case .keys(let keys):
            return Self.ready(StaticSource(keys: keys, source: "keys of the profile '\(profile)'"))
        case .named(let source):
            return try named(source, profile: profile)
        case .webIdentity(let identity):
            return asked(
                "the role \(identity.roleARN) with the token in \(identity.tokenFile)",
                WebIdentitySource(
                    identity: identity, configuration: configuration, exchange: try exchange))
        case .sso(let login):
            return asked(
                "the SSO login of the profile '\(profile)'",
                SSOSource(
                    exchange: try exchange, login: login, profile: profile,
                    endpoint: try configuration.endpoint(of: .sso, region: login.region)))
        case .process(let command, let account):
            return asked(
                "credential_process of the profile '\(profile)'",
                ProcessSource(
                    surroundings: surroundings, command: command, account: account,
                    profile: profile))
        }
    }

    /// The source that `credential_source` names; it must be there, since it was asked for.
    private func named(
        _ source: NamedSource, profile: String
    ) throws(AccessError) -> ChosenSource {
        func missing(_ problem: String) -> AccessError {
            AccessError(
                .noCredentials,
                "the profile '\(profile)' wants credential_source = \(source.rawValue), and "
                    + problem,
                hint: "provide them, or use source_profile instead of credential_source")
        }
        switch source {
        case .environment:
            guard let keys = try EnvironmentSource.find(surroundings) else {
                throw missing("AWS_ACCESS_KEY_ID is not set")
            }
            return Self.ready(keys)
        case .container:
            guard let url = try ContainerEndpoint.url(surroundings) else {
                throw missing("this is no container with a role")
            }
            return asked(
                "the container's role", ContainerSource(exchange: try exchange, url: url))
        case .instance:
            guard try !MetadataEndpoint.isDisabled(configuration) else {
                throw missing("AWS_EC2_METADATA_DISABLED is true")
            }
            return asked("the role of the EC2 instance", try instanceSource())
        }
    }
}
