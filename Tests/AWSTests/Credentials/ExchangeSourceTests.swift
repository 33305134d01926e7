// Credentials that are exchanged for others: an SSO login, a role, a web identity; over sockets, and
// with moto's STS behind the gate that checks signatures.

import CurlHTTP
import Foundation
import HTTP
import SigV4
import Testing

@testable import AWS

@Suite struct SSOSourceTests {
    private static let legacy = """
        [default]
        sso_start_url = https://start.example/start
        sso_region = us-east-2
        sso_account_id = 123456789012
        sso_role_name = My Role/&
        """
    private static let session = """
        [default]
        sso_session = work
        sso_account_id = 123456789012
        sso_role_name = R
        [sso-session work]
        sso_region = us-east-2
        sso_start_url = https://start.example/start
        """
    private static let token = #"{"accessToken":"bearer","expiresAt":"2199-01-01T00:00:00Z"}"#

    /// The cache's file of a name, as `aws sso login` calls it.
    private static func cached(_ name: String, _ text: String) -> [String: String] {
        ["/home/u/.aws/sso/cache/\(SHA1.hex(Array(name.utf8))).json": text]
    }

    private func grant(_ config: String, _ files: [String: String], _ peer: Peer) async throws
        -> Grant
    {
        try await CredentialChain(
            AWSConfiguration(
                .test(
                    ["HOME": "/home/u", "AWS_ENDPOINT_URL_SSO": peer.url],
                    files: files.merging(["/home/u/.aws/config": config]) { $1 })),
            transport: CurlTransport()
        ).grant()
    }

    private static func portal() throws -> Peer {
        try Peer { _ in
            Peer.Reply(
                body: """
                    {"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"s",\
                    "sessionToken":"t","expiration":1893456000000}}
                    """)
        }
    }

    @Test(arguments: [(legacy, "https://start.example/start"), (session, "work")])
    func `a cached login opens the role`(config: String, name: String) async throws {
        let portal = try Self.portal()
        let grant = try await grant(config, Self.cached(name, Self.token), portal)
        #expect(grant.credential.accessKeyID == "ASIASSO")
        #expect(grant.account == "123456789012")
        #expect(grant.expiration?.timeIntervalSince1970 == 1_893_456_000)
        let asked = try #require(portal.asked.first)
        #expect(asked.headers["x-amz-sso_bearer_token"] == "bearer")
        let role = config == Self.legacy ? "My%20Role%2F%26" : "R"
        #expect(
            asked.path == "/federation/credentials?role_name=\(role)&account_id=123456789012")
    }

    @Test(arguments: [
        nil, #"{"accessToken":"canary","expiresAt":"2020-01-01T00:00:00UTC"}"#,
        #"{"accessToken":"canary"}"#, #"{"expiresAt":"2199-01-01T00:00:00Z"}"#, "canary",
        #"{"accessToken":"canary","expiresAt":"canary"}"#,
    ])
    func `without a login that lasts, the command is named`(cache: String?) async throws {
        let portal = try Self.portal()
        var surroundings = Surroundings.test(
            ["HOME": "/home/u", "AWS_ENDPOINT_URL_SSO": portal.url],
            files: (cache.map { Self.cached("work", $0) } ?? [:])
                .merging(["/home/u/.aws/config": Self.session]) { $1 })
        surroundings.now = { Date(timeIntervalSince1970: 1_800_000_000) }
        let chain = CredentialChain(
            try AWSConfiguration(surroundings), transport: try CurlTransport())
        let error = try await #require(throws: AccessError.self) { try await chain.grant() }
        #expect(error.kind == .refused)
        #expect(error.hint == "run `aws sso login --profile default`")
        #expect(!error.message.contains("canary"))
        #expect(portal.asked.isEmpty)
    }

    @Test(arguments: [(401, "aws sso login"), (403, "sso_role_name"), (404, "sso_account_id")])
    func `the portal's refusal says what to do`(status: Int, word: String) async throws {
        let portal = try Peer { _ in Peer.Reply(status: status, body: "canary") }
        let error = try await #require(throws: AccessError.self) {
            try await grant(Self.session, Self.cached("work", Self.token), portal)
        }
        #expect(error.kind == .refused)
        #expect(error.hint?.contains(word) == true)
        #expect(portal.asked.count == 1)
    }

    @Test func `a portal that is busy is asked again`() async throws {
        let portal = try Peer { _ in Peer.Reply(status: 429) }
        let error = try await #require(throws: AccessError.self) {
            try await grant(Self.session, Self.cached("work", Self.token), portal)
        }
        #expect(error.kind == .sourceFailed)
        #expect(portal.asked.count == 3)
    }
}

@Suite struct RoleSourceTests {
    private let cloud: Cloud

    init() throws { cloud = try Cloud.running() }

    private func chain(
        _ config: String, variables: [String: String] = [:], files: [String: String] = [:],
        port: Int? = nil, profile: String? = nil
    ) throws -> CredentialChain {
        let base = [
            "AWS_CONFIG_FILE": "/c", "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:\(port ?? cloud.gate)",
        ]
        return CredentialChain(
            try AWSConfiguration(
                .test(
                    base.merging(variables) { $1 }, files: files.merging(["/c": config]) { $1 },
                    now: { Date() }), explicit: ExplicitAccess(profile: profile)),
            transport: try CurlTransport())
    }

    private var keys: String {
        "[profile keys]\naws_access_key_id = \(cloud.key)\naws_secret_access_key = \(cloud.secret)\n"
    }

    @Test func `a role is assumed with what the variables hold`() async throws {
        let config = """
            [default]
            role_arn = arn:aws:iam::123456789012:role/first
            credential_source = Environment
            role_session_name = two
            external_id = x&y=z +
            duration_seconds = 900
            """
        let grant = try await chain(
            config,
            variables: ["AWS_ACCESS_KEY_ID": cloud.key, "AWS_SECRET_ACCESS_KEY": cloud.secret],
            profile: "default"
        ).grant()
        #expect(grant.credential.accessKeyID.hasPrefix("ASIA"))
        #expect(grant.credential.sessionToken != nil)
        #expect(grant.account == "123456789012")
        #expect(grant.expiration != nil)
    }

    /// The gate knows one key only; what is behind it takes the one it gave for the first role.
    @Test func `roles are assumed one after the other`() async throws {
        let config = """
            [default]
            role_arn = arn:aws:iam::123456789012:role/second
            source_profile = middle
            [profile middle]
            role_arn = arn:aws:iam::123456789012:role/first
            source_profile = keys

            """
        let grant = try await chain(config + keys, port: cloud.unguarded).grant()
        #expect(grant.credential.accessKeyID.hasPrefix("ASIA"))
        #expect(
            grant.source.contains("role/second with role") && grant.source.contains("role/first"))
    }

    @Test func `a wrong secret is refused, not waited out`() async throws {
        let config = """
            [default]
            role_arn = arn:aws:iam::123456789012:role/r
            source_profile = keys
            [profile keys]
            aws_access_key_id = \(cloud.key)
            aws_secret_access_key = wrong-canary
            """
        let error = try await #require(throws: AccessError.self) {
            try await chain(config).grant()
        }
        #expect(error.kind == .refused)
        #expect(error.message.contains("role/r") && !error.message.contains("canary"))
        #expect(error.hint != nil)
    }

    /// The gate wants a signature of every request, and this one has none.
    @Test func `a web identity opens a role of moto's, and with it another one`() async throws {
        let config = """
            [default]
            role_arn = arn:aws:iam::123456789012:role/second
            source_profile = web
            [profile web]
            role_arn = arn:aws:iam::123456789012:role/first
            web_identity_token_file = ~/token
            """
        let grant = try await chain(
            config, variables: ["HOME": "/h"], files: ["/h/token": "a.b.c\n"],
            port: cloud.unguarded
        ).grant()
        #expect(grant.credential.accessKeyID.hasPrefix("ASIA"))
        #expect(grant.source.contains("role/second"))
    }

    @Test func `a web identity that STS does not take says so without the token`() async throws {
        let peer = try Peer { asked in
            Peer.Reply(
                status: 400,
                body: """
                    <ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>no good: \
                    \(asked.body.contains("canary.jwt") ? "canary.jwt" : "nothing came")</Message>\
                    </Error></ErrorResponse>
                    """)
        }
        let error = try await #require(throws: AccessError.self) {
            try await chain(
                "",
                variables: [
                    "AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": "arn:aws:iam::1:role/r",
                ], files: ["/t": "canary.jwt"], port: peer.port
            ).grant()
        }
        #expect(error.kind == .refused)
        #expect(error.message.contains("InvalidIdentityToken: no good: …"))
        #expect(!error.message.contains("canary"))
        let body = try #require(peer.asked.first?.body)
        #expect(body.contains("RoleSessionName=loadfleet-"))
        #expect(peer.asked.first?.headers["authorization"] == nil)
    }

    @Test func `a missing token file is named`() async throws {
        let error = try await #require(throws: AccessError.self) {
            try await chain(
                "", variables: ["AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": "arn:r"]
            ).grant()
        }
        #expect(error.kind == .configuration && error.message.contains("/t"))
    }

    @Test func `without a region the next step is said`() async throws {
        let error = try await #require(throws: AccessError.self) {
            try await chain(
                keys + "[default]\nrole_arn = arn:r\nsource_profile = keys\n",
                variables: ["AWS_REGION": ""]
            ).grant()
        }
        #expect(error.message == "no AWS region is set")
        #expect(error.hint?.contains("aws configure set region") == true)
    }
}
