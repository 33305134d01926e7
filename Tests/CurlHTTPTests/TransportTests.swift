// What goes over the wire and what comes back when all goes well.

import FoundationEssentials
import Glibc
import HTTP
import LoadfleetTesting
import Testing

@testable import CurlHTTP

@Suite struct TransportTests {
    private let transport: CurlTransport

    init() throws { transport = try CurlTransport() }

    @Test(arguments: [
        "/", "/a%20b/../c/./%E6%97%A5//x?list-type=2&prefix=a%2Fb&x", "/%2e%2E/%7e~!$'()*,:;@=+&",
        "//a/?x=%20+y", "/a[b]|c",
    ])
    func `the target goes out byte by byte`(_ target: String) async throws {
        let server = try LoopbackServer { connection in
            while connection.next() != nil { connection.send(answer("200 OK")) }
        }
        _ = try await transport.send(
            HTTPRequest("GET", try HTTPURL(server.url + target)), within: .seconds(10))
        #expect(server.requests.map(\.line) == ["GET \(target) HTTP/1.1"])
    }

    @Test func `nothing is sent that nobody asked for`() async throws {
        let server = try LoopbackServer { _ = $0.next().map { _ in } }
        _ = try? await transport.send(
            HTTPRequest(
                "POST", try HTTPURL(server.url), headers: ["X-Empty": "", "X-Two": "a  b"],
                body: .bytes(Array(repeating: 65, count: 2_000_000))), within: .seconds(10))
        let request = try #require(server.requests.first)
        #expect(
            Set(request.headers) == [
                "Host: 127.0.0.1:\(server.port)", "User-Agent: loadfleet", "X-Empty:",
                "X-Two: a  b", "Content-Length: 2000000",
            ])
        #expect(request.body.count == 2_000_000)
    }

    @Test(arguments: ["GET", "HEAD", "DELETE", "POST", "PUT"])
    func `methods without a body state a length where servers want one`(
        _ method: String
    ) async throws {
        let server = try LoopbackServer(answering: { _ in
            method == "HEAD" ? "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" : answer("204 None")
        })
        let response = try await transport.send(
            HTTPRequest(method, try HTTPURL(server.url)), within: .seconds(10))
        #expect(response.body.isEmpty)
        let length = server.requests.first?.header("Content-Length")
        #expect(length == (["POST", "PUT"].contains(method) ? "0" : nil))
    }

    @Test func `a body from a file is the part that was asked for`() async throws {
        let file = try TemporaryFile((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) })
        let server = try LoopbackServer(answering: { _ in answer("200 OK") })
        _ = try await transport.send(
            HTTPRequest(
                "PUT", try HTTPURL(server.url),
                body: .file(path: file.path, offset: 1000, count: 2_500_000)), within: .seconds(20))
        #expect(server.requests.first?.body == Array(file.bytes[1000..<2_501_000]))
    }

    @Test func `connections are used again, and no more of them than transfers`() async throws {
        let server = try LoopbackServer(answering: { answer("200 OK", $0.line) })
        var configuration = CurlConfiguration()
        configuration.maximumTransfers = 3
        let transport = try CurlTransport(configuration)
        let url = try HTTPURL(server.url)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    var url = url
                    url.path = "/\(number)"
                    let response = try await transport.send(
                        HTTPRequest("GET", url), within: .seconds(30))
                    #expect(response.body == Array("GET /\(number) HTTP/1.1".utf8))
                }
            }
            try await group.waitForAll()
        }
        #expect(server.requests.count == 200)
        #expect(1...3 ~= server.connections)
    }

    @Test func `a redirect is an answer, and an interim answer is none`() async throws {
        let server = try LoopbackServer(answering: { _ in
            "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n"
                + answer("307 Temporary Redirect", headers: "Location: /b\r\nA: 1\r\na:  2 \r\n")
        })
        let response = try await transport.send(
            HTTPRequest("GET", try HTTPURL(server.url + "/a")), within: .seconds(10))
        #expect(response.status == 307)
        #expect(response.headers["location"] == "/b")
        #expect(response.headers.values(of: "A") == ["1", "2"])
        #expect(response.headers["X-Early"] == nil)
        #expect(server.requests.count == 1)
    }

    @Test func `only what was asked for goes into the file`() async throws {
        let file = try TemporaryFile(Array("0123456789".utf8))
        let server = try LoopbackServer(answering: { request in
            switch request.line.split(separator: " ")[1] {
            case "/part": answer("206 Partial Content", "abc")
            case "/all": answer("200 OK", "whole")
            case "/empty": answer("200 OK")
            default: answer("404 Not Found", "<Error/>")
            }
        })
        func get(_ path: String) async throws -> HTTPResponse {
            try await transport.send(
                HTTPRequest("GET", try HTTPURL(server.url + path)),
                to: .file(path: file.path, offset: 4), within: .seconds(10))
        }
        let missing = try await get("/missing")
        #expect(missing.body == Array("<Error/>".utf8))
        #expect(try file.read() == "0123456789")
        #expect(try await get("/part").body.isEmpty)
        #expect(try file.read() == "0123abc789")
        _ = try await get("/all")
        #expect(try file.read() == "whole")
        _ = try await get("/empty")
        #expect(try file.read() == "")
    }
}

/// A file that goes with its owner.
final class TemporaryFile {
    let path = "/tmp/loadfleet-http-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) throws {
        self.bytes = bytes
        try Data(bytes).write(to: URL(filePath: path))
    }

    deinit { unlink(path) }

    func read() throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    }
}
