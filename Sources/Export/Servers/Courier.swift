// Takes requests to servers until they are answered: what throttles or breaks is asked again after
// a wait, by the rules that calls of AWS have, with more patience. Whatever is sent here may be sent
// twice without harm.

package import AWS
internal import FoundationEssentials
package import HTTP

/// Sends requests with retries.
package struct Courier: Sendable {
    let transport: any HTTPTransport
    let rules: RetryRules
    /// How long one request may be tried.
    private let patience: Duration

    /// The rules for servers that take results in bulk.
    package static let rules: RetryRules = {
        var rules = RetryRules()
        rules.attempts = 10
        rules.hintLimit = .seconds(30)
        return rules
    }()

    /// A courier over a transport.
    package init(
        _ transport: any HTTPTransport, rules: RetryRules = Courier.rules,
        patience: Duration = .seconds(600)
    ) {
        self.transport = transport
        self.rules = rules
        self.patience = patience
    }

    /// The attempts of one request, or of what is left of it.
    ///
    /// With a bucket of its own: a server that throttles all the time is no outage, and is to be
    /// sent all of it.
    func pass() -> RetryPass { RetryPass(rules, bucket: RetryBucket(), deadline: .now + patience) }

    /// The server's answer of success.
    ///
    /// - Throws: ``ExportError``, or `CancellationError`.
    func send(_ request: HTTPRequest, to server: Server) async throws -> HTTPResponse {
        var pass = pass()
        while true {
            let kind: RetryKind?
            var hint: Duration?
            let failure: ExportError
            do throws(HTTPError) {
                let response = try await transport.send(request, within: .seconds(60))
                if response.isSuccess {
                    pass.succeeded()
                    return response
                }
                kind = RetryKind.of(status: response.status, code: nil)
                hint = Self.hint(response.headers["Retry-After"])
                failure = .refused(
                    server.url, status: response.status,
                    reason: server.discreet(Self.reason(in: response.body)))
            } catch {
                if case .cancelled = error { throw CancellationError() }
                let isSlow = if case .deadline = error { true } else { false }
                kind = error.isTransient || isSlow ? .transient : nil
                failure = .unreachable(error)
            }
            guard case .retry(let wait) = pass.decide(kind, hint: hint) else { throw failure }
            try await Task.sleep(for: wait)
        }
    }

    /// Whole seconds of `Retry-After`; a date there counts as absent.
    private static func hint(_ header: String?) -> Duration? {
        guard let header, let seconds = Int64(header), 0..<3600 ~= seconds else { return nil }
        return .seconds(seconds)
    }

    /// The reason that an answer gives: in the JSON of OpenSearch and InfluxDB, or as it stands.
    static func reason(in body: [UInt8]) -> String {
        let data = Data(body)
        if let answer = try? JSONDecoder().decode(Refusal.self, from: data) {
            return answer.error.reason ?? answer.error.type ?? ""
        }
        if let answer = try? JSONDecoder().decode([String: String].self, from: data),
            let text = answer["error"] ?? answer["message"]
        {
            return text
        }
        return String(decoding: body.prefix(2000), as: UTF8.self)
    }

    private struct Refusal: Decodable {
        let error: ServerFault
    }
}

/// An error as OpenSearch tells it.
struct ServerFault: Decodable {
    let type: String?
    let reason: String?
}
