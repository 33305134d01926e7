// Our requests against AWS's own models, by way of botocore.

import Foundation
import HTTP
import Testing

@testable import AWS

@Suite struct RequestModelTests {
    @Test func `every request is one that AWS's own model reads and would write`() throws {
        let lines = try (EveryCall.full + EveryCall.small).map(Self.line)
        let result = try Tools.run(
            script: "utility/check-aws-requests", input: lines.joined(separator: "\n"))
        #expect(result.status == 0, "\(result.output)")
        let operations = Set(EveryCall.full.map { "\($0.api.service.id) \($0.name)" }).count
        #expect(result.output.contains("requests of \(operations) operations checked, 0 faults"))
    }

    @Test func `no member of the full requests is left out`() {
        for call in EveryCall.full {
            Expect.full(call.call, at: call.name)
        }
    }

    @Test func `every call there is has its requests checked`() throws {
        let named = try Self.callsInSources()
        #expect(named.count > 50)
        let sampled = Set(EveryCall.full.map(\.name))
        #expect(named.subtracting(sampled) == [])
    }

    /// The names of all types that are calls, by their declarations.
    private static func callsInSources() throws -> Set<String> {
        let folder = Tools.root.appending(path: "Sources/AWS/Calls")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        let declaration = try Regex(#"package struct (\w+): (?:\w*Call|\w+, PagedCall)"#)
        var names: Set<String> = []
        while let file = files?.nextObject() as? URL {
            guard file.pathExtension == "swift" else { continue }
            for match in try String(contentsOf: file, encoding: .utf8).matches(of: declaration) {
                if let name = match.output[1].substring { names.insert(String(name)) }
            }
        }
        return names
    }

    private static func line(_ call: AnyCall) throws -> String {
        let request = call.call.request
        var object = JSONObject()
        object.set("service", services[call.api.service.id] ?? call.api.service.signingName)
        object.set("operation", call.name)
        object.set("method", request.method)
        object.set("bucket", request.bucket)
        object.set("path", request.path)
        object.set(
            "query",
            request.query.map {
                "\(PercentCoding.encode($0.name))=\(PercentCoding.encode($0.value))"
            }.joined(separator: "&"))
        object.set(
            "headers",
            .object(request.headers.fields.map { .init(name: $0.name, value: .string($0.value)) }))
        var body = ""
        if case .bytes(let bytes) = request.body { body = String(decoding: bytes, as: UTF8.self) }
        object.set("body", body)
        return String(decoding: object.value.bytes, as: UTF8.self)
    }

    /// Where botocore's folder is not named as signatures name the service.
    static let services = ["Service Quotas": "service-quotas"]
}
