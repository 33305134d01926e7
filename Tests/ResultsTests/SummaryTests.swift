// summary.json against its schema, in both directions: the file has what the schema demands and
// nothing that it does not know.

import FoundationEssentials
import Testing

@testable import Results

/// Any JSON value.
enum JSONValue: Decodable, Equatable {
    case null, bool(Bool), number(Double), string(String)
    indirect case array([JSONValue]), object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .string(text)
        } else if let list = try? value.decode([JSONValue].self) {
            self = .array(list)
        } else {
            self = .object(try value.decode([String: JSONValue].self))
        }
    }

    subscript(_ name: String) -> JSONValue? {
        if case .object(let fields) = self { fields[name] } else { nil }
    }

    var texts: [String] {
        switch self {
        case .string(let text): [text]
        case .array(let list): list.flatMap(\.texts)
        default: []
        }
    }

    func isOf(_ type: String) -> Bool {
        switch (self, type) {
        case (.null, "null"), (.bool, "boolean"), (.number, "number"), (.string, "string"),
            (.array, "array"), (.object, "object"):
            true
        case (.number(let number), "integer"): number == number.rounded()
        default: false
        }
    }
}

/// The part of JSON Schema that our schema uses.
struct Schema {
    let root: JSONValue

    /// Where `value` breaks `rule`; empty where it keeps to it.
    func violations(_ value: JSONValue, _ rule: JSONValue, at path: String = "$") -> [String] {
        if let target = rule["$ref"]?.texts.first {
            let name = target.split(separator: "/").last.map(String.init) ?? ""
            guard let rule = root["$defs"]?[name] else { return ["\(target) is not defined"] }
            return violations(value, rule, at: path)
        }
        if let constant = rule["const"], constant != value { return ["\(path): not the constant"] }
        if case .array(let values) = rule["enum"], !values.contains(value) {
            return ["\(path): not among the values"]
        }
        let types = rule["type"]?.texts ?? []
        if !types.isEmpty, !types.contains(where: value.isOf) { return ["\(path): wrong type"] }
        switch value {
        case .array(let list):
            guard let items = rule["items"] else { return ["\(path): items are not described"] }
            return list.enumerated().flatMap { violations($1, items, at: "\(path)[\($0)]") }
        case .object(let fields): return violations(fields, rule, at: path)
        default: return []
        }
    }

    private func violations(
        _ fields: [String: JSONValue], _ rule: JSONValue, at path: String
    ) -> [String] {
        let required = rule["required"]?.texts ?? []
        let missing = required.filter { fields[$0] == nil }.map { "\(path).\($0): missing" }
        return missing
            + fields.flatMap { name, value in
                if let known = rule["properties"]?[name] {
                    return violations(value, known, at: "\(path).\(name)")
                }
                if let other = rule["additionalProperties"], other.isOf("object") {
                    return violations(value, other, at: "\(path).\(name)")
                }
                return ["\(path).\(name): not in the schema"]
            }
    }
}

@Suite struct `Summaries` {
    private func schema() throws -> Schema {
        let path = SharedCases.package + "/docs/schemas/summary-1.0.json"
        let data = try Data(contentsOf: URL(filePath: path))
        return Schema(root: try JSONDecoder().decode(JSONValue.self, from: data))
    }

    private func judged(_ text: String? = nil) throws -> Summary {
        var some = try summary(text)
        some.verdict = Verdict.judge(some, gates: [try Gate(parsing: "mean(nothing) < 1s")])
        return some
    }

    @Test(arguments: [
        nil, "elapsed,label,success\n", "elapsed,label,success\n5,a,true\n\nx\n",
        "timeStamp,elapsed,label,success\n7,0,a,false\n",
    ])
    func `as JSON keep to their schema`(text: String?) throws {
        let schema = try schema()
        for some in [try judged(text), try summary(text)] {
            let json = try JSONDecoder().decode(
                JSONValue.self, from: Data(try some.json().utf8))
            #expect(schema.violations(json, schema.root) == [])
        }
    }

    @Test func `as JSON come back equal`() throws {
        let some = try judged()
        #expect(try Summary(json: Data(try some.json(indented: false).utf8)) == some)
    }

    @Test func `of another major version are refused`() throws {
        let text = try summary().json().replacing("\"1.0\"", with: "\"2.0\"")
        #expect(throws: DecodingError.self) { _ = try Summary(json: Data(text.utf8)) }
    }

    @Test func `say null and not zero where nothing is known`() throws {
        let total = try summary("elapsed,label,success\n5,a,true\n").total
        #expect(total.samplesPerS == nil)
        #expect(total.durationS == nil)
        #expect(total.meanMs == 5)
        // All samples in one instant: JMeter says Infinity, JSON cannot.
        #expect(
            try summary("timeStamp,elapsed,label,success\n7,0,a,true\n").total.samplesPerS == nil)
    }
}
