// This room holds what an HTTP request and its answer are, and nothing about how they travel.
// It must never know a library, AWS, or the environment of the process.

/// Something that takes requests to servers.
package protocol HTTPTransport: Sendable {
    /// Sends a request and waits for the whole answer.
    ///
    /// Any status is an answer, no error; redirects are not followed; nothing is sent twice.
    /// Cancelling the task ends the transfer.
    ///
    /// - Throws: ``HTTPError``, by `deadline` at the latest.
    func send(
        _ request: HTTPRequest, to sink: HTTPSink, by deadline: ContinuousClock.Instant
    ) async throws(HTTPError) -> HTTPResponse
}

extension HTTPTransport {
    /// Sends a request that may take `limit` in all.
    ///
    /// - Throws: ``HTTPError``.
    package func send(
        _ request: HTTPRequest, to sink: HTTPSink = .memory, within limit: Duration
    ) async throws(HTTPError) -> HTTPResponse {
        try await send(request, to: sink, by: .now.advanced(by: limit))
    }
}
