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
        // The derived key that AWS's documentation gives for this secret, day and scope.
        let known = Credential(
            accessKeyID: "A", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
        for _ in 0..<2 {
            let key = try keys.key(for: known, day: "20120215", scope: scope)
            #expect(
                Hex.text(key) == "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d")
        }
        let other = Credential(accessKeyID: "A", secretAccessKey: "another")
        #expect(
            try keys.key(for: other, day: "20120215", scope: scope)
                != keys.key(for: known, day: "20120215", scope: scope))
    }
}
