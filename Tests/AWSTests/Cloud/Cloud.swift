// The simulated cloud: started once for all tests, ended by the end of this process, whose end of
// a pipe it listens to.

import CurlHTTP
import Foundation
import HTTP
import SigV4

@testable import AWS

/// A running cloud.
struct Cloud: Decodable, Sendable {
    let gate: Int
    let faults: Int
    let moto: Int
    /// What is behind the gate.
    let unguarded: Int
    let motoKey: String
    let motoSecret: String
    let s3: Int
    let key: String
    let secret: String
    let s3Key: String
    let s3Secret: String

    /// The cloud of this process.
    static func running() throws -> Cloud { try started.get().cloud }

    private static let started = Result { try Running() }

    private final class Running: Sendable {
        let cloud: Cloud
        // The cloud runs as long as this end of its standard input is open.
        let input: Pipe

        init() throws {
            let script = Tools.root.appending(path: "utility/simulated-cloud/cloud.py").path()
            let process = Process()
            process.executableURL = URL(filePath: try Tools.python.get())
            process.arguments = [script]
            let (input, output) = (Pipe(), Pipe())
            process.standardInput = input
            process.standardOutput = output
            try process.run()
            var line = Data()
            while !line.contains(UInt8(ascii: "\n")) {
                let more = output.fileHandleForReading.availableData
                guard !more.isEmpty else { throw ToolFailure(output: "the cloud did not start") }
                line += more
            }
            cloud = try JSONDecoder().decode(Cloud.self, from: line)
            self.input = input
        }
    }

    // MARK: - Clients

    /// A client of the gate, and so of EC2, S3 and the rest in moto.
    func client(secret: String? = nil) throws -> AWSClient {
        try Self.client(
            port: gate, Credential(accessKeyID: key, secretAccessKey: secret ?? self.secret))
    }

    /// A client of the gate that injects faults.
    func faultyClient(
        rules: RetryRules = RetryRules(), clock: @escaping @Sendable () -> Date = { Date() }
    ) throws -> AWSClient {
        try Self.client(
            port: faults, Credential(accessKeyID: key, secretAccessKey: secret), rules: rules,
            clock: clock)
    }

    /// A client of the strict S3 server.
    func s3Client(secret: String? = nil) throws -> AWSClient {
        try Self.client(
            port: s3, Credential(accessKeyID: s3Key, secretAccessKey: secret ?? s3Secret))
    }

    static func client(
        port: Int, _ credential: Credential, rules: RetryRules = RetryRules(),
        clock: @escaping @Sendable () -> Date = { Date() }
    ) throws -> AWSClient {
        AWSClient(
            endpoints: { service in
                Endpoint(
                    url: "http://127.0.0.1:\(port)", configuredBy: "the test", service: service,
                    region: "us-east-1")
            }, credentials: FixedCredential(value: credential),
            transport: try CurlTransport(), rules: rules, clock: clock)
    }

    // MARK: - The gate

    /// A request as the gate saw it.
    struct Seen: Decodable, Sendable {
        let service: String?
        let action: String?
        let method: String
        let path: String
        let query: String
        let body: String
        let fault: String?
        let status: Int?
    }

    /// Sets the gate's faults and forgets what it saw.
    func inject(_ rules: String) async throws {
        _ = try await control("POST", "reset", body: "")
        _ = try await control("POST", "rules", body: rules)
    }

    /// What the gate saw of an action.
    func seen(_ action: String) async throws -> [Seen] {
        let response = try await control("GET", "log", body: "")
        return try JSONDecoder().decode([Seen].self, from: Data(response.body))
            .filter { $0.action == action }
    }

    private func control(
        _ method: String, _ name: String, body: String
    ) async throws -> HTTPResponse {
        let url = try HTTPURL("http://127.0.0.1:\(faults)/_gate/\(name)")
        return try await CurlTransport().send(
            HTTPRequest(method, url, body: .bytes(Array(body.utf8))), within: .seconds(10))
    }
}

/// A credential that stays what it is.
struct FixedCredential: CredentialProvider {
    let value: Credential

    func credential() async throws(AccessError) -> Credential { value }
    func reject(keyID: String) async {}
}

/// Runs a call that must fail, and gives its error.
func failure<Answer: Sendable>(
    _ body: () async throws(CallError) -> Answer
) async -> CallError? {
    do throws(CallError) {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}
