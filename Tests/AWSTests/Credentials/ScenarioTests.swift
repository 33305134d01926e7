// Whole scenarios that AWS's SDKs share: an environment, files, recorded traffic, and what comes
// of them.

import Foundation
import HTTP
import SigV4
import Testing

@testable import AWS

@Suite(.enabled(if: Vectors.present)) struct ScenarioTests {
    private static let chains = "default-credential-provider-chain"
    private static let profiles = "profile-provider"

    @Test func `there are 29 scenarios of the chain and 18 of profiles`() {
        #expect(Vectors.names(in: Self.chains).count == 29)
        #expect(Vectors.names(in: Self.profiles).count == 18)
    }

    @Test(arguments: Vectors.names(in: chains))
    func `the chain finds the credentials that all SDKs find`(name: String) async throws {
        let scenario = try Scenario("\(Self.chains)/\(name)")
        let chain = CredentialChain(
            try AWSConfiguration(scenario.surroundings), transport: scenario.replay)
        await scenario.check { () throws(AccessError) in try await chain.grant() }
    }

    @Test(arguments: Vectors.names(in: profiles))
    func `a profile gives the credentials that it gives to all SDKs`(name: String) async throws {
        let scenario = try Scenario("\(Self.profiles)/\(name)")
        await scenario.check { () throws(AccessError) in
            let configuration = try AWSConfiguration(scenario.surroundings)
            let looks = ChainLooks(configuration: configuration, transport: scenario.replay)
            guard case .source(let chosen) = try looks.profile() else {
                throw AccessError(.noCredentials, "the profile has none")
            }
            return try await chosen.source.grant()
        }
    }
}

/// One scenario's folder.
private struct Scenario {
    let surroundings: Surroundings
    let replay: Replay
    private let expected: JSON

    init(_ path: String) throws {
        let folder = Vectors.folder + "/" + path
        expected = try Vectors.json("\(path)/test-case.json")["result"]
        replay = Replay(try Vectors.json("\(path)/http-traffic.json"))
        surroundings = Surroundings(
            variables: try Vectors.json("\(path)/env.json").strings,
            readFile: {
                FileManager.default.contents(atPath: "\(folder)/fs\($0)").map { [UInt8]($0) }
            },
            runCommand: { command, _ in
                let run = try Tools.run(["/bin/sh", "-c", command])
                return CommandResult(
                    succeeded: run.status == 0, end: "exited with code \(run.status)",
                    output: Array(run.output.utf8))
            }, now: { Date(timeIntervalSince1970: 0) }, sleep: { _ in })
    }

    func check(_ body: () async throws(AccessError) -> Grant) async {
        do throws(AccessError) {
            let grant = try await body()
            let wanted = expected["Ok"]
            #expect(grant.credential.accessKeyID == wanted["access_key_id"].string)
            #expect(grant.credential.secretAccessKey == wanted["secret_access_key"].string)
            #expect(grant.credential.sessionToken == wanted["session_token"].string)
            #expect(grant.account == wanted["account_id"].string)
            #expect(
                grant.expiration.map { Int($0.timeIntervalSince1970) } == wanted["expiry"].int)
            #expect(replay.requests.count == replay.recorded.count)
        } catch {
            check(error)
        }
        for (request, recorded) in zip(replay.requests, replay.recorded) {
            compare(request, recorded)
        }
    }

    /// Where our words differ from those of the SDK that the scenarios were written for, what must
    /// be said instead.
    private static let words = [
        "could not parse profile file": "/home/.aws/config:2: ",
        "failed to read `/home/.aws/sso/cache/dace00cba5f8355ec9d274ceb2bcebdfbeed0e12.json`":
            "failed to read `/home/.aws/sso/cache/dace00cba5f8355ec9d274ceb2bcebdfbeed0e12.json`",
        "No such file or directory (os error 2)": "there is no file /token.jwt",
        "external process exited with code exit status: 1":
            "an error occurred while loading credentials: it exited with code 1",
        "could not parse response: invalid JSON in response":
            "could not parse response: invalid JSON in response",
        "InvalidIdentityTokenException: No OpenIDConnect provider found in your account":
            "InvalidIdentityToken: No OpenIDConnect provider found in your account",
    ]

    private func check(_ error: AccessError) {
        guard let problem = expected["ErrorContains"].string else {
            Issue.record("\(error)")
            return
        }
        if problem.hasSuffix("provider was not enabled") {
            #expect(error.kind == .noCredentials)
            return
        }
        let ours = Self.words.keys.sorted { $0.count > $1.count }.first(where: problem.contains)
        #expect(error.message.contains(ours.flatMap { Self.words[$0] } ?? problem))
    }

    /// Whether we ask what was asked: not the time-dependent names and signatures.
    private func compare(_ request: HTTPRequest, _ recorded: Replay.Exchange) {
        #expect(request.method == recorded.method)
        let parts = { (url: String) -> (String, Set<Substring>) in
            let halves = url.split(separator: "?", maxSplits: 1)
            let path = halves[0].hasSuffix("/") ? halves[0].dropLast() : halves[0]
            return (String(path), Set(halves.dropFirst().flatMap { $0.split(separator: "&") }))
        }
        #expect(parts(request.url.text) == parts(recorded.url))
        for name in [
            "x-aws-ec2-metadata-token", "x-aws-ec2-metadata-token-ttl-seconds",
            "x-amz-sso_bearer_token", "accept",
        ] where recorded.headers[name] != nil {
            #expect(request.headers[name] == recorded.headers[name])
        }
        guard case .bytes(let bytes) = request.body else { return }
        let asked = Self.form(String(decoding: bytes, as: UTF8.self))
        let wanted = Self.form(recorded.body)
        #expect(asked.keys.sorted() == wanted.keys.sorted())
        #expect(asked["Action"] == wanted["Action"])
        // The recordings of web identities have other roles than their files.
        if asked["Action"] == "AssumeRole" { #expect(asked["RoleArn"] == wanted["RoleArn"]) }
        #expect(
            (request.headers["Authorization"] == nil)
                == (asked["Action"] == "AssumeRoleWithWebIdentity"))
    }

    private static func form(_ text: String) -> [Substring: Substring] {
        var fields: [Substring: Substring] = [:]
        for field in text.split(separator: "&") {
            let halves = field.split(separator: "=", maxSplits: 1)
            fields[halves[0]] = halves.last
        }
        return fields
    }
}
