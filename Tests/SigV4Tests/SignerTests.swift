import FoundationEssentials
import Glibc
import HTTP
import Testing

@testable import SigV4

@Suite struct SignerTests {
    private let credential = Credential(
        accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        sessionToken: "token-canary-9f2")
    private let time = SigningTime(secondsSince1970: 1_440_938_160)
    private let s3 = Signer(SigningScope(region: "eu-west-1", service: "s3"))

    @Test func `signing again replaces the earlier signature`() throws {
        let request = HTTPRequest("GET", try HTTPURL("https://b.s3.amazonaws.com/a%20b/../c?x"))
        let once = try s3.sign(request, with: credential, at: time)
        let later = SigningTime(secondsSince1970: time.secondsSince1970 + 7)
        #expect(
            try s3.sign(once, with: credential, at: later)
                == s3.sign(request, with: credential, at: later))
        #expect(once.headers.values(of: "x-amz-date") == ["20150830T123600Z"])
    }

    @Test func `a body in a file signs as the same bytes do`() throws {
        let path = "/tmp/loadfleet-sign-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        let bytes = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try Data(bytes).write(to: URL(filePath: path))
        defer { unlink(path) }
        var request = HTTPRequest("PUT", try HTTPURL("https://b.s3.amazonaws.com/k"))
        request.body = .bytes(Array(bytes[100..<600_100]))
        let one = try s3.sign(request, with: credential, at: time)
        request.body = .file(path: path, offset: 100, count: 600_000)
        let other = try s3.sign(request, with: credential, at: time)
        #expect(one.headers == other.headers)
        request.body = .file(path: path, offset: 200_000, count: 600_000)
        #expect(throws: SigningError.file(path: path, reason: "it is shorter than said")) {
            try s3.sign(request, with: credential, at: time)
        }
    }

    @Test func `a header of two lines is not signed`() throws {
        let request = HTTPRequest(
            "GET", try HTTPURL("https://h/"), headers: ["x-amz-meta-a": "1\r\nx-amz-acl: public"])
        #expect(throws: SigningError.self) { try s3.sign(request, with: credential, at: time) }
    }

    @Test(arguments: [0, -1, 604_801])
    func `a presigned URL lives a second to a week`(_ seconds: Int) throws {
        let request = HTTPRequest("GET", try HTTPURL("https://h/"))
        #expect(throws: SigningError.self) {
            try s3.presign(request, with: credential, at: time, validFor: seconds)
        }
    }

    @Test func `no description shows a secret`() throws {
        let signed = try s3.sign(
            HTTPRequest("GET", try HTTPURL("https://h/k?X-Amz-Signature=canary")),
            with: credential, at: time)
        var dumped = ""
        dump(credential, to: &dumped)
        dump(signed, to: &dumped)
        dump(signed.headers, to: &dumped)
        dump(signed.url, to: &dumped)
        dumped += "\(credential) \(signed) \(signed.headers) \(signed.url)"
        dumped += String(reflecting: credential) + String(reflecting: signed)
        for secret in ["wJalr", "canary", "Signature="] {
            #expect(!dumped.contains(secret), "\(secret)")
        }
    }

    @Test func `a moment is written and read the same, in all centuries`() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let seconds = Int64.random(in: -62_135_596_800...253_402_300_799, using: &random)
            let time = SigningTime(secondsSince1970: seconds)
            #expect(SigningTime(stamp: time.stamp) == time)
        }
        #expect(SigningTime(secondsSince1970: 951_825_599).stamp == "20000229T115959Z")
        #expect(SigningTime(stamp: "20151330T123600Z") == nil)
    }

    @Test func `keys are derived once for a day, and apart for each secret`() throws {
        let keys = SigningKeys()
        let scope = SigningScope(region: "us-east-1", service: "iam")
        let day = try #require(SigningTime(stamp: "20120215T120000Z"))
        // The derived key that AWS's documentation gives for this secret, day and scope.
        let derived: [UInt8] = [
            0xf4, 0x78, 0x0e, 0x2d, 0x9f, 0x65, 0xfa, 0x89, 0x5f, 0x9c, 0x67, 0xb3, 0x2c, 0xe1,
            0xba, 0xf0, 0xb0, 0xd8, 0xa4, 0x35, 0x05, 0xa0, 0x00, 0xa1, 0xa9, 0xe0, 0x90, 0xd4,
            0x14, 0xdb, 0x40, 0x4d,
        ]
        let known = Credential(
            accessKeyID: "A", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
        var hash = try SHA256()
        let expected = try AuthenticationKey(derived, with: &hash)
        for _ in 0..<2 {
            #expect(try keys.entry(for: known, at: day, scope: scope).key == expected)
        }
        let other = Credential(accessKeyID: "A", secretAccessKey: "another")
        #expect(try keys.entry(for: other, at: day, scope: scope).key != expected)
        for days in 1...40 {
            let later = SigningTime(secondsSince1970: day.secondsSince1970 + Int64(days) * 86_400)
            let key = try keys.entry(for: known, at: later, scope: scope).key
            #expect(key != expected)
        }
        #expect(try keys.entry(for: known, at: day, scope: scope).key == expected)
    }
}
