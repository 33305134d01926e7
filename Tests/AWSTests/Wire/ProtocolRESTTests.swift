// Our requests in JSON and in REST's manner against the protocol cases AWS's SDKs share: a walker
// follows a case's shapes with the very writers that our calls use.

import Foundation
import HTTP
import Testing

@testable import AWS

@Suite(.enabled(if: Vectors.present)) struct ProtocolRESTTests {
    @Test(arguments: [("json", 38), ("rest-json", 44), ("rest-xml", 23)])
    func `requests are written as all SDKs write them`(kind: String, atLeast: Int) throws {
        var (passed, skipped) = (0, [String: Int]())
        for suite in try Vectors.json("protocols/input-\(kind).json").list {
            for test in suite["cases"].list {
                let writer = RequestWriter(kind: kind, shapes: suite["shapes"], test: test)
                let server = suite["clientEndpoint"].string ?? "https://h"
                let id = Comment(rawValue: test["id"].string ?? "")
                do {
                    let request = try writer.request()
                    try Self.compare(request, to: server, test["serialized"], id)
                    passed += 1
                } catch let other as NotOurs {
                    skipped[other.reason, default: 0] += 1
                }
            }
        }
        print("\(kind): \(passed) cases, not applicable:")
        for (reason, count) in skipped.sorted(by: { $0.key < $1.key }) {
            print("  \(reason): \(count)")
        }
        #expect(passed >= atLeast)
    }

    private static func compare(
        _ request: CallRequest, to server: String, _ wanted: JSON, _ id: Comment
    ) throws {
        #expect(request.method == wanted["method"].string, id)
        let endpoint = Endpoint(
            url: server, configuredBy: "the test", service: .s3, region: "r")
        let url = try endpoint.request(request).url
        let uri = wanted["uri"].string ?? "/"
        let parts = uri.split(separator: "?", maxSplits: 1)
        #expect(url.path == String(parts[0]), id)
        // The vectors sort otherwise, and leave out the equals sign of an empty value.
        #expect(pairs(url.query ?? "") == pairs(parts.count > 1 ? String(parts[1]) : ""), id)
        for (name, value) in wanted["headers"].strings {
            #expect(request.headers[name] == value, id)
        }
        guard let body = wanted["body"].string, !body.isEmpty else { return }
        guard case .bytes(let bytes) = request.body else {
            #expect(request.body == .none && (body == "{}" || body.isEmpty), id)
            return
        }
        if body.hasPrefix("{") {
            #expect(
                Tree(try JSONSerialization.jsonObject(with: Data(bytes)))
                    == Tree(try JSONSerialization.jsonObject(with: Data(body.utf8))),
                id)
        } else if body.hasPrefix("<") {
            #expect(try XMLNode.read(bytes).tidied == XMLNode.read(Array(body.utf8)).tidied, id)
        } else {
            #expect(String(decoding: bytes, as: UTF8.self) == body, id)
        }
    }

    private static func pairs(_ query: String) -> [String] {
        query.split(separator: "&").map { $0.contains("=") ? String($0) : $0 + "=" }.sorted()
    }
}

extension XMLNode {
    /// The element without the space between elements.
    fileprivate var tidied: XMLNode {
        XMLNode(
            name: name, text: children.isEmpty ? text : "", children: children.map(\.tidied))
    }
}

/// Why a case is about something that none of our calls has.
struct NotOurs: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}

/// Writes one case's request by the case's shapes.
struct RequestWriter {
    let kind: String
    let shapes: JSON
    let test: JSON

    func request() throws -> CallRequest {
        let given = test["given"]
        let target = (given["http"]["requestUri"].string ?? "/").split(
            separator: "?", maxSplits: 1)
        var request = CallRequest(method: given["http"]["method"].string ?? "POST")
        if target.count > 1 {
            for pair in target[1].split(separator: "&") {
                let parts = pair.split(separator: "=")
                request.setQuery(String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
            }
        }
        try check(given)
        request.path = String(target[0])
        let shape = shapes[given["input"]["shape"].string ?? ""]
        var rest: [String] = []
        for name in test["params"].keys {
            let member = shape["members"][name]
            let wire = member["locationName"].string ?? name
            let value = test["params"][name]
            guard let place = member["location"].string, kind != "json" else {
                rest.append(name)
                continue
            }
            try put(value, wire, member, at: place, in: &request)
        }
        try setBody(of: &request, shape, members: rest)
        return request
    }

    private func check(_ given: JSON) throws {
        if given["endpoint"].exists { throw NotOurs("a host made of members") }
        let all = try JSONSerialization.data(withJSONObject: [shapes.value, test.value])
        let text = String(decoding: all, as: UTF8.self)
        for (mark, reason) in [
            ("requestcompression", "compressed bodies"),
            ("httpChecksum", "MD5 of bodies"), ("00000000-0000-4000", "tokens made by the SDK"),
            ("\"document\"", "documents"),
        ] where text.contains(mark) { throw NotOurs(reason) }
    }

    // MARK: - Outside of the body

    private func put(
        _ value: JSON, _ wire: String, _ member: JSON, at place: String,
        in request: inout CallRequest
    ) throws {
        if member["jsonvalue"].exists { throw NotOurs("JSON inside of a text") }
        let shape = shapes[member["shape"].string ?? ""]
        let isList = shape["type"].string == "list"
        switch place {
        case "uri":
            let text = try leaf(value, shape, member)
            request.path = request.path
                .replacing("{\(wire)+}", with: PercentCoding.encode(text, as: .path))
                .replacing("{\(wire)}", with: PercentCoding.encode(text))
        case "querystring" where shape["type"].string == "map":
            throw NotOurs("maps in the query")
        case "querystring":
            for item in isList ? value.list : [value] {
                let inner = isList ? shapes[shape["member"]["shape"].string ?? ""] : shape
                request.setQuery(wire, try leaf(item, inner, isList ? shape["member"] : member))
            }
        case "header" where isList: throw NotOurs("lists in headers")
        case "header":
            let text = try leaf(value, shape, member)
            if text.isEmpty { throw NotOurs("empty headers") }
            request.setHeader(wire, text)
        case "headers":
            for (name, text) in value.strings { request.setHeader(wire + name, text) }
        default: throw NotOurs("the place \(place)")
        }
    }

    /// The text of a leaf outside of a body.
    private func leaf(_ value: JSON, _ shape: JSON, _ member: JSON) throws -> String {
        if shape["type"].string == "timestamp" {
            let format = member["timestampFormat"].string ?? shape["timestampFormat"].string
            guard format == "iso8601", let seconds = value.int else {
                throw NotOurs("times other than ISO 8601 outside of bodies")
            }
            return WireTime.iso8601(Date(timeIntervalSince1970: Double(seconds)))
        }
        guard let text = try text(value, shape) else { throw NotOurs("absent leaves") }
        return text
    }

    private func text(_ value: JSON, _ shape: JSON) throws -> String? {
        switch shape["type"].string {
        case "boolean": return value.bool.map { String($0) }
        case "integer", "long": return value.int.map { String($0) }
        case "float", "double": throw NotOurs("fractions")
        case "blob": throw NotOurs("bytes in texts")
        case "timestamp":
            throw NotOurs("times in XML")
        default: return value.string
        }
    }

    // MARK: - Bodies

    private func setBody(
        of request: inout CallRequest, _ shape: JSON, members: [String]
    ) throws {
        // S3's calls have such members, and say their types by themselves.
        if shape["payload"].exists { throw NotOurs("a member that is the whole body") }
        switch kind {
        case "json":
            request.setHeader("Content-Type", "application/x-amz-json-1.1")
            let prefix = test["serialized"]["headers"]["X-Amz-Target"].string?
                .split(separator: ".").first
            if let prefix {
                request.setHeader(
                    "X-Amz-Target", "\(prefix).\(test["given"]["name"].string ?? "")")
            }
            let value = shape.exists ? try json(test["params"], shape) : JSONObject().value
            request.body = .bytes(value.bytes)
        case "rest-json":
            guard !members.isEmpty else {
                if test["serialized"]["body"].string != "{}" { return }
                throw NotOurs("a body without members")
            }
            request.setHeader("Content-Type", "application/json")
            request.body = .bytes(try json(test["params"], shape, only: members).bytes)
        default:
            guard !members.isEmpty else { return }
            let input = test["given"]["input"]
            var document = XMLText(
                root: shape["locationName"].string ?? input["locationName"].string
                    ?? input["shape"].string ?? "")
            for name in members {
                try write(test["params"][name], name, shape["members"][name], to: &document)
            }
            request.setBody(document)
        }
    }

    private func json(_ value: JSON, _ shape: JSON, only names: [String]? = nil) throws -> JSONValue
    {
        switch shape["type"].string {
        case "structure":
            var object = JSONObject()
            for name in names ?? value.keys where !(value[name].value is NSNull) {
                let member = shape["members"][name]
                if member["jsonvalue"].exists { throw NotOurs("JSON inside of a text") }
                let inner = shapes[member["shape"].string ?? ""]
                if inner["type"].string == "timestamp",
                    member["timestampFormat"].exists || inner["timestampFormat"].exists
                {
                    throw NotOurs("times in a format of their own")
                }
                object.set(
                    member["locationName"].string ?? name, try json(value[name], inner))
            }
            return object.value
        case "list":
            let inner = shapes[shape["member"]["shape"].string ?? ""]
            return .array(try value.list.map { try json($0, inner) })
        case "map":
            let inner = shapes[shape["value"]["shape"].string ?? ""]
            return .object(
                try value.keys.map { .init(name: $0, value: try json(value[$0], inner)) })
        case "boolean": return value.bool.map(JSONValue.bool) ?? .null
        case "integer", "long": return value.int.map { .number(String($0)) } ?? .null
        case "timestamp": return value.int.map { .number(String($0)) } ?? .null
        case "float", "double": throw NotOurs("fractions")
        case "blob": throw NotOurs("bytes in texts")
        default: return value.string.map(JSONValue.string) ?? .null
        }
    }

    private func write(
        _ value: JSON, _ name: String, _ member: JSON, to document: inout XMLText
    ) throws {
        let shape = shapes[member["shape"].string ?? ""]
        for (mark, reason) in [("xmlNamespace", "namespaces"), ("xmlAttribute", "attributes")]
        where member[mark].exists || shape[mark].exists { throw NotOurs("XML \(reason)") }
        let wire = member["locationName"].string ?? name
        switch shape["type"].string {
        case "structure": try element(wire, value, shape, to: &document)
        case "list":
            let item = shape["member"]
            let isFlat = member["flattened"].exists || shape["flattened"].exists
            if isFlat {
                for each in value.list { try write(each, wire, item.unnamed, to: &document) }
            } else {
                var failure: (any Error)?
                document.add(wire) { inner in
                    for each in value.list {
                        do { try write(each, "member", item, to: &inner) } catch { failure = error }
                    }
                }
                if let failure { throw failure }
            }
        case "map": throw NotOurs("XML maps")
        default: document.add(wire, try text(value, shape))
        }
    }

    private func element(
        _ name: String, _ value: JSON, _ shape: JSON, to document: inout XMLText
    ) throws {
        var failure: (any Error)?
        document.add(name) { inner in
            for name in value.keys {
                do {
                    try write(value[name], name, shape["members"][name], to: &inner)
                } catch {
                    failure = error
                }
            }
        }
        if let failure { throw failure }
    }
}

extension JSON {
    /// A list's member without a name of its own, since a flat list's items bear the list's.
    fileprivate var unnamed: JSON {
        var members = (value as? [String: Any]) ?? [:]
        members["locationName"] = nil
        return JSON(members)
    }
}
