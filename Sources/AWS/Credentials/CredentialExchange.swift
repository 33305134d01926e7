// The unsigned requests by which credentials are fetched: short, with one deadline, tried again
// by the same rules as every call.

internal import FoundationEssentials
internal import HTTP

/// Sends a source's requests.
struct CredentialExchange: Sendable {
    let transport: any HTTPTransport
    let surroundings: Surroundings
    let rules: RetryRules
    /// Tokens for retries, shared by all sources.
    let bucket = RetryBucket()

    /// How a source is asked.
    struct Manner: Sendable {
        /// The source, in words.
        let source: String
        /// The time for everything.
        var limit = Duration.seconds(30)
        /// The time for one attempt.
        var attemptLimit = Duration.seconds(10)
        /// Whether an attempt that found nobody is worth another one.
        var repeatsConnections = true
        /// The error code in an answer.
        var code: @Sendable (HTTPResponse) -> String? = { _ in nil }
    }

    /// Sends a request until an answer stands, whatever its status.
    ///
    /// - Throws: ``AccessError`` of kind sourceFailed when no answer came.
    func send(
        _ request: HTTPRequest, _ manner: Manner
    ) async throws(AccessError) -> HTTPResponse {
        let deadline = ContinuousClock.now + manner.limit
        var pass = RetryPass(rules, bucket: bucket, deadline: deadline)
        while true {
            let end = min(deadline, .now + manner.attemptLimit)
            let failure: AccessError
            let decision: RetryDecision
            do throws(HTTPError) {
                let response = try await transport.send(
                    request, to: .bytes(limit: 1 << 20), by: end)
                let kind = RetryKind.of(status: response.status, code: manner.code(response))
                if response.isSuccess { pass.succeeded() }
                if response.isSuccess || kind == nil { return response }
                failure = AccessError(
                    .sourceFailed,
                    "\(manner.source): an error occurred while loading credentials: it answered "
                        + "\(response.status)" + (manner.code(response).map { " " + $0 } ?? ""),
                    hint: "try again later")
                decision = pass.decide(
                    kind, hint: RetryRules.hint(response.headers["x-amz-retry-after"]))
            } catch {
                failure = AccessError(
                    .sourceFailed, "\(manner.source): \(error.message)", hint: error.hint)
                // One attempt may run out of its own time while the source has some left.
                let isSlow =
                    if case .deadline = error { ContinuousClock.now < deadline } else { false }
                decision = pass.decide(
                    (error.isTransient || isSlow) && manner.repeatsConnections ? .transient : nil)
            }
            guard case .retry(let wait) = decision else { throw failure }
            do { try await surroundings.sleep(wait) } catch { throw failure }
        }
    }

    /// A URL that a source is asked at.
    static func url(_ text: String) throws(AccessError) -> HTTPURL {
        do throws(HTTPError) {
            return try HTTPURL(text)
        } catch {
            throw AccessError(.configuration, error.message, hint: error.hint)
        }
    }
}
