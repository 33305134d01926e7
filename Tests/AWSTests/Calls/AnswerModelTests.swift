// Our readers against AWS's own models, by way of botocore: an answer with every member there is
// must fill every property there is.

import Foundation
import HTTP
import Testing

@testable import AWS

@Suite struct AnswerModelTests {
    @Test func `every member we read is where AWS's own model has it`() throws {
        for (call, response) in try FullAnswers.all.get() {
            do {
                let answer = try Self.read(call.call, response)
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

    private static func read<Made: Call>(_ call: Made, _ response: HTTPResponse) throws -> Any {
        try Made.answer(response)
    }
}

/// Every call, and an answer to it that has all members that AWS's own model has.
enum FullAnswers {
    static let all = Result { try made() }

    private static func made() throws -> [(AnyCall, HTTPResponse)] {
        let calls = EveryCall.full
        let lines = calls.map { call in
            let service = RequestModelTests.services[call.api.service.id]
            return #"{"service": "\#(service ?? call.api.service.signingName)", "#
                + #""operation": "\#(call.name)"}"#
        }
        let result = try Tools.run(
            script: "utility/aws-answers", input: lines.joined(separator: "\n"))
        let answers = result.output.split(separator: "\n")
        guard result.status == 0, answers.count == calls.count else {
            throw ToolFailure(output: result.output)
        }
        return try zip(calls, answers).map { ($0, try response($1)) }
    }

    private static func response(_ line: Substring) throws -> HTTPResponse {
        let value = try JSONValue.read(Array(line.utf8))
        var headers: HTTPHeaders = [:]
        if case .object(let members)? = value["headers"] {
            for member in members {
                if let text = String(wire: member.value) { headers.add(member.name, text) }
            }
        }
        let body: String = try value.need("body")
        return HTTPResponse(status: 200, headers: headers, body: Array(body.utf8))
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
