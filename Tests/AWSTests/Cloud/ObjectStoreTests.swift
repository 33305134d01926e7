// S3's calls against a server that checks every signature and every body.

import Foundation
import HTTP
import Testing

@testable import AWS

@Suite(.serialized) struct ObjectStoreTests {
    let client: AWSClient
    let cloud: Cloud

    init() throws {
        cloud = try Cloud.running()
        client = try cloud.s3Client()
    }

    static let oddKeys = [
        "plain", "with space", "a+b", "a%25b", "a%2Fb", "ünï/😀", "a//b", "./a/../b", "?q=1&r",
        "#hash", "semi;colon,comma", "\"quoted\"'<&>", "trailing/", "tilde~star*(1)!", "=@:$",
    ]

    private func bucket(_ name: String) async throws -> String {
        let bucket = "\(name)-\(UUID().uuidString.lowercased().prefix(8))"
        _ = try await client.send(CreateBucket(bucket, region: "us-east-1"))
        return bucket
    }

    @Test func `objects of any key come back as they went`() async throws {
        let bucket = try await bucket("odd")
        for key in Self.oddKeys {
            let bytes = Array("content of \(key)".utf8)
            let put = try await client.send(
                PutObject(
                    bucket, key, body: .bytes(bytes), contentType: "text/plain",
                    metadata: ["origin": "test"]))
            let got = try await client.send(GetObject(bucket, key))
            #expect(got.body == bytes, "\(key)")
            #expect(got.head.eTag == put.eTag)
            let head = try await client.send(HeadObject(bucket, key))
            #expect(head.contentLength == Int64(bytes.count))
            #expect(head.contentType == "text/plain")
            #expect(head.metadata["origin"] == "test")
            let part = try await client.send(
                GetObject(bucket, key, range: .init(first: 3, last: 6)))
            #expect(part.body == Array(bytes[3...6]))
        }
        let pages = try await client.pages(of: ListObjectsV2(bucket, maxKeys: 4))
        #expect(pages.count == 4)
        let listed = pages.flatMap(\.objects).map(\.key)
        #expect(listed == Self.oddKeys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        let stems = try await client.send(ListObjectsV2(bucket, prefix: "ünï", delimiter: "/"))
        #expect(stems.commonPrefixes == ["ünï/"])
        #expect(stems.objects.isEmpty)
        try await empty(bucket, keys: Self.oddKeys)
    }

    private func empty(_ bucket: String, keys: [String]) async throws {
        _ = try await client.send(DeleteObject(bucket, keys[0]))
        #expect(try await client.send(DeleteObjects(bucket, keys: keys)) == [])
        #expect(try await client.send(ListObjectsV2(bucket)).objects == [])
        let names = try await client.send(ListBuckets()).buckets.map(\.name)
        #expect(names.contains(bucket))
        _ = try await client.send(HeadBucket(bucket))
        _ = try await client.send(DeleteBucket(bucket))
        let gone = await failure { () throws(CallError) in
            try await client.send(HeadBucket(bucket))
        }
        #expect(gone?.fault?.status == 404)
    }

    @Test func `a large file goes up in parts and comes back the same`() async throws {
        let bucket = try await bucket("large")
        let size = Campaign.isOn ? 300 << 20 : 24 << 20
        let files = try TemporaryFiles()
        let path = try files.random("large", count: size + 12_345)
        var upload = Upload(path: path, bucket: bucket, key: "runs/large file+1.bin")
        upload.partSize = 5 << 20
        let eTag = try await client.upload(upload, within: .seconds(300))
        #expect(eTag.hasSuffix("-\(upload.parts(size: Int64(size + 12_345)).count)\""))
        let copy = files.path("copy")
        let head = try await client.download(
            bucket, upload.key, to: copy, within: .seconds(300))
        #expect(head.contentLength == Int64(size + 12_345))
        #expect(try files.areEqual(path, copy))
        #expect(try await client.send(ListMultipartUploads(bucket)) == [])
    }

    @Test func `an upload that is given up leaves nothing behind`() async throws {
        let bucket = try await bucket("open")
        let id = try await client.send(CreateMultipartUpload(bucket, "k e y"))
        _ = try await client.send(
            UploadPart(
                bucket, "k e y", uploadID: id, number: 1,
                body: .bytes([UInt8](repeating: 7, count: 1 << 20))))
        let open = try await client.send(ListMultipartUploads(bucket))
        #expect(open.map(\.key) == ["k e y"])
        #expect(open.map(\.uploadID) == [id])
        _ = try await client.send(AbortMultipartUpload(bucket, "k e y", uploadID: id))
        #expect(try await client.send(ListMultipartUploads(bucket)) == [])
    }

    @Test func `a wrong secret is refused, and the error says what to do`() async throws {
        let wrong = try cloud.s3Client(secret: "not-the-secret-canary")
        let error = await failure { () throws(CallError) in try await wrong.send(ListBuckets()) }
        #expect(error?.code == "SignatureDoesNotMatch")
        #expect(error?.hint?.contains("secret key") == true)
        #expect(error?.attempts == 1)
        #expect("\(String(describing: error))".contains("canary") == false)
    }

    @Test func `a body that is not the one signed is refused`() async throws {
        let bucket = try await bucket("tampered")
        let transport = TamperingTransport(inner: client.transport)
        let tampered = AWSClient(
            endpoints: { [cloud] service in
                Endpoint(
                    url: "http://127.0.0.1:\(cloud.s3)", configuredBy: "the test",
                    service: service, region: "us-east-1")
            }, credentials: client.credentials, transport: transport)
        let error = await failure { () throws(CallError) in
            try await tampered.send(PutObject(bucket, "k", body: .bytes([1, 2, 3])))
        }
        #expect(error?.code == "XAmzContentSHA256Mismatch" || error?.code == "BadDigest")
        #expect(try await client.send(ListObjectsV2(bucket)).objects == [])
    }

    @Test func `a presigned URL serves whoever has it`() async throws {
        let bucket = try await bucket("signed")
        _ = try await client.send(PutObject(bucket, "a b+c", body: .bytes(Array("hello".utf8))))
        let url = try await client.presign(GetObject(bucket, "a b+c"), validFor: .seconds(60))
        let got = try await client.transport.send(HTTPRequest("GET", url), within: .seconds(10))
        #expect(got.body == Array("hello".utf8))
        var other = url
        other.path += "x"
        let refused = try await client.transport.send(
            HTTPRequest("GET", other), within: .seconds(10))
        #expect(refused.status == 403)
    }
}

/// Changes a byte of every body after it was signed.
struct TamperingTransport: HTTPTransport {
    let inner: any HTTPTransport

    func send(
        _ request: HTTPRequest, to sink: HTTPSink, by deadline: ContinuousClock.Instant
    ) async throws(HTTPError) -> HTTPResponse {
        var request = request
        if case .bytes(var bytes) = request.body, !bytes.isEmpty {
            bytes[0] ^= 1
            request.body = .bytes(bytes)
        }
        return try await inner.send(request, to: sink, by: deadline)
    }
}

/// Whether the long form of tests is asked for.
enum Campaign {
    static let isOn = ProcessInfo.processInfo.environment["LOADFLEET_CAMPAIGN"] == "1"
}

/// A folder of files that goes with the test.
final class TemporaryFiles: Sendable {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory
            .appending(path: "loadfleet-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appending(path: name).path() }

    /// What is there, sorted.
    func names() -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []).sorted()
    }

    /// A file of bytes that do not repeat.
    func random(_ name: String, count: Int) throws -> String {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        var words = [UInt64](repeating: 0, count: count / 8 + 1)
        for index in words.indices {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            words[index] = state
        }
        let data = words.withUnsafeBytes { Data($0.prefix(count)) }
        try data.write(to: folder.appending(path: name))
        return path(name)
    }

    func areEqual(_ one: String, _ other: String) throws -> Bool {
        try Data(contentsOf: URL(filePath: one)) == Data(contentsOf: URL(filePath: other))
    }
}
