// Our readers against AWS's own models, by way of botocore: an answer with every member there is
// must fill every property there is.

import Foundation
import HTTP
import Testing

@testable import AWS

@Suite struct AnswerModelTests {
    @Test func `every member we read is where AWS's own model has it`() throws {
        let calls = EveryCall.full
        let lines = calls.map { call in
            let service = RequestModelTests.services[call.api.service.id]
            return #"{"service": "\#(service ?? call.api.service.signingName)", "#
                + #""operation": "\#(call.name)"}"#
        }
        let result = try Tools.run(
            script: "utility/aws-answers", input: lines.joined(separator: "\n"))
        #expect(result.status == 0, "\(result.output)")
        let answers = result.output.split(separator: "\n")
        try #require(answers.count == calls.count)
        for (call, line) in zip(calls, answers) {
            let value = try JSONValue.read(Array(line.utf8))
            do {
                let answer = try Self.read(call.call, value)
                Expect.full(answer, at: call.name, except: Self.elsewhere)
            } catch {
                Issue.record("\(call.name): \(error)")
            }
        }
    }

    /// What only other calls' answers have.
    static let elsewhere: Set<String> = [
        "GetLogEvents.events.stream"
    ]

    private static func read<Made: Call>(_ call: Made, _ value: JSONValue) throws -> Any {
        var headers: HTTPHeaders = [:]
        if case .object(let members)? = value["headers"] {
            for member in members {
                if let text = String(wire: member.value) { headers.add(member.name, text) }
            }
        }
        let body: String = try value.need("body")
        return try Made.answer(HTTPResponse(status: 200, headers: headers, body: Array(body.utf8)))
    }
}

/// Expectations about values of any shape.
enum Expect {
    /// Expects that nothing inside a value is absent or empty.
    static func full(_ value: Any, at path: String, except: Set<String> = []) {
        if except.contains(path) { return }
        // A condition is one of several, and a body may be anything.
        if value is ObjectCondition || value is HTTPBody { return }
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional:
            guard let child = mirror.children.first else {
                Issue.record("\(path) is not set")
                return
            }
            full(child.value, at: path, except: except)
        case .collection, .dictionary:
            #expect(!mirror.children.isEmpty, "\(path) is empty")
            // The first item is the full one.
            if mirror.displayStyle == .collection, let first = mirror.children.first {
                full(first.value, at: path, except: except)
            }
        case .struct where !(value is Date):
            for child in mirror.children {
                full(child.value, at: "\(path).\(child.label ?? "")", except: except)
            }
        default: break
        }
    }
}
