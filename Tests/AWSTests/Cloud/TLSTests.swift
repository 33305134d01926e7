// Whom we trust: servers with a company's own certificates, servers with something wrong about
// theirs, and the way to both through a proxy that wants a password.

import CurlHTTP
import Foundation
import HTTP
import SigV4
import Testing

@testable import AWS

@Suite struct TLSTests {
    let servers: TLSServers

    init() throws { servers = try TLSServers.running() }

    private func get(
        _ port: Int, host: String = "127.0.0.1", bundle: String? = nil, proxy: String? = nil
    ) async throws(HTTPError) -> String {
        var configuration = CurlConfiguration()
        configuration.caBundle = bundle
        configuration.httpsProxy = proxy
        let response = try await CurlTransport(configuration).send(
            HTTPRequest("GET", try HTTPURL("https://\(host):\(port)/")), within: .seconds(20))
        return String(decoding: response.body, as: UTF8.self)
    }

    private func failure(
        _ port: Int, bundle: String? = nil, proxy: String? = nil
    ) async -> HTTPError? {
        do throws(HTTPError) {
            _ = try await get(port, bundle: bundle, proxy: proxy)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a company's own certificates are trusted with its bundle`() async throws {
        #expect(try await get(servers.good, bundle: servers.ca) == "secure")
        #expect(try await get(servers.good, host: "localhost", bundle: servers.ca) == "secure")
    }

    @Test func `what cannot be trusted is not, and the error says why`() async throws {
        let cases: [(port: Int, bundle: String?, reason: String)] = [
            (servers.good, nil, "issuer certificate"),
            (servers.stranger, servers.ca, "issuer certificate"),
            (servers.wrongName, servers.ca, "matches target host name"),
            (servers.expired, servers.ca, "has expired"),
        ]
        for (port, bundle, reason) in cases {
            let error = await failure(port, bundle: bundle)
            guard case .insecure = error else {
                Issue.record("\(reason): \(error.map { "\($0)" } ?? "trusted")")
                continue
            }
            #expect(error?.message.contains("127.0.0.1:\(port) cannot be trusted") == true)
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
            #expect(error?.hint?.contains("AWS_CA_BUNDLE") == true)
            #expect(error?.hint?.contains("clock") == true)
            #expect(error?.mayHaveBeenApplied == false && error?.isTransient == false)
        }
    }

    @Test func `nothing older than TLS 1.2 is spoken`() async throws {
        let error = await failure(servers.old, bundle: servers.ca)
        #expect(error != nil && error?.mayHaveBeenApplied == false)
    }

    @Test func `a bundle that is none is named`() async throws {
        let files = try TemporaryFiles()
        let bundle = try files.random("bundle.pem", count: 100)
        let error = await failure(servers.good, bundle: bundle)
        guard case .insecure = error else {
            Issue.record("\(error.map { "\($0)" } ?? "trusted")")
            return
        }
        #expect(error?.message.contains(bundle) == true, "\(error?.message ?? "")")
    }

    @Test func `through a proxy the server's certificate counts all the same`() async throws {
        let proxy =
            "http://\(servers.proxyUser):\(servers.proxyPassword)@127.0.0.1:\(servers.proxy)"
        #expect(try await get(servers.good, bundle: servers.ca, proxy: proxy) == "secure")
        for (port, bundle) in [(servers.good, nil), (servers.wrongName, servers.ca)] {
            let error = await failure(port, bundle: bundle, proxy: proxy)
            guard case .insecure = error else {
                Issue.record("\(error.map { "\($0)" } ?? "trusted")")
                continue
            }
            Self.expectNoSecret(error as Any)
        }
    }

    @Test func `a proxy's refusal is told without the password`() async throws {
        let proxy = "http://ann:wrong-canary@127.0.0.1:\(servers.proxy)"
        let error = await failure(servers.good, bundle: servers.ca, proxy: proxy)
        guard case .proxy = error else {
            Issue.record("\(error.map { "\($0)" } ?? "let through")")
            return
        }
        #expect(error?.message.contains("407") == true, "\(error?.message ?? "")")
        Self.expectNoSecret(error as Any, error?.message ?? "", error?.hint ?? "")
        // Nobody listens there, and the address has a password in it.
        let gone = await failure(servers.good, proxy: "http://ann:wrong-canary@127.0.0.1:1")
        Self.expectNoSecret(gone as Any, gone?.message ?? "")
        var configuration = CurlConfiguration()
        configuration.httpProxy = proxy
        configuration.httpsProxy = proxy
        Self.expectNoSecret(configuration)
    }

    @Test func `a call says AWS_CA_BUNDLE where it is missing, and goes through with it`()
        async throws
    {
        for isSet in [false, true] {
            let configuration = try AWSConfiguration(
                .test(isSet ? ["AWS_CA_BUNDLE": servers.ca] : [:], files: [servers.ca: "there"]))
            var curl = CurlConfiguration()
            curl.caBundle = try configuration.connectionSettings().caBundle?.value
            let url = "https://127.0.0.1:\(servers.good)"
            let client = AWSClient(
                endpoints: { service in
                    Endpoint(
                        url: url, configuredBy: "the test", service: service, region: "eu-west-1")
                },
                credentials: FixedCredential(
                    value: Credential(accessKeyID: "A", secretAccessKey: "canary")),
                transport: try CurlTransport(curl), sleep: { _ in })
            let error = await AWSTests.failure { () throws(CallError) in
                try await client.send(DescribeVpcs())
            }
            // The server speaks HTTP, but not EC2's.
            #expect(error?.attempts == (isSet ? 3 : 1))
            #expect(error?.hint?.contains("AWS_CA_BUNDLE") == !isSet, "\(error?.message ?? "")")
        }
    }

    private static func expectNoSecret(_ values: Any...) {
        for value in values {
            var text = "\(value) \(String(reflecting: value))"
            dump(value, to: &text)
            #expect(!text.contains("canary"), "\(text)")
        }
    }
}

/// The servers of `utility/tls-servers`, one set for the process.
struct TLSServers: Decodable, Sendable {
    let ca: String
    let good: Int
    let wrongName: Int
    let expired: Int
    let stranger: Int
    let old: Int
    let proxy: Int
    let proxyUser: String
    let proxyPassword: String

    static func running() throws -> TLSServers { try started.get().told }

    private static let started = Result { try HelperServer<TLSServers>("utility/tls-servers") }
}
