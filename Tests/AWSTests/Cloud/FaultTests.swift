// What AWS and the way to it are known to do wrong, and what must come of it. Each test sets the
// gate's faults, makes a call, and looks at what the gate saw.

import CurlHTTP
import Foundation
import HTTP
import SigV4
import Testing

@testable import AWS

@Suite(.serialized) struct FaultTests {
    let cloud: Cloud
    let client: AWSClient

    init() throws {
        cloud = try Cloud.running()
        client = try cloud.faultyClient()
    }

    private func describe(
        _ client: AWSClient? = nil, within limit: Duration = .seconds(20)
    ) async throws(CallError) {
        _ = try await (client ?? self.client).send(
            DescribeInstances(maxResults: 5), within: limit)
    }

    @Test(arguments: [
        #""fault": "error", "code": "RequestLimitExceeded", "status": 503"#,
        #""fault": "error", "code": "InternalError", "status": 500"#,
        #""fault": "http", "status": 503, "body": "<html>no</html>""#,
        #""fault": "http", "status": 200, "body": "<html><p>log in</html>""#,
        #""fault": "drop""#, #""fault": "applied-drop""#, #""fault": "truncate", "bytes": 40"#,
    ])
    func `what passes is tried again`(fault: String) async throws {
        try await cloud.inject("[{\"match\": {\"action\": \"DescribeInstances\"}, \(fault)}]")
        try await describe()
        #expect(try await cloud.seen("DescribeInstances").count == 2)
    }

    @Test func `what does not pass is a clear error after three attempts`() async throws {
        let rule =
            #"[{"match": {}, "count": 99, "fault": "error", "code": "RequestLimitExceeded", "status": 503}]"#
        try await cloud.inject(rule)
        let error = await failure { () throws(CallError) in try await describe() }
        #expect(error?.code == "RequestLimitExceeded")
        #expect(error?.attempts == 3)
        #expect(error?.message.contains("after 3 attempts") == true)
        #expect(error?.hint?.contains("fewer calls") == true)
        #expect(try await cloud.seen("DescribeInstances").count == 3)
    }

    @Test(arguments: [
        ("InsufficientInstanceCapacity", 500, "instance types"),
        ("MaxSpotInstanceCountExceeded", 400, "L-34B43A08"),
        ("UnauthorizedOperation", 403, "ec2:RunInstances"),
        ("ExpiredToken", 400, "log in again"),
    ])
    func `an answer is not tried again, and says what to do`(
        code: String, status: Int, hint: String
    ) async throws {
        try await cloud.inject(
            """
            [{"match": {}, "count": 99, "fault": "error", "code": "\(code)", "status": \(status),
              "message": "You are not authorized to perform: ec2:RunInstances on x"}]
            """)
        let error = await failure { () throws(CallError) in
            try await client.send(RunInstances(imageID: "ami-1"))
        }
        #expect(error?.code == code)
        #expect(error?.hint?.contains(hint) == true, "\(error?.hint ?? "")")
        #expect(try await cloud.seen("RunInstances").count == 1)
    }

    @Test func `a create whose answer was lost is repeated with the same token`() async throws {
        try await cloud.inject(
            #"[{"match": {"action": "CreateLaunchTemplate"}, "count": 2, "fault": "applied-drop"}]"#
        )
        let name = "lost-\(UUID().uuidString)"
        let made = try await client.send(
            CreateLaunchTemplate(
                name: name, data: LaunchTemplateData(imageID: "ami-0a1a2023c0ffee086")))
        #expect(made.name == name)
        let tokens = try await cloud.seen("CreateLaunchTemplate").map { seen in
            seen.body.split(separator: "&").first { $0.hasPrefix("ClientToken=") }
        }
        #expect(tokens.count == 3)
        #expect(Set(tokens).count == 1)
        #expect(tokens.first != nil)
    }

    @Test(arguments: [1200, -1200])
    func `a wrong clock is corrected by the server's`(offset: Int) async throws {
        try await cloud.inject("[]")
        let clock: @Sendable () -> Date = { Date().addingTimeInterval(Double(offset)) }
        let wrong = try cloud.faultyClient(clock: clock)
        try await describe(wrong)
        #expect(try await cloud.seen("DescribeInstances").count == 2)
        // The client remembers it.
        _ = try await wrong.send(DescribeInstances(maxResults: 6))
        #expect(try await cloud.seen("DescribeInstances").count == 3)
        for call in ["sts", "logs", "s3"] {
            try await cloud.inject("[]")
            let fresh = try cloud.faultyClient(clock: clock)
            switch call {
            case "sts": _ = try await fresh.send(GetCallerIdentity())
            case "logs": _ = try await fresh.send(DescribeLogGroups())
            default: _ = try await fresh.send(ListBuckets())
            }
        }
    }

    @Test func `an error under the status 200 is an error`() async throws {
        try await cloud.inject("[]")
        let bucket = "faults-\(UUID().uuidString.lowercased().prefix(8))"
        _ = try await client.send(CreateBucket(bucket, region: nil))
        let files = try TemporaryFiles()
        var upload = Upload(
            path: try files.random("f", count: 6 << 20), bucket: bucket, key: "a b+c")
        upload.partSize = 5 << 20
        try await cloud.inject(
            #"[{"match": {"action": "CompleteMultipartUpload"}, "fault": "body200", "code": "InternalError"}]"#
        )
        _ = try await client.upload(upload)
        #expect(try await cloud.seen("CompleteMultipartUpload").count == 2)
        try await cloud.inject(
            #"[{"match": {"action": "CompleteMultipartUpload"}, "fault": "body200", "code": "EntityTooSmall"}]"#
        )
        let refused = upload
        let error = await failure { () throws(CallError) in try await client.upload(refused) }
        #expect(error?.code == "EntityTooSmall")
        // What was begun and failed is given up; here it was applied, so there is nothing left.
        #expect(try await cloud.seen("AbortMultipartUpload").count == 1)
    }

    @Test func `a download that breaks off goes on where it stopped`() async throws {
        try await cloud.inject("[]")
        let bucket = "faults-\(UUID().uuidString.lowercased().prefix(8))"
        _ = try await client.send(CreateBucket(bucket, region: nil))
        let files = try TemporaryFiles()
        let path = try files.random("f", count: 2 << 20)
        _ = try await client.upload(Upload(path: path, bucket: bucket, key: "k"))
        try await cloud.inject(
            #"[{"match": {"action": "GetObject"}, "count": 5, "fault": "truncate", "bytes": 300000}]"#
        )
        let copy = files.path("copy")
        _ = try await client.download(bucket, "k", to: copy)
        #expect(try files.areEqual(path, copy))
        #expect(
            try await cloud.seen("GetObject").map(\.status) == [200]
                + [Int](repeating: 206, count: 5))
    }

    @Test func `an outage ends at the deadline with a clear error`() async throws {
        try await cloud.inject(
            #"[{"match": {}, "count": 9999, "fault": "latency", "seconds": 3}]"#)
        let error = await failure { () throws(CallError) in
            try await describe(within: .seconds(1))
        }
        #expect(error?.stop != nil || error?.message.contains("deadline") == true)
        try await cloud.inject("[]")
    }

    @Test func `a server that is not there is a clear error`() async throws {
        let gone = try Cloud.client(
            port: 1, Credential(accessKeyID: "AKIA", secretAccessKey: "canary"))
        let error = await failure { () throws(CallError) in try await describe(gone) }
        #expect(error?.attempts == 3)
        #expect(error?.message.contains("cannot connect to 127.0.0.1:1") == true)
        #expect(error?.mayHaveBeenApplied == false)
    }

    @Test func `a wrong secret is refused by every protocol, without being told`() async throws {
        try await cloud.inject("[]")
        let wrong = try cloud.client(secret: "wrong-secret-canary")
        let errors = [
            await failure { () throws(CallError) in try await describe(wrong) },
            await failure { () throws(CallError) in try await wrong.send(GetCallerIdentity()) },
            await failure { () throws(CallError) in try await wrong.send(DescribeLogGroups()) },
            await failure { () throws(CallError) in try await wrong.send(ListBuckets()) },
            await failure { () throws(CallError) in
                try await wrong.send(GetSchedule(name: "x"))
            },
        ]
        #expect(
            errors.map { $0?.code } == [
                "AuthFailure", "SignatureDoesNotMatch", "InvalidSignatureException",
                "SignatureDoesNotMatch", "SignatureDoesNotMatch",
            ])
        for error in errors {
            #expect(error?.hint?.contains("secret key") == true)
            var dumped = ""
            dump(error, to: &dumped)
            #expect(dumped.contains("canary") == false)
            #expect("\(String(reflecting: error))".contains("canary") == false)
        }
    }
}
