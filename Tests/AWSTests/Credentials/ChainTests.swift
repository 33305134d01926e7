// Which source is used, and that it can be told why.

import CurlHTTP
import Foundation
import HTTP
import SigV4
import Testing

@testable import AWS

@Suite struct ChainTests {
    private static let config = """
        [default]
        region = eu-west-1
        [profile keys]
        aws_access_key_id = AKIAOFPROFILE0001
        aws_secret_access_key = profile-secret
        [profile role]
        role_arn = arn:aws:iam::1:role/r
        source_profile = keys
        [profile mfa]
        role_arn = arn:aws:iam::1:role/r
        source_profile = keys
        mfa_serial = arn:aws:iam::1:mfa/u
        [profile login]
        login_session = arn:aws:iam::1:user/u
        """

    private func survey(
        _ variables: [String: String], profile: String? = nil
    ) throws -> ChainSurvey {
        try CredentialChain(
            AWSConfiguration(
                .test(
                    variables.merging(["AWS_CONFIG_FILE": "/c"]) { $1 },
                    files: ["/c": Self.config]), explicit: ExplicitAccess(profile: profile)),
            transport: ScriptedTransport()
        ).survey()
    }

    private static let keys = [
        "AWS_ACCESS_KEY_ID": "AKIAOFENVIRONMENT", "AWS_SECRET_ACCESS_KEY": "s",
    ]

    @Test func `variables come before AWS_PROFILE, and after a profile that was asked for`() throws
    {
        let variables = Self.keys.merging(["AWS_PROFILE": "keys"]) { $1 }
        #expect(try survey(variables).chosen?.maskedKeyID == "…MENT")
        let asked = try survey(variables, profile: "keys")
        #expect(asked.chosen?.maskedKeyID == "…0001")
        let rest = [ChainStep.Outcome](repeating: .notReached, count: 3)
        #expect(asked.steps.map(\.outcome) == [.absent, .chosen] + rest)
        #expect(
            asked.steps[0].detail == "left aside, since the profile 'keys' was asked for")
    }

    @Test func `a web identity in variables belongs to whoever asked for no profile`() throws {
        let variables = ["AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": "arn:r"]
        #expect(try survey(variables).chosen?.name == "the role arn:r with the token in /t")
        #expect(try survey(variables, profile: "keys").chosen?.maskedKeyID == "…0001")
    }

    @Test(arguments: [
        ["AWS_ACCESS_KEY_ID": "AKIA"], ["AWS_SECRET_ACCESS_KEY": "canary"],
        ["AWS_WEB_IDENTITY_TOKEN_FILE": "/t"], ["AWS_PROFILE": "nobody"],
        ["AWS_PROFILE": "mfa"], ["AWS_PROFILE": "login"],
        ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://evil.example/"],
        ["AWS_EC2_METADATA_DISABLED": "maybe"], ["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "7"],
        ["AWS_MAX_ATTEMPTS": "many"],
    ])
    func `what makes no sense ends the search`(variables: [String: String]) throws {
        let survey = try survey(variables)
        #expect(survey.chosen == nil)
        let failure = try #require(survey.failure)
        #expect(failure.kind == .configuration || failure.kind == .unsupported)
        #expect(failure.hint != nil)
        #expect(!failure.message.contains("canary"))
        #expect(survey.steps.count == 5)
        #expect(survey.steps.count { $0.outcome == .wrong } == 1)
    }

    @Test func `what we do not do names the way round`() throws {
        for profile in ["mfa", "login"] {
            let failure = try #require(try survey([:], profile: profile).failure)
            #expect(failure.kind == .unsupported)
            #expect(
                failure.hint?.contains("aws configure export-credentials --profile \(profile)")
                    == true)
        }
    }

    @Test func `a way through roles is told in its order`() throws {
        #expect(
            try survey([:], profile: "role").chosen?.name
                == "the role arn:aws:iam::1:role/r with keys of the profile 'keys' (…0001)")
    }

    @Test func `the instance is the last resort, and nothing at all says where to begin`()
        async throws
    {
        #expect(try survey([:]).chosen?.isLastResort == true)
        let survey = try survey(["AWS_EC2_METADATA_DISABLED": "true"])
        #expect(survey.chosen == nil)
        #expect(survey.failure?.kind == .noCredentials)
        #expect(survey.failure?.hint?.contains("aws sso login") == true)
        #expect(survey.steps.allSatisfy { $0.outcome == .absent })
    }

    @Test func `keys that were renewed in the file are taken up when the old ones are refused`()
        async throws
    {
        let file = Renewable()
        let chain = CredentialChain(
            try AWSConfiguration(file.surroundings), transport: ScriptedTransport())
        let cache = CredentialCache(chain)
        #expect(try await cache.credential().accessKeyID == "AKIA1")
        #expect(try await cache.credential().accessKeyID == "AKIA1")
        await cache.reject(keyID: "AKIA1")
        #expect(try await cache.credential().accessKeyID == "AKIA2")
    }

    @Test func `a session that ends early is replaced in the middle of a call`() async throws {
        let count = Waits()
        let peer = try Peer { asked in
            switch (asked.method, asked.path) {
            case ("PUT", _): return Peer.Reply(body: "token")
            case ("GET", let path) where path.hasSuffix("/security-credentials/"):
                return Peer.Reply(body: "role")
            case ("GET", _):
                count.add(.zero)
                return Peer.Reply(
                    body: """
                        {"Code":"Success","AccessKeyId":"ASIA\(count.all.count)","Token":"t",\
                        "SecretAccessKey":"s","Expiration":"2199-01-01T00:00:00Z"}
                        """)
            default:
                let isOver = asked.headers["authorization"]?.contains("ASIA1/") ?? true
                return isOver
                    ? Peer.Reply(
                        status: 403,
                        body: """
                            <ErrorResponse><Error><Code>ExpiredToken</Code><Message>over</Message>\
                            </Error></ErrorResponse>
                            """)
                    : Peer.Reply(
                        body: """
                            <GetCallerIdentityResponse><GetCallerIdentityResult><Arn>a</Arn><UserId>u</UserId>\
                            <Account>1</Account></GetCallerIdentityResult>\
                            </GetCallerIdentityResponse>
                            """)
            }
        }
        let configuration = try AWSConfiguration(
            .test(
                [
                    "AWS_EC2_METADATA_SERVICE_ENDPOINT": peer.url, "AWS_ENDPOINT_URL": peer.url,
                    "AWS_REGION": "eu-west-1",
                ], now: { Date() }))
        let transport = try CurlTransport()
        let cache = CredentialCache(CredentialChain(configuration, transport: transport))
        let client = try AWSClient(configuration, credentials: cache, transport: transport)
        #expect(try await client.send(GetCallerIdentity()).account == "1")
        #expect(try await cache.credential().accessKeyID == "ASIA2")
        #expect(peer.asked.count { $0.method == "POST" } == 2)
    }

    /// A credentials file with other keys each time the configuration is read.
    private struct Renewable {
        let surroundings: Surroundings

        init() {
            let count = Waits()
            var surroundings = Surroundings.test(["AWS_SHARED_CREDENTIALS_FILE": "/s"])
            surroundings.readFile = { path in
                guard path == "/s" else { return nil }
                count.add(.zero)
                // The first reading is the configuration's own.
                let number = count.all.count - 1
                return Array(
                    "[default]\naws_access_key_id=AKIA\(number)\naws_secret_access_key=s\n".utf8)
            }
            self.surroundings = surroundings
        }
    }
}
