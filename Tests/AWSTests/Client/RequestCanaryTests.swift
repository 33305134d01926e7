// Secrets with a word in them that no text may have: whatever a request, an answer or an error goes
// through, nothing that prints, reflects or dumps it may show that word.

import CurlHTTP
import Foundation
import HTTP
import SigV4
import Testing

@testable import AWS

@Suite struct RequestCanaryTests {
    private static let credential = Credential(
        accessKeyID: "AKIAEXAMPLE", secretAccessKey: "secret-canary/+=",
        sessionToken: "token-canary/+=")
    private static let time = SigningTime(secondsSince1970: 1_795_233_600)
    private static let signer = Signer(SigningScope(region: "eu-west-1", service: "s3"))

    private static func signed() throws -> HTTPRequest {
        let url = try HTTPURL("https://b.s3.eu-west-1.amazonaws.com/k?password=canary")
        return try signer.sign(
            HTTPRequest(
                "PUT", url,
                headers: ["Proxy-Authorization": "Basic canary", "X-Unheard-Of": "canary"],
                body: .bytes(Array("canary".utf8))),
            with: credential, at: time)
    }

    /// The signature's digits are the secret of a presigned URL.
    private static func presigned() throws -> HTTPURL {
        var url = try signer.presign(
            HTTPRequest("GET", try HTTPURL("https://b.s3.eu-west-1.amazonaws.com/k")),
            with: credential, at: time, validFor: 60)
        url.query = url.query?.replacing("X-Amz-Signature=", with: "X-Amz-Signature=canary")
        return url
    }

    @Test func `requests, answers and what is inside them`() throws {
        let request = try Self.signed()
        #expect(request.headers["X-Amz-Security-Token"]?.contains("canary") == true)
        Self.expectNoSecret(request, request.headers, request.url, request.body)
        for field in request.headers.fields where field.value.contains("canary") {
            Self.expectNoSecret(field)
        }
        let authorization = try #require(request.headers["Authorization"])
        let signature = authorization.suffix(64)
        Self.expectNoSecret(request, request.headers, word: String(signature))
        Self.expectNoSecret(try Self.presigned())
        Self.expectNoSecret(
            HTTPResponse(
                status: 200, headers: ["Set-Cookie": "canary"], body: Array("canary".utf8)))
        Self.expectNoSecret(
            AssumeRole(roleARN: "r", sessionName: "s", tokenCode: "canary").request)
    }

    @Test func `every error there is`() throws {
        let url = try Self.presigned()
        let answer = HTTPResponse(
            status: 200, headers: ["Set-Cookie": "canary"], body: Array("canary".utf8))
        let errors: [HTTPError] = [
            .invalidURL("https://ann:canary@host/?canary", reason: "r"),
            .invalidRequest(url, reason: "r"), .unknownHost(url, reason: "r"),
            .noConnection(url, reason: "r"), .proxy(url, reason: "r"),
            .insecure(url, reason: "r"), .deadline(url, sent: true), .noAnswer(url, reason: "r"),
            .cutOff(url, response: answer, received: 1, reason: "r"), .tooLong(url, limit: 1),
            .notHTTP(url, reason: "r"), .file(path: "p", operation: "o", reason: "r"),
            .cancelled(url), .library("r"),
        ]
        for error in errors {
            Self.expectNoSecret(error, error.message, error.hint as Any)
            let outer = CallError(
                reason: .unreachable(error), operation: "GetObject", service: .s3, region: "r",
                stop: nil, attempts: 1, mayHaveBeenApplied: false)
            Self.expectNoSecret(outer, outer.message, outer.hint as Any)
        }
    }

    @Test func `whoever holds a secret`() async throws {
        let keys = SigningKeys()
        let signer = Signer(SigningScope(region: "eu-west-1", service: "s3"), keys: keys)
        _ = try signer.sign(try Self.signed(), with: Self.credential, at: Self.time)
        let provider = FixedCredential(value: Self.credential)
        let client = AWSClient.scripted(ScriptedTransport(.answer(200)), credentials: provider)
        let call = GetObject("b", "k")
        var course = try client.course(of: GetObject.self, call.request, within: .seconds(1))
        course.request = try Self.signed()
        var way = CurlConfiguration()
        way.httpsProxy = "http://ann:canary@proxy"
        Self.expectNoSecret(Self.credential, keys, signer, provider, client, course, way)
    }

    @Test func `an error of AWS's that repeats what was sent`() async throws {
        for status in [200, 400, 403, 500] {
            for api in [GetCallerIdentity.api, DescribeVpcs.api, PutObject.api, GetSchedule.api] {
                let text = ErrorText.body(
                    "SignatureDoesNotMatch",
                    "you sent \(Self.credential.sessionToken ?? "") and secret-canary/+=", api)
                let transport = ScriptedTransport(.answer(status, text))
                let client = AWSClient.scripted(
                    transport, credentials: FixedCredential(value: Self.credential))
                let error = await failure { () throws(CallError) in
                    switch api.service {
                    case .sts: _ = try await client.send(GetCallerIdentity())
                    case .ec2: _ = try await client.send(DescribeVpcs())
                    case .s3: _ = try await client.send(PutObject("b", "k", body: .none))
                    default: _ = try await client.send(GetSchedule(name: "n"))
                    }
                }
                #expect(error?.code == "SignatureDoesNotMatch", "\(status) \(api.service.id)")
                Self.expectNoSecret(error as Any, error?.message ?? "")
            }
        }
    }

    @Test func `libcurl is never told to talk`() throws {
        let folder = Tools.root.appending(path: "Sources")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        var read = 0
        while let file = files?.nextObject() as? URL {
            guard ["swift", "h", "c"].contains(file.pathExtension) else { continue }
            let text = try String(contentsOf: file, encoding: .utf8)
            for word in ["CURLOPT_VERBOSE", "CURLOPT_DEBUGFUNCTION", "CURLOPT_STDERR"] {
                #expect(!text.contains(word), "\(file.lastPathComponent)")
            }
            read += 1
        }
        #expect(read > 100)
    }

    private static func expectNoSecret(_ values: Any..., word: String = "canary") {
        for value in values {
            var text = "\(value) \(String(describing: value)) \(String(reflecting: value))"
            dump(value, to: &text)
            #expect(!text.contains(word), "\(text)")
        }
    }
}
