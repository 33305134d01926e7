// What a transfer that fails says: which way it failed, and whether the server may have acted.

import FoundationEssentials
import Glibc
import HTTP
import LoadfleetTesting
import Synchronization
import Testing

@testable import CurlHTTP

@Suite struct FailureTests {
    private let transport: CurlTransport

    init() throws { transport = try CurlTransport() }

    /// A host that no resolver is asked for, because its first label is longer than DNS allows: what
    /// a machine without a network does with other names, and when, is its own affair.
    private let impossibleHost = String(repeating: "a", count: 64) + ".invalid"

    private func failure(
        _ url: String, _ method: String = "GET", body: HTTPBody = .none,
        to sink: HTTPSink = .memory,
        within limit: Duration = .seconds(20), by transport: CurlTransport? = nil
    ) async throws -> HTTPError {
        try await #require(throws: HTTPError.self) {
            _ = try await (transport ?? self.transport).send(
                HTTPRequest(method, try HTTPURL(url), body: body), to: sink, within: limit)
        }
    }

    @Test func `a refused port was certainly not reached`() async throws {
        let port = try LoopbackServer.closedPort()
        let error = try await failure("http://127.0.0.1:\(port)/")
        guard case .noConnection = error else {
            Issue.record("\(error)")
            return
        }
        #expect(!error.mayHaveBeenApplied && error.isTransient)
        #expect(error.message.hasPrefix("cannot connect to 127.0.0.1:\(port): "))
    }

    @Test func `an unknown host is named`() async throws {
        let error = try await failure("http://\(impossibleHost)/")
        #expect(error.message == "there is no address for the host \(impossibleHost)")
        #expect(!error.mayHaveBeenApplied)
    }

    @Test func `a connection that closes or resets without an answer may have acted`() async throws
    {
        for resets in [false, true] {
            let server = try LoopbackServer { connection in
                _ = connection.next()
                if resets { connection.reset() }
            }
            let error = try await failure(server.url, "POST", body: .bytes([1, 2, 3]))
            guard case .noAnswer = error else {
                Issue.record("\(error)")
                continue
            }
            #expect(error.mayHaveBeenApplied && error.isTransient)
            #expect(server.requests.count == 1)
        }
    }

    @Test func `a request with a body is not sent twice on a connection that died`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.next()
            connection.send(answer("200 OK"))
            _ = connection.next()
        }
        let request = HTTPRequest("POST", try HTTPURL(server.url), body: .bytes([7]))
        _ = try await transport.send(request, within: .seconds(10))
        let error = try await failure(server.url, "POST", body: .bytes([7]))
        guard case .noAnswer = error else {
            Issue.record("\(error)")
            return
        }
        #expect(server.requests.count == 2)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: \"e\"\r\n\r\n01234",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: \"e\"\r\n\r\n5\r\n01234\r\n",
    ])
    func `a cut body keeps what came, in memory and in a file`(_ text: String) async throws {
        let server = try LoopbackServer { connection in
            _ = connection.next()
            connection.send(text)
        }
        let file = try TemporaryFile([])
        for sink in [HTTPSink.memory, .file(path: file.path, offset: 0)] {
            let error = try await failure(server.url, to: sink)
            guard case .cutOff(_, let response, let received, _) = error else {
                Issue.record("\(error)")
                continue
            }
            #expect(received == 5)
            #expect(response.status == 200 && response.headers["etag"] == "\"e\"")
            #expect(response.body == (sink == .memory ? Array("01234".utf8) : []))
        }
        #expect(try file.read() == "01234")
    }

    @Test func `a deadline ends a slow answer, in time`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.next()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0")
            connection.waitForEnd()
        }
        let clock = ContinuousClock()
        let start = clock.now
        let error = try await failure(server.url, within: .seconds(2))
        #expect(error == .deadline(try HTTPURL(server.url), sent: true))
        #expect(start.duration(to: clock.now) < .seconds(5))
    }

    @Test func `a deadline counts while a transfer waits for its turn`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.next()
            connection.waitForEnd()
        }
        var configuration = CurlConfiguration()
        configuration.maximumTransfers = 1
        let narrow = try CurlTransport(configuration)
        async let first = failure(server.url, within: .seconds(1), by: narrow)
        async let second = failure(server.url, within: .milliseconds(300), by: narrow)
        let errors = try await [first, second]
        #expect(
            errors.allSatisfy { if case .deadline = $0 { true } else { false } }, "\(errors)")
        #expect(server.requests.count <= 2)
    }

    @Test func `a server that falls silent is given up before the deadline`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.next()
            connection.waitForEnd()
        }
        var configuration = CurlConfiguration()
        configuration.stallTimeout = .seconds(1)
        let error = try await failure(
            server.url, within: .seconds(60), by: try CurlTransport(configuration))
        #expect(error.isTransient && error.mayHaveBeenApplied)
    }

    @Test func `cancelling the task ends the transfer at once`() async throws {
        let (seen, arrival) = AsyncStream.makeStream(of: Void.self)
        let server = try LoopbackServer { connection in
            _ = connection.next()
            arrival.yield()
            connection.waitForEnd()
        }
        let url = try HTTPURL(server.url)
        let task = Task {
            try await transport.send(HTTPRequest("GET", url), within: .seconds(60))
        }
        for await _ in seen { break }
        let clock = ContinuousClock()
        let start = clock.now
        task.cancel()
        let error = await #expect(throws: HTTPError.self) { _ = try await task.value }
        #expect(error == .cancelled(url))
        #expect(start.duration(to: clock.now) < .seconds(5))
    }

    @Test func `many transfers cancelled at odd moments all end`() async throws {
        let server = try LoopbackServer(answering: { _ in answer("200 OK", "x") })
        let url = try HTTPURL(server.url)
        let transport = transport
        let ended = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<300 {
                group.addTask {
                    let task = Task {
                        try await transport.send(HTTPRequest("GET", url), within: .seconds(30))
                    }
                    for _ in 0..<(number % 7) { await Task.yield() }
                    if number % 2 == 0 { task.cancel() }
                    switch await task.result {
                    case .success: return true
                    case .failure(let error): return error as? HTTPError == .cancelled(url)
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(ended == 300)
    }

    @Test func `headers without end are refused, one line or many`() async throws {
        for line in ["X: \(String(repeating: "a", count: 1000))\r\n", "a"] {
            let server = try LoopbackServer { connection in
                _ = connection.next()
                connection.send("HTTP/1.1 200 OK\r\n")
                while connection.send(String(repeating: line, count: 100)) {}
            }
            let error = try await failure(server.url)
            guard case .notHTTP = error else {
                Issue.record("\(error)")
                continue
            }
        }
    }

    @Test func `an answer longer than wanted is refused`() async throws {
        let server = try LoopbackServer(answering: { _ in answer("200 OK", "0123456789") })
        #expect(
            try await failure(server.url, to: .bytes(limit: 9))
                == .tooLong(try HTTPURL(server.url), limit: 9))
        let whole = try await transport.send(
            HTTPRequest("GET", try HTTPURL(server.url)), to: .bytes(limit: 10), within: .seconds(9))
        #expect(whole.body.count == 10)
    }

    @Test func `what is not HTTP is called so`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.next()
            connection.send("SSH-2.0-OpenSSH_9.2\r\n")
        }
        guard case .notHTTP = try await failure(server.url) else {
            Issue.record("not recognized")
            return
        }
        // TLS to a server that speaks none.
        let plain = try LoopbackServer { $0.send("HTTP/1.1 400 Bad Request\r\n\r\n") }
        let error = try await failure("https://127.0.0.1:\(plain.port)/")
        #expect(!error.mayHaveBeenApplied)
    }

    @Test func `files that cannot be used are named`() async throws {
        let server = try LoopbackServer(answering: { _ in answer("200 OK", "x") })
        #expect(
            try await failure(
                server.url, "PUT", body: .file(path: "/no/such/file", offset: 0, count: 1))
                == .file(
                    path: "/no/such/file", operation: "read", reason: "No such file or directory"))
        #expect(
            try await failure(server.url, to: .file(path: "/no/such/file", offset: 0))
                == .file(
                    path: "/no/such/file", operation: "write", reason: "No such file or directory"))
        let short = try TemporaryFile([1, 2, 3])
        #expect(
            try await failure(
                server.url, "PUT", body: .file(path: short.path, offset: 0, count: 9))
                == .file(path: short.path, operation: "send", reason: "it is shorter than said"))
    }

    @Test func `a proxy is used only as told, and its refusal is its own`() async throws {
        let proxy = try LoopbackServer(answering: { request in
            request.line.hasPrefix("CONNECT")
                ? answer("403 Forbidden") : answer("200 OK", "proxied")
        })
        var configuration = CurlConfiguration()
        configuration.httpProxy = proxy.url
        configuration.httpsProxy = proxy.url
        configuration.noProxy = "169.254.169.254,\(impossibleHost)"
        let through = try CurlTransport(configuration)
        let response = try await through.send(
            HTTPRequest("GET", try HTTPURL("http://nowhere.invalid/a/../b")), within: .seconds(10))
        #expect(response.body == Array("proxied".utf8))
        #expect(proxy.requests.first?.line == "GET http://nowhere.invalid/a/../b HTTP/1.1")
        let refused = try await failure("https://nowhere.invalid/", by: through)
        guard case .proxy = refused else {
            Issue.record("\(refused)")
            return
        }
        #expect(!refused.mayHaveBeenApplied)
        guard
            case .unknownHost = try await failure(
                "http://\(impossibleHost)/", by: through)
        else {
            Issue.record("the proxy was asked")
            return
        }
    }

    @Test func `no error shows a query or a password`() async throws {
        let port = try LoopbackServer.closedPort()
        let error = try await failure("http://127.0.0.1:\(port)/k?X-Amz-Signature=canary")
        var dumped = "\(error) \(error.message) \(error.hint ?? "")"
        dump(error, to: &dumped)
        #expect(!dumped.contains("canary"), "\(dumped)")
        let bad = #expect(throws: HTTPError.self) {
            _ = try HTTPURL("https://user:canary@host/?canary")
        }
        #expect(bad?.message.contains("canary") == false)
    }
}
