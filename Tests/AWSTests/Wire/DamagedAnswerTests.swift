// Answers that were damaged on the way: none may crash, whatever becomes of it.

import Foundation
import HTTP
import Testing

@testable import AWS

@Suite struct DamagedAnswerTests {
    static let count = Campaign.isOn ? 1_000_000 : 20_000

    @Test func `no damaged answer and no damaged header crashes`() throws {
        var random = RepeatableRandom(state: 42)
        var readable = 0
        for _ in 0..<Self.count {
            let (reader, seed) = Self.seeds[Int(random.next() % UInt64(Self.seeds.count))]
            let bytes = Self.damaged(Array(seed.utf8), by: &random)
            if reader(bytes) { readable += 1 }
        }
        // Some damage does not hurt, and most does: otherwise the test would test nothing.
        #expect(readable > Self.count / 100)
        #expect(readable < Self.count * 95 / 100)
    }

    private typealias Reader = @Sendable ([UInt8]) -> Bool

    private static func reads<Read: Call>(_ type: Read.Type) -> Reader {
        { bytes in
            let text = String(decoding: bytes.prefix(40), as: UTF8.self)
            let response = HTTPResponse(
                status: 200, headers: ["ETag": text, "Date": text, "Content-Length": text],
                body: bytes)
            _ = ServiceFault(response, dialect: Read.api.dialect).message
            return (try? Read.answer(response)) != nil
        }
    }

    private static let seeds: [(Reader, String)] = [
        (
            reads(DescribeInstances.self),
            """
            <DescribeInstancesResponse xmlns="http://ec2/"><requestId>r</requestId><reservationSet>\
            <item><instancesSet><item><instanceId>i-1</instanceId><instanceType>t</instanceType>\
            <instanceState><code>16</code><name>running</name></instanceState>\
            <launchTime>2026-11-21T04:00:00.000Z</launchTime><tagSet><item><key>a</key>\
            <value>b &amp; c</value></item></tagSet></item></instancesSet></item></reservationSet>\
            </DescribeInstancesResponse>
            """
        ),
        (
            reads(ListObjectsV2.self),
            """
            <ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>\
            <Contents><Key>a%20b+c</Key><Size>5</Size><LastModified>2026-11-21T04:00:00Z\
            </LastModified></Contents></ListBucketResult>
            """
        ),
        (
            reads(GetLogEvents.self),
            #"{"events":[{"timestamp":1,"message":"a\u00e9\ud83d\ude00\n","ingestionTime":2}],"nextForwardToken":"f/1"}"#
        ),
        (
            reads(AssumeRole.self),
            """
            <AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId>\
            <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>\
            2026-11-21T04:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>
            """
        ),
        (reads(HeadObject.self), "Sat, 21 Nov 2026 04:30:00 GMT"),
    ]

    static func damaged(_ bytes: [UInt8], by random: inout RepeatableRandom) -> [UInt8] {
        var bytes = bytes
        for _ in 0...(random.next() % 3) where !bytes.isEmpty {
            let place = Int(random.next() % UInt64(bytes.count))
            switch random.next() % 5 {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
            case 1: bytes.remove(at: place)
            case 2: bytes.removeSubrange(place...)
            case 3: bytes.insert(contentsOf: bytes[place...].prefix(30), at: place)
            default: bytes[place] ^= 1 << UInt8(random.next() % 8)
            }
        }
        return bytes
    }

    @Test func `deep nesting is refused, not followed`() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: AnswerFault.self) { try JSONValue.read(Array(deep.utf8)) }
        let xml = String(repeating: "<a>", count: 100_000)
        #expect(throws: AnswerFault.self) { try XMLNode.read(Array(xml.utf8)) }
        let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbb\">]><a>&b;&b;</a>"
        #expect(throws: AnswerFault.self) { try XMLNode.read(Array(bomb.utf8)) }
    }
}

/// Random numbers that are the same in every run.
struct RepeatableRandom {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
