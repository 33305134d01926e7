// Secrets that are known, in every place that holds one, and every fault that could carry them out:
// none may be seen in an error, a description or a dump.

import CurlHTTP
import Foundation
import HTTP
import SigV4
import Testing

@testable import AWS

@Suite struct SourceCanaryTests {
    /// What must never be seen.
    private static let secrets = [
        "CANARY/environment", "CANARY/session", "CANARY/file", "CANARY/printed", "CANARY/answer",
        "CANARY/token", "CANARY/bearer", "CANARY.jwt", "CANARY-password", "CANARY/authorization",
    ]

    /// What a service makes of what it should answer, and of what it was asked.
    private typealias Fault = @Sendable (_ answer: String, _ asked: String) -> Peer.Reply

    private static let faults: [(String, Fault)] = [
        ("nothing", { answer, _ in Peer.Reply(body: answer) }),
        ("status 500", { answer, _ in Peer.Reply(status: 500, body: answer) }),
        ("status 400", { answer, _ in Peer.Reply(status: 400, body: answer) }),
        ("status 403", { answer, _ in Peer.Reply(status: 403, body: answer) }),
        ("cut off", { answer, _ in Peer.Reply(body: String(answer.dropLast(3))) }),
        ("not what was asked for", { answer, _ in Peer.Reply(body: "<html>" + answer) }),
        ("a bare secret", { _, _ in Peer.Reply(body: "CANARY/answer") }),
        (
            "a time that is none",
            { answer, _ in
                Peer.Reply(body: answer.replacing("2199-01-01T00:00:00Z", with: "CANARY/answer"))
            }
        ),
        (
            "a refusal that repeats what was asked",
            { _, asked in
                Peer.Reply(
                    status: 403,
                    body: """
                        <ErrorResponse><Error><Code>AccessDenied</Code><Message>\(asked)</Message>\
                        </Error></ErrorResponse>
                        """)
            }
        ),
        (
            "a failure in words",
            { _, _ in Peer.Reply(body: #"{"Code":"CANARY/answer","Message":"CANARY/answer"}"#) }
        ),
        (
            "a header that is none",
            { answer, _ in Peer.Reply(body: answer, headers: "X CANARY/answer\r\n") }
        ),
    ]

    private static let json = """
        {"Version":1,"Code":"Success","AccessKeyId":"ASIAEXAMPLE00001",\
        "SecretAccessKey":"CANARY/answer","Token":"CANARY/token",\
        "Expiration":"2199-01-01T00:00:00Z"}
        """

    private static let configurations: [(String, [String: String], String)] = [
        (
            "keys in variables",
            [
                "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE00001",
                "AWS_SECRET_ACCESS_KEY": "CANARY/environment",
                "AWS_SESSION_TOKEN": "CANARY/session",
            ], ""
        ),
        ("half of them", ["AWS_SECRET_ACCESS_KEY": "CANARY/environment"], ""),
        ("keys in a file", ["AWS_PROFILE": "keys"], ""),
        ("half a file", ["AWS_PROFILE": "half"], ""),
        ("a line that is none", [:], "[default]\naws_secret_access_key CANARY/file\n"),
        ("a role", ["AWS_PROFILE": "role"], ""),
        (
            "a role from variables",
            [
                "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE00001",
                "AWS_SECRET_ACCESS_KEY": "CANARY/environment",
                "AWS_SESSION_TOKEN": "CANARY/session",
            ], "[default]\nrole_arn = arn:r\ncredential_source = Environment\n"
        ),
        ("an SSO login", ["AWS_PROFILE": "sso"], ""),
        ("a program", ["AWS_PROFILE": "process"], ""),
        (
            "a web identity",
            [
                "AWS_WEB_IDENTITY_TOKEN_FILE": "/jwt", "AWS_ROLE_ARN": "arn:r",
            ], ""
        ),
        (
            "a container",
            [
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "PEER/c",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": "CANARY/authorization",
            ], ""
        ),
        (
            "a container elsewhere",
            [
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://u:CANARY-password@localhost/c"
            ], ""
        ),
        ("an instance", [:], ""),
        (
            "an endpoint with a password",
            [
                "AWS_ENDPOINT_URL_STS": "http://u:CANARY-password@127.0.0.1", "AWS_PROFILE": "role",
            ], ""
        ),
        (
            "an instance with a password",
            [
                "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://u:CANARY-password@127.0.0.1"
            ], ""
        ),
    ]

    /// Those that lead to no credentials even where nothing goes wrong.
    private static let wrong = [
        "half of them", "half a file", "a line that is none", "a container elsewhere",
        "an endpoint with a password", "an instance with a password",
    ]

    private static let files = """
        [profile keys]
        aws_access_key_id = AKIAEXAMPLE00001
        aws_secret_access_key = CANARY/file
        aws_session_token = CANARY/session
        [profile half]
        aws_secret_access_key = CANARY/file
        [profile role]
        role_arn = arn:r
        source_profile = keys
        [profile process]
        credential_process = print
        [profile sso]
        sso_start_url = https://start.example
        sso_region = eu-west-1
        sso_account_id = 1
        sso_role_name = r

        """

    @Test(arguments: configurations.map(\.0))
    func `no secret is seen, whatever goes wrong`(name: String) async throws {
        let (_, variables, config) = try #require(
            Self.configurations.first { $0.0 == name })
        for (fault, reply) in Self.faults {
            let peer = try Peer { asked in
                if asked.path == "/latest/api/token" { return Peer.Reply(body: "CANARYtoken") }
                if asked.path.hasSuffix("/security-credentials/") { return Peer.Reply(body: "r") }
                let headers = asked.headers.values.sorted().joined(separator: " ")
                return reply(
                    Self.answer(to: asked),
                    "\(headers) \(asked.body)".replacing("&", with: " "))
            }
            let printed = reply(Self.json, "")
            let isAnswered = try await look(
                surroundings(variables, config, peer, printed: printed), "\(name), \(fault)")
            if fault == "nothing" { #expect(isAnswered != Self.wrong.contains(name)) }
        }
    }

    private static func answer(to asked: Peer.Asked) -> String {
        if asked.path.hasPrefix("/federation/") {
            return """
                {"roleCredentials":{"accessKeyId":"A","secretAccessKey":"CANARY/answer",\
                "sessionToken":"CANARY/token","expiration":"2199-01-01T00:00:00Z"}}
                """
        }
        guard asked.method == "POST" else { return json }
        if asked.body.contains("GetCallerIdentity") {
            return """
                <GetCallerIdentityResponse><GetCallerIdentityResult><Arn>a</Arn><UserId>u</UserId>\
                <Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>
                """
        }
        let action =
            asked.body.contains("WebIdentity") ? "AssumeRoleWithWebIdentity" : "AssumeRole"
        return """
            <\(action)Response><\(action)Result><Credentials><AccessKeyId>A</AccessKeyId>\
            <SecretAccessKey>CANARY/answer</SecretAccessKey><SessionToken>CANARY/token\
            </SessionToken><Expiration>2199-01-01T00:00:00Z</Expiration></Credentials>\
            </\(action)Result></\(action)Response>
            """
    }

    private func surroundings(
        _ variables: [String: String], _ config: String, _ peer: Peer, printed: Peer.Reply
    ) -> Surroundings {
        let base = [
            "AWS_ENDPOINT_URL": peer.url, "AWS_EC2_METADATA_SERVICE_ENDPOINT": peer.url,
            "AWS_REGION": "eu-west-1", "https_proxy": "http://u:CANARY-password@127.0.0.1:1",
            "AWS_MAX_ATTEMPTS": "2",
        ]
        let files = [
            "/.aws/config": Self.files + config, "/jwt": "CANARY.jwt",
            "/.aws/sso/cache/\(SHA1.hex(Array("https://start.example".utf8))).json":
                #"{"accessToken":"CANARY/bearer","expiresAt":"2199-01-01T00:00:00Z"}"#,
        ]
        return .test(
            base.merging(variables) { $1 }.mapValues { $0.replacing("PEER", with: peer.url) },
            files: files,
            now: { Date() },
            runCommand: { _, _ in
                CommandResult(
                    succeeded: printed.status == 200, end: "exited with code 1",
                    output: Array(printed.body.utf8), complaint: "sorry")
            })
    }

    /// Goes all the way, and looks at everything that there is on it; whether AWS answered.
    private func look(_ surroundings: Surroundings, _ name: String) async throws -> Bool {
        show(surroundings, name)
        var things: [Any] = []
        do {
            let configuration = try AWSConfiguration(surroundings)
            let connection = try configuration.connectionSettings()
            var curl = CurlConfiguration()
            curl.httpsProxy = connection.httpsProxy?.value.text
            curl.noProxy = connection.noProxy
            let transport = try CurlTransport(curl)
            let chain = CredentialChain(configuration, transport: transport)
            let cache = CredentialCache(chain)
            things += [configuration, connection, curl, transport, chain, cache]
            for thing in things { show(thing, name) }
            let survey = try chain.survey()
            show(survey, name)
            if let chosen = survey.chosen { show(chosen.source, name) }
            show(try await cache.grant(), name)
            show(cache, name)
            let client = try AWSClient(configuration, credentials: cache, transport: transport)
            show(client, name)
            show(try await client.send(GetCallerIdentity(), within: .seconds(5)), name)
            return true
        } catch let error as CallError {
            show(error, name)
            show([error.message, error.hint ?? ""], name)
        } catch {
            show(error, name)
        }
        return false
    }

    private func show(_ thing: Any, _ name: String) {
        var dumped = ""
        dump(thing, to: &dumped)
        for text in ["\(thing)", String(reflecting: thing), "\([thing])", dumped] {
            for secret in Self.secrets where text.contains(secret) {
                Issue.record("\(name): \(secret) in \(type(of: thing)): \(text.prefix(600))")
            }
        }
    }

    @Test func `a proxy that is not there is named without its password`() async throws {
        var curl = CurlConfiguration()
        curl.httpProxy = "http://u:CANARY-password@127.0.0.1:\(try closedPort())"
        let transport = try CurlTransport(curl)
        let request = HTTPRequest("GET", try HTTPURL("http://somewhere.example/"))
        let error = try await #require(throws: HTTPError.self) {
            try await transport.send(request, within: .seconds(10))
        }
        show(error, "proxy")
        show(error.message, "proxy")
        show(transport, "proxy")
    }
}

@Suite struct ConfidentialTextTests {
    @Test(arguments: [
        "http://user:top?canary@h:1", "http://user:top#canary@h:1", "user:canary@h",
        "http://h:1/?key=canary", "http://h#canary", "http://u:canary@h\ncanary",
    ])
    func `a URL shows no password, query or second line`(text: String) {
        let url = ConfidentialURL(text)
        #expect(!"\(url)".contains("canary"))
        #expect("\(url)".contains("h"))
    }

    @Test(arguments: [
        "http://user:canary@proxy:port", "ftp://user:canary@proxy:99", "user:canary",
        "http://user:top#canary@127.0.0.1:1", "http://user:canary@pro xy:1",
        "socks9://u:canary@h:1",
    ])
    func `a proxy that is none is refused without being shown`(text: String) throws {
        let configuration = try AWSConfiguration(.test(["HTTPS_PROXY": text]))
        let error = #expect(throws: AccessError.self) { try configuration.connectionSettings() }
        #expect(error?.message.contains("HTTPS_PROXY is no URL of a proxy") == true)
        #expect(error?.message.contains("canary") == false)
    }

    @Test func `indented lines below a value are not shown with it`() throws {
        let file = "[default]\nregion = eu-west-1\n  aws_secret_access_key = canary\n"
        let configuration = try AWSConfiguration(
            .test(["HOME": "/h"], files: ["/h/.aws/config": file]))
        let error = try #require(throws: AccessError.self) { try configuration.region() }
        #expect(error.message.contains("'eu-west-1…'"))
        #expect(!"\(error)\(error.hint ?? "")".contains("canary"))
    }
}
