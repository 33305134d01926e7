// Our readers of answers against the protocol cases AWS's SDKs share. A case brings its shapes; a
// walker in the test follows them with the very readers that our calls use.

import Foundation
import HTTP
import Testing

@testable import AWS

@Suite(.enabled(if: Vectors.present)) struct ProtocolAnswerTests {
    @Test(arguments: ["ec2", "query", "rest-xml", "json", "rest-json"])
    func `answers are read as all SDKs read them`(name: String) throws {
        var (passed, skipped) = (0, [String]())
        for suite in try Vectors.json("protocols/output-\(name).json").list {
            for test in suite["cases"].list {
                let id = test["id"].string ?? ""
                let walker = AnswerWalker(kind: name, suite: suite, test: test)
                if let reason = Self.inapplicable[id] ?? walker.inapplicable {
                    skipped.append("\(id): \(reason)")
                    continue
                }
                do {
                    let (got, wanted) = try walker.compare()
                    #expect(got == wanted, "\(id)")
                } catch {
                    Issue.record("\(id): \(error)")
                }
                passed += 1
            }
        }
        print("\(name): \(passed) cases, \(skipped.count) not applicable")
        for line in skipped { print("  \(line)") }
        #expect(passed > skipped.count)
    }

    /// Cases about things that none of our calls has.
    static let inapplicable: [String: String] = [:]
}

/// Reads one case's answer by the case's shapes.
struct AnswerWalker {
    let kind: String
    let shapes: JSON
    let test: JSON
    let response: HTTPResponse

    init(kind: String, suite: JSON, test: JSON) {
        self.kind = kind
        self.test = test
        shapes = suite["shapes"]
        var headers: HTTPHeaders = [:]
        for (name, value) in test["response"]["headers"].strings { headers.add(name, value) }
        response = HTTPResponse(
            status: test["response"]["status_code"].int ?? 200, headers: headers,
            body: Array((test["response"]["body"].string ?? "").utf8))
    }

    /// Why the case is about something none of our calls has.
    var inapplicable: String? {
        let output = shapes[test["given"]["output"]["shape"].string ?? ""]
        let members = output["members"]
        for name in members.keys where test["result"][name].exists {
            let member = members[name]
            let type = shapes[member["shape"].string ?? ""]["type"].string
            if member["jsonvalue"].exists { return "JSON inside of a text" }
            if member["location"].string == "headers" { return "a map of headers" }
            if member["location"].string == "header", type == "list" { return "a list in a header" }
        }
        if output["payload"].exists { return "a payload that is one member" }
        let text = String(describing: shapes.value)
        if text.contains("xmlAttribute") { return "XML attributes" }
        if text.contains("union") { return "unions" }
        if text.contains("\"document\"") { return "documents" }
        return nil
    }

    func compare() throws -> (got: Tree, wanted: Tree) {
        if test["errorCode"].exists || test["error"].exists {
            let fault = ServiceFault(response, dialect: dialect)
            let message = test["errorMessage"].string
            return (
                .text(fault.code + (message == nil ? "" : " " + fault.message)),
                .text((test["errorCode"].string ?? "") + (message.map { " " + $0 } ?? ""))
            )
        }
        let wanted = Tree(test["result"].value ?? [String: Any]())
        guard let shape = test["given"]["output"]["shape"].string else { return (wanted, wanted) }
        return (try answer(shape), wanted)
    }

    private var dialect: ServiceAPI.Dialect {
        switch kind {
        case "ec2": .ec2(version: "")
        case "query": .query(version: "")
        case "rest-xml": .restXML
        case "json": .json(target: "", version: "1.1")
        default: .restJSON
        }
    }

    private func answer(_ shape: String) throws -> Tree {
        var result: [String: Tree] = [:]
        let members = shapes[shape]["members"]
        for name in members.keys {
            let member = members[name]
            let wire = member["locationName"].string ?? name
            if member["location"].string == "header" {
                result[name] = try header(wire, shapes[member["shape"].string ?? ""])
            } else if member["location"].string == "statusCode" {
                result[name] = .number(Double(response.status))
            }
        }
        guard !response.body.isEmpty else { return .object(result) }
        let body: Tree
        if kind.hasSuffix("json") {
            body = try read(JSONValue.read(response.body), shapes[shape])
        } else {
            var root = try XMLNode.read(response.body)
            if kind == "query" {
                let name = test["given"]["name"].string ?? ""
                root = root.child(name + "Result") ?? root
            }
            body = try read(root, shapes[shape])
        }
        guard case .object(let inner) = body else { return body }
        return .object(result.merging(inner) { one, _ in one })
    }

    /// Whether a member is not in the body.
    private func isOutside(_ member: JSON) -> Bool {
        ["header", "headers", "statusCode"].contains(member["location"].string ?? "")
    }

    private func header(_ name: String, _ shape: JSON) throws -> Tree? {
        switch shape["type"].string {
        case "timestamp":
            return try response.header(name, as: Date.self).map {
                .number($0.timeIntervalSince1970)
            }
        case "boolean": return try response.header(name, as: Bool.self).map { .bool($0) }
        case "integer", "long":
            return try response.header(name, as: Int.self).map { .number(Double($0)) }
        case "float", "double": return try response.header(name, as: Double.self).map(Tree.init)
        case "list": return nil
        default: return try response.header(name, as: String.self).map { .text($0) }
        }
    }

    // MARK: - XML

    private func read(_ node: XMLNode, _ shape: JSON) throws -> Tree {
        switch shape["type"].string {
        case "structure":
            var result: [String: Tree] = [:]
            for name in shape["members"].keys where !isOutside(shape["members"][name]) {
                result[name] = try member(name, shape["members"][name], of: node)
            }
            return .object(result)
        case "list":
            let item = shape["member"]["locationName"].string ?? "member"
            return try items(node.all(item), shape)
        case "map": return try entries(node.all("entry"), shape)
        case "timestamp": return .number(try node.leaf(as: Date.self).timeIntervalSince1970)
        case "boolean": return .bool(try node.leaf())
        case "integer", "long": return .number(Double(try node.leaf(as: Int.self)))
        case "float", "double": return Tree(try node.leaf(as: Double.self))
        case "blob":
            return .text(String(decoding: Data(base64Encoded: node.text) ?? Data(), as: UTF8.self))
        default: return .text(try node.leaf())
        }
    }

    private func member(_ name: String, _ member: JSON, of node: XMLNode) throws -> Tree? {
        let shape = shapes[member["shape"].string ?? ""]
        let wire = member["locationName"].string ?? name
        guard member["flattened"].exists || shape["flattened"].exists else {
            return try node.child(wire).map { try read($0, shape) }
        }
        if shape["type"].string == "list" {
            // SDKs disagree on which name wins; the answers of our services have only one.
            let names = [wire, shape["member"]["locationName"].string ?? wire, name]
            let nodes = names.lazy.map { node.all($0) }.first { !$0.isEmpty } ?? []
            return nodes.isEmpty ? nil : try items(nodes, shape)
        }
        let nodes = node.all(wire)
        return nodes.isEmpty ? nil : try entries(nodes, shape)
    }

    private func items(_ nodes: [XMLNode], _ shape: JSON) throws -> Tree {
        let inner = shapes[shape["member"]["shape"].string ?? ""]
        return .list(try nodes.map { try read($0, inner) })
    }

    private func entries(_ nodes: [XMLNode], _ shape: JSON) throws -> Tree {
        var result: [String: Tree] = [:]
        let value = shapes[shape["value"]["shape"].string ?? ""]
        for node in nodes {
            let key: String = try node.need(shape["key"]["locationName"].string ?? "key")
            guard let child = node.child(shape["value"]["locationName"].string ?? "value") else {
                continue
            }
            result[key] = try read(child, value)
        }
        return .object(result)
    }

    // MARK: - JSON

    private func read(_ value: JSONValue, _ shape: JSON) throws -> Tree {
        switch shape["type"].string {
        case "structure":
            var result: [String: Tree] = [:]
            for name in shape["members"].keys where !isOutside(shape["members"][name]) {
                let member = shape["members"][name]
                let wire = member["locationName"].string ?? name
                guard let child = value[wire] else { continue }
                result[name] = try read(child, shapes[member["shape"].string ?? ""])
            }
            return .object(result)
        case "list":
            guard case .array(let items) = value else { throw AnswerFault("no list") }
            let inner = shapes[shape["member"]["shape"].string ?? ""]
            return .list(try items.map { $0 == .null ? .null : try read($0, inner) })
        case "map":
            guard case .object(let members) = value else { throw AnswerFault("no map") }
            let inner = shapes[shape["value"]["shape"].string ?? ""]
            var result: [String: Tree] = [:]
            for member in members where member.value != .null {
                result[member.name] = try read(member.value, inner)
            }
            return .object(result)
        case "timestamp": return .number(try leaf(value, Date.self).timeIntervalSince1970)
        case "boolean": return .bool(try leaf(value))
        case "integer", "long": return .number(Double(try leaf(value, Int.self)))
        case "float", "double": return Tree(try leaf(value, Double.self))
        case "blob":
            let data = Data(base64Encoded: try leaf(value, String.self)) ?? Data()
            return .text(String(decoding: data, as: UTF8.self))
        default: return .text(try leaf(value))
        }
    }

    private func leaf<Value: Leaf>(_ value: JSONValue, _: Value.Type = Value.self) throws -> Value {
        guard let read = Value(wire: value) else { throw AnswerFault("\(value) is no leaf") }
        return read
    }
}

/// A value of any shape, for comparison.
indirect enum Tree: Equatable, CustomStringConvertible {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case list([Tree])
    case object([String: Tree])

    init(_ double: Double) {
        self =
            double.isNaN
            ? .text("NaN")
            : double.isInfinite ? .text(double > 0 ? "Infinity" : "-Infinity") : .number(double)
    }

    init(_ value: Any) {
        switch value {
        case let list as [Any]: self = .list(list.map { Tree($0) })
        case let object as [String: Any]: self = .object(object.mapValues { Tree($0) })
        case let text as String: self = .text(text)
        case let number as NSNumber:
            // On Linux a boolean of JSON is a number of this very type.
            self =
                "\(type(of: value))" == "Bool" || String(cString: number.objCType) == "c"
                ? .bool(number.boolValue) : .number(number.doubleValue)
        default: self = .null
        }
    }

    var description: String {
        switch self {
        case .null: "null"
        case .bool(let bool): "\(bool)"
        case .number(let number): "\(number)"
        case .text(let text): "\"\(text)\""
        case .list(let list): "\(list)"
        case .object(let object):
            "{"
                + object.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
                .joined(separator: ", ") + "}"
        }
    }
}
