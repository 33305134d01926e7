// A call of an AWS service: a value with everything AWS needs to know, typed in and typed out.
//
// A call's type is named as AWS names the operation, so that AWS's manual is its documentation.
// Being a value it can be sent again: a token in it that makes a create unique stays the same.

package import HTTP

/// A call of an AWS service.
package protocol Call: Sendable {
    /// What AWS answers.
    associatedtype Answer: Sendable
    /// Whom is called, and how the service speaks.
    static var api: ServiceAPI { get }
    /// The request without address and signature.
    var request: CallRequest { get }
    /// Reads an answer that reports success.
    static func answer(_ response: HTTPResponse) throws(AnswerFault) -> Answer
}

extension Call {
    /// The operation's name, which is the type's.
    package static var name: String { "\(Self.self)" }
}

/// A call whose answer comes in pages.
package protocol PagedCall: Call {
    /// Where the page begins; `nil` for the first one.
    var nextToken: String? { get set }
    /// Where the next page begins; `nil` after the last one.
    static func nextToken(of answer: Answer) -> String?
}

/// A service's interface.
package struct ServiceAPI: Sendable, Equatable {
    /// The service.
    package let service: AWSService
    /// How its requests and answers are written.
    let dialect: Dialect

    /// AWS's protocols.
    enum Dialect: Sendable, Equatable {
        /// Forms in EC2's manner, XML back.
        case ec2(version: String)
        /// Forms, XML back.
        case query(version: String)
        /// Paths and headers, XML both ways.
        case restXML
        /// JSON both ways, the operation in a header.
        case json(target: String, version: String)
        /// Paths, JSON both ways.
        case restJSON
    }
}

/// A request before it has an address and a signature.
package struct CallRequest: Sendable {

    /// The HTTP method.
    var method = "POST"
    /// The bucket, which stands in the host or before the path.
    var bucket: String?
    /// The path, percent-coded.
    var path = "/"
    /// The query, not coded; an empty value is written as `name=`.
    var query: [(name: String, value: String)] = []
    /// The headers beside those that address, signature and transport bring.
    var headers: HTTPHeaders = [:]
    /// The body.
    var body = HTTPBody.none

    /// Adds a header; an absent value adds nothing.
    mutating func setHeader(_ name: String, _ value: String?) {
        if let value { headers.add(name, value) }
    }

    /// Adds a parameter; an absent value adds nothing.
    mutating func setQuery(_ name: String, _ value: String?) {
        if let value { query.append((name, value)) }
    }
}

extension HTTPResponse {
    /// The value of a header; `nil` when it is absent.
    func header<Value: Leaf>(
        _ name: String, as type: Value.Type = Value.self
    ) throws(AnswerFault) -> Value? {
        guard let text = headers[name] else { return nil }
        guard let value = Value(wire: text) else { throw .unreadable(name, Value.title) }
        return value
    }

    /// The value of a header that no answer lacks.
    func needHeader<Value: Leaf>(
        _ name: String, as type: Value.Type = Value.self
    ) throws(AnswerFault) -> Value {
        guard let value: Value = try header(name) else { throw .missing(name, in: "headers") }
        return value
    }
}

/// The answer of calls that only succeed.
package struct Done: Sendable, Equatable {
    init() {}
}
