// What people write behind `--to`, and what nobody is ever shown of it.

import Foundation
import HTTP
import LoadfleetTesting
import Synchronization
import Testing

@testable import Export

struct `A target` {
    @Test(arguments: [
        ("opensearch=https://search.test:9200", "opensearch at search.test:9200"),
        ("opensearch=https://ann:s3cr3t@search.test/es", "opensearch at search.test"),
        ("pushgateway=http://push.test:9091", "pushgateway at push.test:9091"),
        ("influx=http://h:8086/write?db=x&u=ann&p=s3cr3t", "influx at h:8086"),
        ("influx=http://h:8086/api/v2/write?org=o&bucket=b", "influx at h:8086"),
        ("s3=s3://bucket", "s3://bucket/"), ("s3=s3://bucket/a/b", "s3://bucket/a/b/"),
    ])
    func `is read, and shown without secrets`(text: String, shown: String) throws {
        let target = try ExportTarget(text, variables: [:])
        #expect("\(target)" == shown)
        #expect(!"\(target.place)".contains("s3cr3t"))
    }

    @Test(arguments: [
        "opensearch", "opensearch=", "http://ann:s3cr3t@host", "kibana=http://ann:s3cr3t@host",
        "opensearch=ann:s3cr3t@host", "opensearch=ftp://ann:s3cr3t@host",
        "opensearch=http://ann:s3cr3t@host:port", "influx=http://ann:s3cr3t@host:8086",
        "influx=http://h/write?db=x&precision=s", "s3=bucket/x", "s3=s3:///x",
    ])
    func `that is wrong is refused without its secrets`(text: String) throws {
        let error = #expect(throws: ExportError.self) {
            try ExportTarget(text, variables: [:])
        }
        #expect(error?.isWrongInput == true)
        #expect(error?.hint?.isEmpty == false)
        let said = [error?.message, error?.hint].compactMap(\.self).joined(separator: " ")
        #expect(!said.contains("s3cr3t"))
    }

    @Test func `says who asks, by its URL or by variables`() async throws {
        let variables = [
            "LOADFLEET_OPENSEARCH_USER": "bob", "LOADFLEET_OPENSEARCH_PASSWORD": "p:w",
            "LOADFLEET_INFLUX_TOKEN": "tok", "LOADFLEET_PUSHGATEWAY_TOKEN": "tok",
        ]
        func header(_ text: String, _ kind: ExportTarget.Kind) throws -> String? {
            try Server(text, of: kind, in: variables)
                .request("GET", type: "x", body: []).headers["Authorization"]
        }
        #expect(try header("http://a:b%40c@h", .opensearch) == "Basic YTpiQGM=")
        #expect(try header("http://h", .opensearch) == "Basic Ym9iOnA6dw==")
        #expect(try header("http://h/write?db=x", .influx) == "Token tok")
        #expect(try header("http://h", .pushgateway) == "Bearer tok")
        let half = ["LOADFLEET_OPENSEARCH_USER": "bob"]
        #expect(throws: ExportError.self) { try Server("http://h", of: .opensearch, in: half) }
    }

    @Test func `that echoes a password is not quoted with it`() async throws {
        let server = try LoopbackServer { _ in
            answer("401 Unauthorized", #"{"error":{"reason":"bad pass-word, bob:pass-word\n"}}"#)
        }
        let target = try Server(
            server.url.replacing("://", with: "://bob:pass-word@"), .opensearch)
        let error = await #expect(throws: ExportError.self) {
            try await OpenSearchExport(to: target, by: .hasty()).send(
                SampleText.run(samples: 1, in: TemporaryFolder()), .both)
        }
        #expect(error?.isDenial == true)
        let message = error?.message ?? ""
        #expect(message.hasSuffix("says 401: bad …, bob:… "))
        #expect(server.requests.count == 1)
    }

    @Test func `takes what it can of what is wanted`() throws {
        let gateway = try ExportTarget("pushgateway=http://h", variables: [:])
        #expect(try gateway.part(wish: nil) == .summary)
        #expect(try gateway.part(wish: .both) == .summary)
        #expect(throws: ExportError.self) { try gateway.part(wish: .samples) }
        let search = try ExportTarget("opensearch=http://h", variables: [:])
        #expect(try search.part(wish: nil) == .both)
        #expect(try search.part(wish: .samples) == .samples)
    }

    @Test(arguments: ["", "a b", "x\n", String(repeating: "x", count: 129)])
    func `gets no run without a name`(name: String) throws {
        let folder = try TemporaryFolder()
        let summary = try SampleText.run(samples: 1, in: folder).summary
        #expect(throws: ExportError.self) {
            try ExportedRun(name: name, summary: summary, sampleFiles: [])
        }
        #expect(throws: ExportError.self) {
            try ExportedRun(name: "r", summary: summary, sampleFiles: ["a/x.jtl", "b/x.jtl.gz"])
        }
    }
}
