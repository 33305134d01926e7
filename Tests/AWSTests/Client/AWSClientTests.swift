// What the client makes of answers, one by one, without a network.

import Foundation
import HTTP
import SigV4
import Testing

@testable import AWS

@Suite struct AWSClientTests {
    private static let done = "<DescribeVpcsResponse><vpcSet/></DescribeVpcsResponse>"

    private static func ec2Error(_ code: String, _ message: String = "m") -> String {
        "<Response><Errors><Error><Code>\(code)</Code><Message>\(message)</Message></Error></Errors>"
            + "<RequestID>r-1</RequestID></Response>"
    }

    @Test(arguments: [
        ("my-bucket", "https://my-bucket.s3.eu-west-1.amazonaws.com/a%20b/%C3%BC"),
        ("my.bucket", "https://s3.eu-west-1.amazonaws.com/my.bucket/a%20b/%C3%BC"),
        ("Old_Bucket", "https://s3.eu-west-1.amazonaws.com/Old_Bucket/a%20b/%C3%BC"),
    ])
    func `a bucket stands in the host where it can`(bucket: String, url: String) async throws {
        let transport = ScriptedTransport(.answer(200, "x", ["ETag": "\"e\""]))
        _ = try await AWSClient.scripted(transport).send(GetObject(bucket, "a b/ü"))
        #expect(transport.asked.map(\.url.text) == [url])
    }

    @Test func `a session that is over is replaced at once, and only once`() async throws {
        let credentials = RenewedCredential()
        let expired = Result<HTTPResponse, HTTPError>.answer(400, Self.ec2Error("ExpiredToken"))
        let transport = ScriptedTransport(expired, .answer(200, Self.done))
        let waits = Waits()
        let client = AWSClient.scripted(transport, credentials: credentials, waits: waits)
        _ = try await client.send(DescribeVpcs())
        #expect(await credentials.rejected == ["AKIAEXAMPLE000001"])
        #expect(waits.all == [])
        let keys = transport.asked.compactMap { $0.headers["Authorization"]?.prefix(60) }
        #expect(keys.map { $0.contains("00002/") } == [false, true])

        let ended = AWSClient.scripted(ScriptedTransport(expired))
        let error = await failure { () throws(CallError) in try await ended.send(DescribeVpcs()) }
        #expect(error?.code == "ExpiredToken")
        #expect(error?.hint?.contains("log in again") == true)
    }

    @Test func `credentials that do not come end the call with its deadline, or its task`() async {
        let transport = ScriptedTransport()
        let client = AWSClient.scripted(transport, credentials: SilentSource())
        let late = await failure { () throws(CallError) in
            try await client.send(DescribeVpcs(), within: .milliseconds(50))
        }
        #expect(late?.stop == .deadline)
        #expect(late?.message.contains("no credentials came") == true)
        let task = Task {
            await failure { () throws(CallError) in try await client.send(DescribeVpcs()) }
        }
        task.cancel()
        guard case .unreachable(.cancelled) = await task.value?.reason else {
            Issue.record("it was not cancelled")
            return
        }
        #expect(transport.asked.isEmpty)
    }

    @Test func `the server's own wait is kept to`() async throws {
        let transport = ScriptedTransport(
            .answer(503, Self.ec2Error("RequestLimitExceeded"), ["x-amz-retry-after": "4200"]),
            .answer(200, Self.done))
        let waits = Waits()
        _ = try await AWSClient.scripted(transport, waits: waits).send(DescribeVpcs())
        #expect(waits.all == [.milliseconds(4200)])
    }

    @Test func `a bucket of another region says which`() async throws {
        let transport = ScriptedTransport(
            .answer(301, "", ["x-amz-bucket-region": "us-west-2", "x-amz-request-id": "r"]))
        let error = await failure { () throws(CallError) in
            try await AWSClient.scripted(transport).send(HeadBucket("bucket"))
        }
        #expect(error?.hint == "the bucket is in us-west-2: set the region to us-west-2")
        #expect(transport.asked.count == 1)
    }

    @Test func `a refused permission names the action and keeps AWS's code apart`() async throws {
        let message =
            "You are not authorized to perform this operation. User: arn:aws:iam::1:user/a is not "
            + "authorized to perform: ec2:DescribeVpcs because no policy allows it. "
            + "Encoded authorization failure message: abc-DEF_123"
        let transport = ScriptedTransport(
            .answer(403, Self.ec2Error("UnauthorizedOperation", message)))
        let error = await failure { () throws(CallError) in
            try await AWSClient.scripted(transport).send(DescribeVpcs())
        }
        #expect(error?.hint?.contains("allow the action ec2:DescribeVpcs") == true)
        #expect(error?.fault?.encodedMessage == "abc-DEF_123")
        #expect(error?.message.contains("abc-DEF") == false)
        #expect(error?.message.contains("(request r-1)") == true)
        #expect(error?.message.contains("in eu-west-1") == true)
    }

    @Test func `no secret that AWS repeats comes through`() async throws {
        let message = """
            The request signature we calculated does not match. secret-canary token-canary/+=
            The Canonical String for this request should have been
            'POST\n/\nx-amz-security-token:token-canary/+='
            """
        let transport = ScriptedTransport(
            .answer(
                403,
                "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>\(message)"
                    + "</Message></Error></ErrorResponse>"))
        let error = await failure { () throws(CallError) in
            try await AWSClient.scripted(transport).send(GetCallerIdentity())
        }
        var text = "\(String(describing: error)) \(String(reflecting: error))"
        dump(error, to: &text)
        #expect(text.contains("SignatureDoesNotMatch"))
        #expect(text.contains("canary") == false)
        // The same goes for what a request looks like on its way.
        for request in transport.asked {
            dump(request, to: &text)
            #expect(text.contains("canary") == false)
        }
    }

    @Test func `a proxy's page is told from an answer of AWS's`() async throws {
        let page = "<html><body>Please log in</body></html>"
        for status in [200, 403, 407, 503] {
            let transport = ScriptedTransport(.answer(status, page))
            let error = await failure { () throws(CallError) in
                try await AWSClient.scripted(transport).send(DescribeVpcs())
            }
            #expect(error?.hint?.contains("HTTPS_PROXY") == true, "\(status)")
        }
    }

    @Test func `retries end when too much has failed`() async throws {
        let transport = ScriptedTransport(.answer(500, Self.ec2Error("InternalError")))
        let client = AWSClient.scripted(transport)
        var calls = 0
        var last: CallError?
        while last?.stop != .bucket, calls < 100 {
            last = await failure { () throws(CallError) in try await client.send(DescribeVpcs()) }
            calls += 1
        }
        #expect(last?.stop == .bucket)
        #expect(last?.message.contains("too much has failed lately") == true)
        // 500 tokens, 14 a retry: 35 retries, then none.
        #expect(transport.asked.count - calls == 35)
    }

    @Test func `an outage of ten minutes costs a call three attempts, not ten minutes`()
        async throws
    {
        let url = try HTTPURL("https://ec2.eu-west-1.amazonaws.com")
        let transport = ScriptedTransport(.failure(.noConnection(url, reason: "refused")))
        let waits = Waits()
        let client = AWSClient.scripted(transport, waits: waits)
        let error = await failure { () throws(CallError) in try await client.send(DescribeVpcs()) }
        #expect(error?.stop == .attempts(3))
        #expect(error?.mayHaveBeenApplied == false)
        #expect(waits.all.count == 2)
        #expect(waits.all[0] <= .milliseconds(50))
        #expect(waits.all[1] <= .milliseconds(100))
    }

    @Test func `pages end when the token stays the same`() async throws {
        let page = #"{"events": [], "nextForwardToken": "f/1"}"#
        let transport = ScriptedTransport(.answer(200, page))
        let pages = try await AWSClient.scripted(transport).pages(
            of: GetLogEvents(group: "g", stream: "s"))
        #expect(pages.count == 2)
    }
}

/// A source that never answers, whatever becomes of who asks.
private struct SilentSource: CredentialProvider {
    func credential() async throws(AccessError) -> Credential {
        let silence = AsyncStream.makeStream(of: Credential.self)
        await Task { for await _ in silence.stream {} }.value
        withExtendedLifetime(silence.continuation) {}
        throw AccessError(.sourceFailed, "silent")
    }

    func reject(keyID: String) async {}
}
