package import HTTP

/// The HTTP transport over libcurl.
package final class CurlTransport: HTTPTransport {
    /// Starts a transport with its own connections.
    ///
    /// - Throws: ``HTTPError/library(_:)``.
    package init(_ configuration: CurlConfiguration = CurlConfiguration()) throws(HTTPError) {
    }

    package func send(
        _ request: HTTPRequest, to sink: HTTPSink, by deadline: ContinuousClock.Instant
    ) async throws(HTTPError) -> HTTPResponse {
        throw .library("not there yet")
    }
}
