// A download that breaks off again and again, continued by Range and If-Match until it is whole.

import FoundationEssentials
import Glibc
import HTTP
import LoadfleetTesting
import Testing

@testable import CurlHTTP

@Suite struct ResumeTests {
    @Test func `a download that breaks off goes on where it stopped`() async throws {
        let content = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
        let server = try LoopbackServer { connection in
            guard let request = connection.next() else { return }
            let start =
                request.header("Range").flatMap { Int($0.dropFirst("bytes=".count).dropLast()) }
                ?? 0
            let status = start > 0 ? "206 Partial Content" : "200 OK"
            connection.send(
                "HTTP/1.1 \(status)\r\nETag: \"v1\"\r\nContent-Length: \(content.count - start)\r\n\r\n"
            )
            // Less each time than what is left, until little is.
            let piece = Array(content[start..<min(content.count, start + 700_001)])
            connection.send(piece)
        }
        let file = try TemporaryFile([])
        let transport = try CurlTransport()
        var request = HTTPRequest("GET", try HTTPURL(server.url + "/key"))
        var offset: Int64 = 0
        var breaks = 0
        while breaks < 100 {
            do throws(HTTPError) {
                _ = try await transport.send(
                    request, to: .file(path: file.path, offset: offset), within: .seconds(20))
                break
            } catch {
                guard case .cutOff(_, let response, let received, _) = error else { throw error }
                breaks += 1
                offset += received
                request.headers["Range"] = "bytes=\(offset)-"
                request.headers["If-Match"] = response.headers["ETag"]
            }
        }
        #expect(breaks == 4)
        #expect(try Data(contentsOf: URL(filePath: file.path)) == Data(content))
        #expect(server.requests.dropFirst().allSatisfy { $0.header("If-Match") == "\"v1\"" })
    }
}
