// What a test may do to a simulated cloud of its own; `utility/simulated-cloud/control` is the same
// for people.

internal import AWS
internal import CurlHTTP
package import FoundationEssentials
internal import HTTP

extension SimulatedCloud {
    /// The bucket that the foundation makes.
    package static let bucket = "loadfleet-123456789012-us-east-1"
    /// The log group that the foundation makes.
    package static let logGroup = "/loadfleet/loadfleet"

    /// A user's key.
    package struct Key: Decodable, Sendable {
        package let key: String
        package let secret: String

        package init(key: String, secret: String) {
            self.key = key
            self.secret = secret
        }
    }

    /// A thing that costs money or has a name.
    package struct Thing: Decodable, Sendable {
        package let kind: String
        package let id: String
        package let tags: [String: String]
        /// The state of what has states, as `running` of an instance.
        package let state: String?
        /// Of an instance, `spot` or `on-demand`.
        package let lifecycle: String?
    }

    /// A call as the cloud's log has it.
    package struct LoggedCall: Decodable, Sendable {
        package let service: String
        package let action: String?
        package let method: String
        package let path: String
        package let body: String
    }

    /// Asks the cloud for what AWS's calls don't give: `_cloud/left`, `_gate/more-rules` and others.
    ///
    /// - Throws: ``CloudFailure``, or an error of the transport.
    @discardableResult
    package func ask(_ path: String, _ given: String = "") async throws -> Data {
        let url = try HTTPURL("\(url())/\(path)")
        let answer = try await CurlTransport().send(
            HTTPRequest("POST", url, body: .bytes(Array(given.utf8))), within: .seconds(60))
        let data = Data(answer.body)
        guard answer.isSuccess else {
            throw CloudFailure(reason: "\(path): \(String(decoding: data, as: UTF8.self))")
        }
        return data
    }

    /// What a control gives, read.
    ///
    /// - Throws: as ``ask(_:_:)``, or `DecodingError`.
    package func ask<Answer: Decodable>(
        _ path: String, _ given: String = "", for type: Answer.Type
    ) async throws -> Answer {
        try JSONDecoder().decode(Answer.self, from: try await ask(path, given))
    }

    /// Another user who may do everything, whose calls can be told from others'.
    package func makeOperator() async throws -> Key {
        try await ask("_cloud/operator", for: Key.self)
    }

    /// Everything that costs money or has a name.
    package func left() async throws -> [Thing] {
        try await ask("_cloud/left", for: [Thing].self)
    }

    /// What the holder of a key has called.
    package func log(of key: Key) async throws -> [LoggedCall] {
        try await ask("_gate/log", #"{"key": "\#(key.key)"}"#, for: [LoggedCall].self)
    }

    /// What anybody has called.
    package func log() async throws -> [LoggedCall] {
        try await ask("_gate/log", for: [LoggedCall].self)
    }

    /// Breaks the calls of a key's holder off at one of them: from there on nothing is answered.
    ///
    /// The call itself is applied or not, those behind it are not. ``isHeld(_:within:)`` tells when.
    package func hold(_ key: Key, atCall number: Int, isApplied: Bool) async throws {
        let fault = isApplied ? "applied-hold" : "hold"
        let match = #""match": {"key": "\#(key.key)"}, "skip": \#(number - 1)"#
        let rules =
            #"[{\#(match), "fault": "\#(fault)"}, {\#(match), "fault": "hold", "count": 100000}]"#
        try await ask("_gate/more-rules", rules)
    }

    /// Whether a call of a key's holder is being held, as soon as one is.
    package func isHeld(_ key: Key, within seconds: Int) async throws -> Bool {
        let held = try await ask(
            "_gate/held", #"{"key": "\#(key.key)", "seconds": \#(seconds)}"#,
            for: [LoggedCall].self)
        return !held.isEmpty
    }

    /// Makes some calls of a key's holder fail; a fault is what `door/faults.py` knows, without
    /// `match`, and `action` the call, or all of a service's.
    package func fail(_ key: Key, service: String, action: String? = nil, _ fault: String)
        async throws
    {
        let action = action.map { #", "action": "\#($0)""# } ?? ""
        let match = #"{"key": "\#(key.key)", "service": "\#(service)"\#(action)}"#
        try await ask("_gate/more-rules", #"[{"match": \#(match), \#(fault)}]"#)
    }

    /// Makes the account's foundation from its template.
    ///
    /// - Throws: `CallError`, or an error of reading the template.
    package func makeFoundation() async throws {
        let client = try client()
        let template = try Data(
            contentsOf: URL(filePath: Self.root + "/environments/cloudformation/foundation.yaml"))
        let network = try await client.pages(of: DescribeVpcs()).flatMap(\.vpcs)
            .first(where: \.isDefault)
        guard let network else { throw CloudFailure(reason: "it has no network") }
        let source = StackSource(
            template: String(decoding: template, as: UTF8.self),
            parameters: [StackParameter("VpcId", network.vpcID)],
            capabilities: ["CAPABILITY_IAM"])
        _ = try await client.send(
            CreateStack(
                name: "loadfleet", source: source,
                clientToken: ClientToken("foundation-of-tests")))
    }
}
