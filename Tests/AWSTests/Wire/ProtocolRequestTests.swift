// Our forms against the protocol cases AWS's SDKs share. Whole requests are held against botocore's
// models elsewhere; this is about how a form spells structures, lists, times and odd characters.

import Foundation
import HTTP
import Testing

@testable import AWS

@Suite(.enabled(if: Vectors.present)) struct ProtocolRequestTests {
    @Test(arguments: ["ec2", "query"])
    func `forms are written as all SDKs write them`(kind: String) throws {
        var (passed, skipped) = (0, 0)
        for suite in try Vectors.json("protocols/input-\(kind).json").list {
            for test in suite["cases"].list {
                let writer = FormWriter(kind: kind, shapes: suite["shapes"])
                guard let form = try writer.form(test, suite["metadata"]) else {
                    skipped += 1
                    continue
                }
                let wanted = Self.pairs(test["serialized"]["body"].string ?? "")
                let got = Self.pairs(String(decoding: form.bytes, as: UTF8.self))
                #expect(got == wanted, "\(test["id"].string ?? "")")
                passed += 1
            }
        }
        print(
            "\(kind): \(passed) cases, \(skipped) not applicable (maps, renamed lists, made-up tokens, compressed bodies)"
        )
        #expect(passed > skipped)
    }

    private static func pairs(_ body: String) -> [String] {
        body.split(separator: "&").map {
            // Vectors write a space as %20 or +, and some servers' commas plainly.
            String(
                decoding: PercentCoding.decode($0.utf8.map { $0 == 0x2B ? 0x20 : $0 }),
                as: UTF8.self)
        }.sorted()
    }
}

/// Writes one case's members by the case's shapes.
struct FormWriter {
    let kind: String
    let shapes: JSON

    /// The form, or `nil` when the case is about something none of our calls has.
    func form(_ test: JSON, _ metadata: JSON) throws -> Form? {
        let given = test["given"]
        var form = Form(
            action: given["name"].string ?? "", version: metadata["apiVersion"].string ?? "",
            lists: kind == "ec2" ? .flat : .member)
        // Bodies that are compressed come without a text to compare with.
        guard test["serialized"]["body"].exists else { return nil }
        guard let shape = given["input"]["shape"].string else { return form }
        let text = String(describing: test["serialized"].value)
        if text.contains("00000000-0000-4000-8000-000000000000") { return nil }
        guard write(test["params"], shapes[shape], to: &form) else { return nil }
        return form
    }

    // JSON of vectors is only read.
    private struct Part: FormPart, @unchecked Sendable {
        let writer: FormWriter
        let value: JSON
        let shape: JSON

        func write(to form: inout Form) { _ = writer.write(value, shape, to: &form) }
    }

    private func write(_ value: JSON, _ structure: JSON, to form: inout Form) -> Bool {
        for name in value.keys {
            let member = structure["members"][name]
            guard writeMember(name, member, value[name], to: &form) else { return false }
        }
        return true
    }

    private func writeMember(
        _ name: String, _ member: JSON, _ value: JSON, to form: inout Form
    ) -> Bool {
        let shape = shapes[member["shape"].string ?? ""]
        let wire = wireName(name, member)
        switch shape["type"].string {
        case "structure":
            guard isApplicable(value, shape) else { return false }
            form.set(wire, Part(writer: self, value: value, shape: shape))
        case "list":
            let inner = shapes[shape["member"]["shape"].string ?? ""]
            let isFlat = member["flattened"].exists || shape["flattened"].exists
            let item = shape["member"]["locationName"].string
            if kind == "query", isFlat || item != nil && item != "member" { return false }
            if inner["type"].string == "list" || inner["type"].string == "map" { return false }
            guard !value.list.isEmpty else { return kind == "ec2" }
            if inner["type"].string == "structure" {
                form.set(wire, value.list.map { Part(writer: self, value: $0, shape: inner) })
            } else {
                form.set(wire, value.list.compactMap { text($0, inner, shape["member"]) })
            }
        case "map": return false
        case "timestamp" where text(value, shape, member) == nil: return false
        default: form.set(wire, text(value, shape, member))
        }
        return true
    }

    /// Whether all that is inside is something our calls have.
    private func isApplicable(_ value: JSON, _ shape: JSON) -> Bool {
        var form = Form(action: "", version: "", lists: .flat)
        return write(value, shape, to: &form)
    }

    private func wireName(_ name: String, _ member: JSON) -> String {
        guard kind == "ec2" else { return member["locationName"].string ?? name }
        if let queryName = member["queryName"].string { return queryName }
        let wire = member["locationName"].string ?? name
        return wire.prefix(1).uppercased() + wire.dropFirst()
    }

    /// The text of a leaf; `nil` for formats of time that no form of ours has.
    private func text(_ value: JSON, _ shape: JSON, _ member: JSON) -> String? {
        switch shape["type"].string {
        case "timestamp":
            let format = member["timestampFormat"].string ?? shape["timestampFormat"].string
            guard format == nil || format == "iso8601" else { return nil }
            guard let seconds = value.int else { return nil }
            return WireTime.iso8601(Date(timeIntervalSince1970: Double(seconds)))
        case "boolean": return value.bool.map { String($0) }
        case "blob": return value.string.map { Data($0.utf8).base64EncodedString() }
        case "integer", "long": return value.int.map { String($0) }
        case "float", "double": return value.string ?? (value.value as? Double).map { "\($0)" }
        default: return value.string
        }
    }
}
