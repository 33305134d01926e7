// The services inside a machine that hand out credentials, over real sockets.

import CurlHTTP
import Foundation
import HTTP
import SigV4
import Synchronization
import Testing

@testable import AWS

private let document = """
    {"Code":"Success","AccessKeyId":"ASIAEXAMPLE00001","SecretAccessKey":"s3cret","Token":"t0ken",\
    "Expiration":"2030-01-01T00:00:00Z"}
    """

/// A chain over a real transport.
private func chain(
    _ variables: [String: String], files: [String: String] = [:], now: Date = Date()
) throws -> CredentialChain {
    CredentialChain(
        try AWSConfiguration(.test(variables, files: files, now: { now })),
        transport: try CurlTransport())
}

@Suite struct InstanceSourceTests {
    /// A metadata service; `answer` may answer in its stead.
    private func service(
        _ answer: @escaping @Sendable (Peer.Asked) -> Peer.Reply? = { _ in nil }
    ) throws -> Peer {
        try Peer { asked in
            if let special = answer(asked) { return special }
            if asked.path == "/latest/api/token" {
                guard asked.method == "PUT",
                    asked.headers["x-aws-ec2-metadata-token-ttl-seconds"] == "21600"
                else { return Peer.Reply(status: 400) }
                return Peer.Reply(body: "session-1")
            }
            guard asked.headers["x-aws-ec2-metadata-token"] == "session-1" else {
                return Peer.Reply(status: 401)
            }
            switch asked.path {
            case "/latest/meta-data/iam/security-credentials/": return Peer.Reply(body: "role-1")
            case "/latest/meta-data/iam/security-credentials/role-1":
                return Peer.Reply(body: document)
            case "/latest/meta-data/placement/region": return Peer.Reply(body: "eu-west-3")
            default: return Peer.Reply(status: 404)
            }
        }
    }

    private func grant(_ peer: Peer, now: Date = Date()) async throws -> Grant {
        try await chain(["AWS_EC2_METADATA_SERVICE_ENDPOINT": peer.url + "/"], now: now).grant()
    }

    private func failure(_ peer: Peer) async throws -> AccessError {
        try await #require(throws: AccessError.self) { try await grant(peer) }
    }

    @Test func `a token first, then the role, then its credentials`() async throws {
        let peer = try service()
        let grant = try await grant(peer)
        #expect(grant.credential.accessKeyID == "ASIAEXAMPLE00001")
        #expect(grant.credential.sessionToken == "t0ken")
        #expect(grant.expiration == Date(timeIntervalSince1970: 1_893_456_000))
        #expect(peer.asked.map(\.method) == ["PUT", "GET", "GET"])
    }

    @Test func `a token that is refused is replaced, once`() async throws {
        let refused = Atomic(0)
        let peer = try service { asked in
            guard asked.method == "GET" else { return nil }
            let isFirst = refused.wrappingAdd(1, ordering: .relaxed).newValue == 1
            return isFirst ? Peer.Reply(status: 401) : nil
        }
        _ = try await grant(peer)
        #expect(peer.asked.map(\.method) == ["PUT", "GET", "PUT", "GET", "GET"])
        let never = try service { $0.method == "GET" ? Peer.Reply(status: 401) : nil }
        #expect(try await failure(never).message.contains("401"))
        #expect(never.asked.count == 4)
    }

    @Test(arguments: [400, 403, 404, 405])
    func `without a token there is no version 1`(status: Int) async throws {
        let peer = try service { $0.method == "PUT" ? Peer.Reply(status: status) : nil }
        let error = try await failure(peer)
        #expect(error.kind == .noCredentials && error.message.contains("EC2 instance metadata"))
        #expect(peer.asked.allSatisfy { $0.method == "PUT" })
    }

    @Test func `errors of the service are asked again`() async throws {
        let count = Atomic(0)
        let peer = try service { _ in
            let isOdd = count.wrappingAdd(1, ordering: .relaxed).newValue % 2 == 1
            return isOdd ? Peer.Reply(status: 503, body: "busy") : nil
        }
        _ = try await grant(peer)
        #expect(peer.asked.count == 6)
    }

    @Test func `an instance without a role has no credentials`() async throws {
        let peer = try service {
            $0.path.contains("security-credentials") ? Peer.Reply(status: 404) : nil
        }
        let error = try await failure(peer)
        #expect(error.kind == .noCredentials)
        #expect(error.message.contains("the EC2 instance has no role"))
    }

    @Test func `who does not answer is not waited for`() async throws {
        // As it is behind a hop limit: the answer to the PUT never arrives.
        let silent = try service { _ in Peer.Reply.never }
        #expect(try await failure(silent).kind == .noCredentials)
        #expect(silent.asked.count == 1)
        let error = try await #require(throws: AccessError.self) {
            try await chain([
                "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:\(try closedPort())"
            ]).grant()
        }
        #expect(error.kind == .noCredentials)
        #expect(error.hint?.contains("aws configure") == true)
    }

    @Test func `switched off, it is not asked`() async throws {
        let peer = try service()
        for value in ["true", "TRUE"] {
            let error = try await #require(throws: AccessError.self) {
                try await chain([
                    "AWS_EC2_METADATA_DISABLED": value,
                    "AWS_EC2_METADATA_SERVICE_ENDPOINT": peer.url,
                ]).grant()
            }
            #expect(error.kind == .noCredentials)
        }
        #expect(peer.asked.isEmpty)
        #expect(throws: AccessError.self) {
            try chain(["AWS_EC2_METADATA_DISABLED": "1"]).survey().failure.map { throw $0 }
        }
    }

    @Test func `credentials that ended during the service's outage stay in use for a while`()
        async throws
    {
        let end = Date(timeIntervalSince1970: 1_893_456_000)
        let grant = try await grant(try service(), now: end + 60)
        let left = try #require(grant.expiration).timeIntervalSince(end + 60)
        #expect((300...600).contains(left))
    }

    @Test func `a role that cannot be assumed says why, and lists that make no sense are refused`()
        async throws
    {
        let peer = try service {
            $0.path.hasSuffix("/role-1")
                ? Peer.Reply(body: #"{"Code":"AssumeRoleUnauthorizedAccess","Message":"canary"}"#)
                : nil
        }
        let error = try await failure(peer)
        #expect(error.message.contains("role-1: AssumeRoleUnauthorizedAccess"))
        #expect(!error.message.contains("canary"))
        let portal = try service {
            $0.path.hasSuffix("/security-credentials/") ? Peer.Reply(body: "<html>hi") : nil
        }
        #expect(try await failure(portal).message.contains("makes no sense"))
        #expect(portal.asked.count == 2)
    }

    @Test func `an instance that served before is only out of order for a while`() async throws {
        let isUp = Atomic(true)
        let peer = try service { _ in
            isUp.load(ordering: .relaxed) ? nil : Peer.Reply(status: 500)
        }
        let chain = try chain(["AWS_EC2_METADATA_SERVICE_ENDPOINT": peer.url])
        _ = try await chain.grant()
        isUp.store(false, ordering: .relaxed)
        let error = try await #require(throws: AccessError.self) { try await chain.grant() }
        #expect(error.kind == .sourceFailed)
    }

    @Test func `the region of the instance is the last resort`() async throws {
        let peer = try service()
        var variables = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": peer.url]
        let region = { @Sendable (variables: [String: String]) async throws in
            try await AWSConfiguration(.test(variables)).region(asking: CurlTransport())
        }
        #expect(
            try await region(variables) == Sourced("eu-west-3", from: "EC2 instance metadata"))
        variables["AWS_REGION"] = "eu-west-1"
        #expect(try await region(variables).value == "eu-west-1")
        variables["AWS_REGION"] = nil
        variables["AWS_EC2_METADATA_DISABLED"] = "true"
        await #expect(throws: AccessError.self) { try await region(variables) }
        let evil = try service {
            $0.path.hasSuffix("/region") ? Peer.Reply(body: "evil.example/x") : nil
        }
        let error = try await #require(throws: AccessError.self) {
            try await region(["AWS_EC2_METADATA_SERVICE_ENDPOINT": evil.url])
        }
        #expect(error.message == "no AWS region is set")
        #expect(error.hint?.contains("AWS_REGION") == true)
    }
}

@Suite struct ContainerSourceTests {
    @Test func `a token goes with the request, from a variable or a file that changes`()
        async throws
    {
        let peer = try Peer { _ in Peer.Reply(body: document) }
        let url = ["AWS_CONTAINER_CREDENTIALS_FULL_URI": peer.url + "/v1/c?x=1"]
        _ = try await chain(url).grant()
        _ = try await chain(
            url.merging(["AWS_CONTAINER_AUTHORIZATION_TOKEN": "Basic abc"]) { $1 }
        ).grant()
        let text = Mutex("one\n")
        var surroundings = Surroundings.test(
            url.merging(["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/token"]) { $1 })
        surroundings.readFile = { path in
            path == "/token" ? Array(text.withLock { $0 }.utf8) : nil
        }
        let reading = CredentialChain(
            try AWSConfiguration(surroundings), transport: try CurlTransport())
        _ = try await reading.grant()
        text.withLock { $0 = "two" }
        _ = try await reading.grant()
        #expect(peer.asked.map { $0.headers["authorization"] } == [nil, "Basic abc", "one", "two"])
        #expect(peer.asked.allSatisfy { $0.path == "/v1/c?x=1" })
    }

    @Test(arguments: [
        (404, "404"), (400, "400"), (500, "500"), (200, "invalid JSON"),
    ])
    func `answers without credentials are errors`(status: Int, word: String) async throws {
        let peer = try Peer { _ in Peer.Reply(status: status, body: "no canary here") }
        let error = try await #require(throws: AccessError.self) {
            try await chain(["AWS_CONTAINER_CREDENTIALS_FULL_URI": peer.url]).grant()
        }
        #expect(error.message.contains(word) && !error.message.contains("canary"))
        #expect(error.kind == (status == 404 || status == 400 ? .refused : .sourceFailed))
        #expect(peer.asked.count == (status == 500 ? 3 : 1))
    }

    @Test func `a token that breaks the line is not sent`() async throws {
        let peer = try Peer { _ in Peer.Reply(body: document) }
        let error = try await #require(throws: AccessError.self) {
            try await chain([
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": peer.url,
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": "canary\r\nX-Evil: 1",
            ]).grant()
        }
        #expect(error.kind == .configuration && !error.message.contains("canary"))
        #expect(peer.asked.isEmpty)
    }

    @Test(arguments: [
        #"{"SecretAccessKey":"b"}"#, #"{"AccessKeyId":"a"}"#, "[]", "{}", "",
        #"{"AccessKeyId":"a\r\nX: 1","SecretAccessKey":"b"}"#,
        #"{"AccessKeyId":"a","SecretAccessKey":"b","Expiration":"soon"}"#,
        #"{"AccessKeyId":"a","SecretAccessKey":"b","Expiration":1e400}"#,
    ])
    func `half a credential is none`(body: String) async throws {
        let peer = try Peer { _ in Peer.Reply(body: body) }
        let error = try await #require(throws: AccessError.self) {
            try await chain(["AWS_CONTAINER_CREDENTIALS_FULL_URI": peer.url]).grant()
        }
        #expect(error.kind == .sourceFailed)
    }

    @Test(arguments: [
        "2030-01-01T00:00:00Z", "2030-01-01T01:00:00+01:00", "2030-01-01T00:00:00.5Z",
        "2030-01-01T00:00:00UTC",
    ])
    func `times are read as they come`(time: String) async throws {
        let body =
            #"{"accessKeyId":"a","SECRETACCESSKEY":"b","Expiration":"\#(time)"}"#
        let peer = try Peer { _ in Peer.Reply(body: body) }
        let grant = try await chain(["AWS_CONTAINER_CREDENTIALS_FULL_URI": peer.url]).grant()
        #expect(grant.expiration?.timeIntervalSince1970.rounded(.down) == 1_893_456_000)
    }
}
