// Files and answers that were damaged on the way to us: none may crash, whatever becomes of it.

import Foundation
import HTTP
import Testing

@testable import AWS

@Suite struct DamagedSourceTests {
    static let count = Campaign.isOn ? 1_000_000 : 5_000

    @Test func `no damaged file and no damaged answer crashes`() async throws {
        var random = RepeatableRandom(state: 7)
        var readable = 0
        for round in 0..<Self.count {
            let seed = Self.seeds[round % Self.seeds.count]
            let damage = Damage(seed, by: &random)
            if await damage.leadsToCredentials() { readable += 1 }
        }
        // Some damage does not hurt, and some does: otherwise the test would test nothing.
        #expect(readable > Self.count / 20, "\(readable)")
        #expect(readable < Self.count * 95 / 100, "\(readable)")
    }

    @Test func `without damage every seed leads to credentials`() async {
        for seed in Self.seeds { #expect(await Damage(seed).leadsToCredentials()) }
    }

    /// A configuration that leads to credentials, and the answers on the way.
    struct Seed: Sendable {
        var variables: [String: String] = [:]
        var config = ""
        var credentials = ""
        /// By path.
        var files: [String: String] = [:]
        /// By the end of a URL's path; the empty text stands for all others.
        var answers: [String: String] = [:]
        var printed = ""
    }

    private static let document = """
        {"Code":"Success","AccessKeyId":"ASIAX","SecretAccessKey":"s","Token":"t\\u0041",\
        "Expiration":"2199-01-01T00:00:00Z","AccountId":"1"}
        """
    private static let role = """
        <AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser><Arn>arn:aws:sts::1:x/y/z</Arn>\
        </AssumedRoleUser><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>s\
        </SecretAccessKey><SessionToken>t</SessionToken><Expiration>2199-01-01T00:00:00Z\
        </Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>
        """

    private static let seeds = [
        Seed(
            config: """
                [default]
                region = eu-west-1
                s3 =
                  endpoint_url = http://s3:1
                role_arn = arn:aws:iam::1:role/r ; note
                source_profile = base
                duration_seconds = 900
                [services x]
                """, credentials: "[base]\naws_access_key_id=A\r\naws_secret_access_key=b\n",
            answers: ["": role]),
        Seed(
            config: """
                [profile default]
                sso_session = w
                sso_account_id = 1
                sso_role_name = r
                [sso-session w]
                sso_region = eu-west-1
                sso_start_url = https://s.example/start
                """,
            files: [
                "/.aws/sso/cache/" + SHA1.hex(Array("w".utf8)) + ".json":
                    #"{"accessToken":"a","expiresAt":"2199-01-01T00:00:00Z"}"#
            ],
            answers: [
                "": """
                {"roleCredentials":{"accessKeyId":"A","secretAccessKey":"s",\
                "sessionToken":"t","expiration":7226582400000}}
                """
            ]),
        Seed(
            config: "[default]\ncredential_process = x\naws_account_id = 1\n",
            printed: #"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","Expiration":null}"#),
        Seed(
            variables: [
                "AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": "arn:r",
                "AWS_REGION": "eu-west-1",
            ], files: ["/t": "a.b.c"],
            answers: [
                "": role.replacingOccurrences(
                    of: "AssumeRoleRes", with: "AssumeRoleWithWebIdentityRes")
            ]),
        Seed(
            variables: ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/c?a=1"],
            answers: ["": document]),
        Seed(answers: ["token": "tok", "credentials/": "role-1\nrole-2", "": document]),
    ]
}

/// A seed with one of its texts damaged, or none.
private struct Damage {
    private let surroundings: Surroundings
    private let transport: Answers

    init(_ seed: DamagedSourceTests.Seed, by random: inout RepeatableRandom) {
        var texts = Self.texts(of: seed)
        let names = texts.filter { !$0.value.isEmpty }.keys.sorted()
        let name = names[Int(random.next() % UInt64(names.count))]
        texts[name] = DamagedAnswerTests.damaged(texts[name] ?? [], by: &random)
        self.init(seed, texts: texts)
    }

    init(_ seed: DamagedSourceTests.Seed) { self.init(seed, texts: Self.texts(of: seed)) }

    private static func texts(of seed: DamagedSourceTests.Seed) -> [String: [UInt8]] {
        var texts: [String: [UInt8]] = [
            "/.aws/config": Array(seed.config.utf8),
            "/.aws/credentials": Array(seed.credentials.utf8), "printed": Array(seed.printed.utf8),
        ]
        for (path, text) in seed.files { texts[path] = Array(text.utf8) }
        for (path, text) in seed.answers { texts["answer " + path] = Array(text.utf8) }
        return texts
    }

    private init(_ seed: DamagedSourceTests.Seed, texts: [String: [UInt8]]) {
        transport = Answers(texts: texts)
        surroundings = Surroundings(
            variables: seed.variables, readFile: { texts[$0] },
            runCommand: { _, _ in
                CommandResult(succeeded: true, end: "", output: texts["printed"] ?? [])
            }, now: { Date(timeIntervalSince1970: 1_800_000_000) }, sleep: { _ in })
    }

    func leadsToCredentials() async -> Bool {
        do {
            let configuration = try AWSConfiguration(surroundings)
            let chain = CredentialChain(configuration, transport: transport)
            _ = "\(try chain.survey())"
            _ = try? configuration.endpoint(of: .s3)
            _ = try? configuration.connectionSettings()
            _ = try await CredentialCache(chain, now: surroundings.now).grant()
            return true
        } catch {
            return false
        }
    }

    private struct Answers: HTTPTransport {
        let texts: [String: [UInt8]]

        func send(
            _ request: HTTPRequest, to sink: HTTPSink, by deadline: ContinuousClock.Instant
        ) async throws(HTTPError) -> HTTPResponse {
            let ends = texts.keys.filter { $0.hasPrefix("answer ") }.map { $0.dropFirst(7) }
            let end = ends.filter(request.url.path.hasSuffix).max { $0.count < $1.count } ?? ""
            return HTTPResponse(status: 200, body: texts["answer " + end] ?? [])
        }
    }
}
