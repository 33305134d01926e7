// Downloads from a server that answers as it likes: a file is there when it is whole and right, and
// nothing is there otherwise.

import CurlHTTP
import Foundation
import HTTP
import LoadfleetTesting
import SigV4
import Synchronization
import Testing

@testable import AWS

@Suite struct DownloadTests {
    private static let content = (0..<200_000).map {
        UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13)
    }
    private let files: TemporaryFiles

    init() throws { files = try TemporaryFiles() }

    @Test func `what breaks off again and again is whole in the end`() async throws {
        let server = try serve { part, _ in part.cut(after: 50_000) }
        let head = try await download(server)
        #expect(try read() == Self.content)
        #expect(head.eTag == "\"v1\"")
        #expect(server.requests.count == 4)
        #expect(server.requests.dropFirst().allSatisfy { $0.header("If-Match") == "\"v1\"" })
    }

    @Test func `a server that knows no ranges sends the whole, and it is taken`() async throws {
        let server = try serve { part, number in
            number == 1 ? part.cut(after: 70_000) : Part(content: Self.content)
        }
        _ = try await download(server)
        #expect(try read() == Self.content)
        #expect(server.requests.count == 2)
    }

    @Test(arguments: ["bytes 0-199999/200000", "bytes 69999-199999/200000", "", "rubbish"])
    func `a part that was not asked for is not joined`(range: String) async throws {
        let server = try serve { part, number in
            switch number {
            case 1: part.cut(after: 70_000)
            case 2: part.with(range: range)
            default: part
            }
        }
        _ = try await download(server)
        #expect(try read() == Self.content)
        #expect(server.requests.map { $0.header("Range") } == [nil, "bytes=70000-", nil])
    }

    @Test func `an object that changes meanwhile is fetched anew`() async throws {
        let other = Array(Self.content.reversed())
        let server = try serve { part, number in
            switch number {
            case 1: part.cut(after: 70_000)
            case 2: Part(status: "412 Precondition Failed", content: [], eTag: "")
            default: Part(content: other, eTag: "\"v2\"")
            }
        }
        let head = try await download(server)
        #expect(try read() == other)
        #expect(head.eTag == "\"v2\"")
    }

    @Test func `an object that never stays the same is a clear error, and no file`() async throws {
        let server = try serve { part, number in
            number % 2 == 1
                ? part.cut(after: 70_000)
                : Part(status: "412 Precondition Failed", content: [], eTag: "")
        }
        let error = await failure { () throws(CallError) in
            try await download(server, within: .seconds(3))
        }
        #expect(error != nil && error?.stop != .answer)
        #expect(error?.hint != nil)
        #expect(files.names() == [])
    }

    @Test func `what breaks off without a way on ends with an error, and no file`() async throws {
        let server = try serve { part, _ in part.cut(after: 70_000).with(eTag: "") }
        let error = await failure { () throws(CallError) in try await download(server) }
        #expect(error?.stop == .attempts(3))
        #expect(error?.message.contains("broke off after 70000 bytes") == true)
        #expect(files.names() == [])
    }

    @Test func `a cancelled download leaves no file and an older one as it was`() async throws {
        try Data("older".utf8).write(to: URL(filePath: files.path("copy")))
        let (seen, arrival) = AsyncStream.makeStream(of: Void.self)
        let server = try LoopbackServer { connection in
            _ = connection.next()
            connection.send(
                "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 200000\r\n\r\n0123456789")
            arrival.yield()
            connection.waitForEnd()
        }
        let (client, path) = (try Self.client(server), files.path("copy"))
        let task = Task { try await client.download("b", "k", to: path) }
        for await _ in seen { break }
        task.cancel()
        let error = await #expect(throws: CallError.self) { _ = try await task.value }
        #expect(error?.message.contains("was cancelled") == true)
        #expect(files.names() == ["copy"])
        #expect(try read() == Array("older".utf8))
    }

    // MARK: - Helpers

    /// An answer, or what comes of one.
    struct Part {
        var status = "200 OK"
        var content: [UInt8]
        var eTag = "\"v1\""
        var range: String?
        var sent = Int.max

        func cut(after count: Int) -> Part {
            var part = self
            part.sent = count
            return part
        }

        func with(range: String) -> Part {
            var part = self
            part.range = range
            return part
        }

        func with(eTag: String) -> Part {
            var part = self
            part.eTag = eTag
            return part
        }

        func send(on connection: Connection) {
            var head = "HTTP/1.1 \(status)\r\nContent-Length: \(content.count)\r\n"
            if !eTag.isEmpty { head += "ETag: \(eTag)\r\n" }
            if let range, !range.isEmpty { head += "Content-Range: \(range)\r\n" }
            connection.send(head + "\r\n")
            connection.send(Array(content.prefix(sent)))
        }
    }

    /// A server of one object that closes after each answer; `change` is given the right one.
    private func serve(
        _ change: @escaping @Sendable (Part, Int) -> Part
    ) throws -> LoopbackServer {
        let count = Counter()
        return try LoopbackServer { connection in
            guard let request = connection.next() else { return }
            let from = request.header("Range").flatMap { Int($0.dropFirst(6).dropLast()) }
            var part = Part(content: Array(Self.content[(from ?? 0)...]))
            if let from {
                part.status = "206 Partial Content"
                part.range = "bytes \(from)-199999/200000"
            }
            change(part, count.next()).send(on: connection)
        }
    }

    private static func client(_ server: LoopbackServer) throws -> AWSClient {
        try Cloud.client(port: server.port, Credential(accessKeyID: "A", secretAccessKey: "s"))
    }

    private func download(
        _ server: LoopbackServer, within limit: Duration = .seconds(30)
    ) async throws(CallError) -> ObjectHead {
        guard let client = try? Self.client(server) else { preconditionFailure("no transport") }
        return try await client.download("b", "k", to: files.path("copy"), within: limit)
    }

    private func read() throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: files.path("copy"))))
    }
}

/// Counts from 1.
private final class Counter: Sendable {
    private let number = Mutex(0)

    func next() -> Int {
        number.withLock { number in
            number += 1
            return number
        }
    }
}
