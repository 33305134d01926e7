// Reads what one profile says of credentials. Which of several ways wins, and what contradicts
// itself, is what all of AWS's SDKs agreed on.

internal import SigV4

/// A profile, read for its credentials.
struct ProfileReader {
    let profile: ConfigGroup
    let shared: SharedConfiguration
    let credentialsFile: String

    /// Where a role's credentials come from.
    enum Next: Equatable {
        case profile(String)
        case source(NamedSource)
    }

    private func failure(_ problem: String, hint: String? = nil) -> AccessError {
        AccessError(.configuration, problem, hint: hint ?? "correct the profile '\(profile.name)'")
    }

    /// The role to assume, and with whose credentials; `nil` when there is none, or when a token
    /// opens it.
    func role() throws(AccessError) -> (RoleStep, Next)? {
        guard let arn = profile["role_arn"], profile["web_identity_token_file"] == nil else {
            return nil
        }
        guard profile["mfa_serial"] == nil else {
            throw AccessError.unsupported(
                "the profile '\(profile.name)' wants a code from a device (mfa_serial)",
                profile: profile.name)
        }
        let step = RoleStep(
            roleARN: arn, sessionName: profile["role_session_name"],
            externalID: profile["external_id"], seconds: try seconds(), profile: profile.name)
        switch (profile["source_profile"], profile["credential_source"]) {
        case (nil, nil):
            throw failure(
                "profile must contain `source_profile` or `credential_source`: "
                    + "'\(profile.name)' has role_arn")
        case (.some, .some):
            throw failure(
                "profile contained both source_profile and credential_source: '\(profile.name)'")
        case (let name?, nil):
            return (step, .profile(name))
        case (nil, let name?):
            guard let source = NamedSource(rawValue: name) else {
                throw failure(
                    "credential_source `\(name)` of the profile '\(profile.name)' is unknown",
                    hint: "there are: "
                        + NamedSource.allCases.map(\.rawValue).joined(separator: ", "))
            }
            return (step, .source(source))
        }
    }

    private func seconds() throws(AccessError) -> Int? {
        guard let value = profile.value("duration_seconds") else { return nil }
        guard let seconds = Int(value.text), (900...43_200).contains(seconds) else {
            throw failure(
                "\(value.place.text): duration_seconds is '\(value.text)', not 900 to 43200")
        }
        return seconds
    }

    /// What gives credentials without another profile; `nil` when nothing does.
    ///
    /// Keys of the credentials file come before a process, and a process before keys of the
    /// config file, as for the AWS command line.
    func base() throws(AccessError) -> ProfileBase? {
        if let identity = try webIdentity() { return .webIdentity(identity) }
        if let login = try sso() { return .sso(login) }
        let keys = try keys()
        let areFirst = profile.value("aws_access_key_id")?.place.file == credentialsFile
        if let keys, areFirst { return .keys(keys) }
        if let command = profile["credential_process"] {
            return .process(command: command, account: profile["aws_account_id"])
        }
        if let keys { return .keys(keys) }
        if profile["login_session"] != nil {
            throw AccessError.unsupported(
                "the profile '\(profile.name)' uses `aws login` (login_session)",
                profile: profile.name)
        }
        return nil
    }

    /// Static keys; `nil` when there are none.
    func keys() throws(AccessError) -> StaticKeys? {
        switch (profile["aws_access_key_id"], profile["aws_secret_access_key"]) {
        case (nil, nil): return nil
        case (.some, nil):
            throw failure("profile missing aws_secret_access_key: '\(profile.name)'")
        case (nil, .some):
            throw failure("profile missing aws_access_key_id: '\(profile.name)'")
        case (let id?, let secret?):
            return StaticKeys(
                credential: Credential(
                    accessKeyID: id, secretAccessKey: secret,
                    sessionToken: profile["aws_session_token"]),
                account: profile["aws_account_id"])
        }
    }

    private func webIdentity() throws(AccessError) -> WebIdentity? {
        guard let file = profile["web_identity_token_file"] else { return nil }
        guard let arn = profile["role_arn"] else {
            throw failure(
                "`web_identity_token_file` was specified but `role_arn` was missing: "
                    + "'\(profile.name)'")
        }
        return WebIdentity(
            roleARN: arn, tokenFile: file, sessionName: profile["role_session_name"])
    }
}

// MARK: - SSO

extension ProfileReader {
    private func sso() throws(AccessError) -> SSOLogin? {
        let account = profile["sso_account_id"]
        let role = profile["sso_role_name"]
        let session = profile["sso_session"]
        guard account != nil || role != nil || session != nil || profile["sso_start_url"] != nil
        else { return nil }
        if account == nil, role != nil {
            throw failure("if `sso_role_name` is set, then `sso_account_id` must also be set")
        }
        if account != nil, role == nil {
            throw failure("if `sso_account_id` is set, then `sso_role_name` must also be set")
        }
        let group = try ssoGroup(session)
        guard let region = group["sso_region"], let startURL = group["sso_start_url"] else {
            let key = group["sso_region"] == nil ? "sso_region" : "sso_start_url"
            throw failure("`\(key)` is missing for the SSO login of the profile '\(profile.name)'")
        }
        guard AWSConfiguration.isRegion(region) else {
            throw failure("sso_region '\(region.firstLine)' is no name of a region")
        }
        return SSOLogin(
            session: session, startURL: startURL, region: region, account: account, role: role)
    }

    /// Where region and start URL stand: in the session, or in the profile when it names none.
    private func ssoGroup(_ session: String?) throws(AccessError) -> ConfigGroup {
        guard let session else { return profile }
        guard let group = shared.ssoSessions[session] else {
            throw failure(
                "sso-session named `\(session.firstLine)` (referenced by profile `\(profile.name)`) "
                    + "was not found",
                hint: "run `aws configure sso`")
        }
        for key in ["sso_region", "sso_start_url"] {
            guard let value = profile[key], value != group[key] else { continue }
            throw failure(
                "`\(key)` can only be specified in the [sso-session] config when a session "
                    + "name is given")
        }
        return group
    }
}

extension AccessError {
    /// Something only the AWS command line does, with the way round that covers every such case.
    static func unsupported(_ problem: String, profile: String) -> AccessError {
        AccessError(
            .unsupported, "\(problem), which loadfleet does not do",
            hint: "let the AWS command line do it: add a profile with `credential_process = "
                + "aws configure export-credentials --profile \(profile)` and choose that one")
    }
}
