// Mutated header lines into the receiver: whatever a server sends, there is an answer or an error.

import FoundationEssentials
import HTTP
import Testing

@testable import CurlHTTP

@Suite struct HeaderFuzzTests {
    @Test func `mutated headers never crash, and never pass their limit`() throws {
        let isCampaign = ProcessInfo.processInfo.environment["LOADFLEET_CAMPAIGN"] == "1"
        let seeds = [
            "HTTP/1.1 200 OK\r\n", "HTTP/1.1 206 Partial Content\r\n", "HTTP/2 503\r\n",
            "ETag: \"33a64df551425fcc55e4d42a148795d9f25f89d4\"\r\n", "Date: Sun, 30 Aug 2015\r\n",
            "x-amz-retry-after: 1500\r\n", "Content-Range: bytes 0-9/10\r\n", ":\r\n", "\r\n",
        ].map { Array($0.utf8) }
        let url = try HTTPURL("http://h/")
        var random = SystemRandomNumberGenerator()
        for _ in 0..<(isCampaign ? 1_000_000 : 20_000) {
            var receiver = ResponseReceiver(of: url, to: .memory)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                var line = seeds.randomElement(using: &random) ?? []
                Self.mutate(&line, using: &random)
                try line.withUnsafeBytes { try receiver.takeHeader($0) }
            }
            let response = receiver.response
            #expect(0...999 ~= response.status)
            #expect(response.headers["ETag"]?.contains("\r") != true)
        }
    }

    private static func mutate(
        _ line: inout [UInt8], using random: inout SystemRandomNumberGenerator
    ) {
        for _ in 0..<Int.random(in: 0...4, using: &random) where !line.isEmpty {
            let place = Int.random(in: 0..<line.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: line[place] = UInt8.random(in: 0...255, using: &random)
            case 1: line.remove(at: place)
            case 2: line.insert(contentsOf: line[place...], at: place)
            default: line.removeSubrange(place...)
            }
        }
    }
}
