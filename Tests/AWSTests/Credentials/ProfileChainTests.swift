import SigV4
import Testing

@testable import AWS

@Suite struct ProfileChainTests {
    @Test(.enabled(if: Vectors.present))
    func `profiles lead to their credentials as in all SDKs, 28 cases`() throws {
        let tests = try Vectors.json("assume-role-tests.json").list
        #expect(tests.count == 28)
        for test in tests {
            let name = Comment(rawValue: test["docs"].string ?? "")
            let shared = try Self.shared(test["input"])
            let selected = test["input"]["selected_profile"].string ?? ""
            if let problem = test["output"]["Error"].string {
                // A profile without credentials is no error by itself: the next source may have
                // some. That it stands for "none" is what the vector is about.
                if problem.hasSuffix("did not contain credential information"),
                    problem.contains("`\(selected)`")
                {
                    #expect(try ProfileChain.of(profile: selected, in: shared) == nil, name)
                    continue
                }
                let error = try #require(throws: AccessError.self, name) {
                    try ProfileChain.of(profile: selected, in: shared)
                }
                #expect(error.message.contains(problem), name)
                continue
            }
            let chain = try #require(try ProfileChain.of(profile: selected, in: shared), name)
            let links = [Self.link(chain.base)] + chain.roles.map(Self.link)
            #expect(links == test["output"]["ProfileChain"].list.map(Self.link), name)
        }
    }

    private static func shared(_ input: JSON) throws -> SharedConfiguration {
        var text = ""
        for (word, groups) in [("profile", "profiles"), ("sso-session", "sso_sessions")] {
            for name in input[groups].keys {
                text += "[\(word) \(name)]\n"
                text += input[groups][name].strings.map { "\($0) = \($1)\n" }.joined()
            }
        }
        return try SharedConfiguration(
            config: Array(text.utf8), configFile: "c", credentials: [], credentialsFile: "s")
    }

    /// One link of a chain in the vectors' words.
    private static func link(_ json: JSON) -> [String: String] {
        guard let kind = json.keys.first else { return [:] }
        if let source = json[kind].string { return ["": kind, "source": source] }
        return json[kind].strings.merging(["": kind]) { $1 }
    }

    private static func link(_ base: ProfileBase) -> [String: String] {
        var link: [String: String?] = [:]
        switch base {
        case .keys(let keys):
            link = [
                "": "AccessKey", "access_key_id": keys.credential.accessKeyID,
                "secret_access_key": keys.credential.secretAccessKey, "account_id": keys.account,
            ]
        case .named(let source):
            link = ["": "NamedSource", "source": source.rawValue]
        case .webIdentity(let identity):
            link = [
                "": "WebIdentityToken", "role_arn": identity.roleARN,
                "web_identity_token_file": identity.tokenFile,
                "role_session_name": identity.sessionName,
            ]
        case .sso(let login):
            link = [
                "": "Sso", "sso_session": login.session, "sso_region": login.region,
                "sso_start_url": login.startURL, "sso_account_id": login.account,
                "sso_role_name": login.role,
            ]
        case .process(let command, _):
            link = ["": "CredentialProcess", "command": command]
        }
        return link.compactMapValues { $0 }
    }

    private static func link(_ role: RoleStep) -> [String: String] {
        let link: [String: String?] = [
            "": "AssumeRole", "role_arn": role.roleARN, "role_session_name": role.sessionName,
            "external_id": role.externalID,
        ]
        return link.compactMapValues { $0 }
    }

    private func chain(_ config: String, credentials: String = "") throws -> ProfileChain? {
        try ProfileChain.of(
            profile: "p",
            in: SharedConfiguration(
                config: Array(config.utf8), configFile: "/c",
                credentials: Array(credentials.utf8), credentialsFile: "/s"),
            credentialsFile: "/s")
    }

    @Test func `a process comes after keys of the credentials file, before those of config`() throws
    {
        let keys = "aws_access_key_id = A\naws_secret_access_key = B\n"
        let process = "[profile p]\ncredential_process = x y\n"
        guard case .keys = try chain(process, credentials: "[p]\n" + keys)?.base else {
            Issue.record("keys of the credentials file come first")
            return
        }
        #expect(
            try chain(process + keys)?.base == .process(command: "x y", account: nil))
    }

    @Test(arguments: [
        ("mfa_serial = arn:aws:iam::1:mfa/u\nrole_arn = r\nsource_profile = q", "mfa_serial"),
        ("login_session = arn:x", "aws login"),
    ])
    func `what we do not do says so, and the way round`(lines: String, word: String) throws {
        let error = try #require(throws: AccessError.self) {
            try chain("[profile p]\n" + lines + "\n")
        }
        #expect(error.kind == .unsupported)
        #expect(error.message.contains(word))
        #expect(error.hint?.contains("aws configure export-credentials --profile p") == true)
    }

    @Test(arguments: [
        "role_arn = r\ncredential_source = Moon",
        "role_arn = r\nsource_profile = p\nduration_seconds = 5",
        "sso_start_url = https://x\nsso_region = evil/", "sso_start_url = https://x",
    ])
    func `wrong values are errors that name the profile or the place`(lines: String) throws {
        let error = try #require(throws: AccessError.self) {
            try chain("[profile p]\n" + lines + "\n")
        }
        #expect(error.kind == .configuration)
        #expect((error.message + (error.hint ?? "")).contains("p"))
    }
}
