// The transport over libcurl. Its life is the life of its connections: one thread runs them and
// ends when the transport is gone.
//
// This room is the only one that sees libcurl. It must never know what a request means.

package import HTTP
private import Synchronization

/// Requests over libcurl: connections used again, a limit of transfers at once, none in memory
/// that goes between a file and the network.
package final class CurlTransport: HTTPTransport {
    private let configuration: CurlConfiguration
    private let loop: TransferLoop
    private let ids = Atomic<UInt64>(0)

    /// Starts a transport with its own connections.
    ///
    /// - Throws: ``HTTPError/library(_:)``.
    package init(_ configuration: CurlConfiguration = CurlConfiguration()) throws(HTTPError) {
        self.configuration = configuration
        loop = try TransferLoop(maximumTransfers: configuration.maximumTransfers)
        try loop.startThread()
    }

    deinit { loop.close() }

    package func send(
        _ request: HTTPRequest, to sink: HTTPSink, by deadline: ContinuousClock.Instant
    ) async throws(HTTPError) -> HTTPResponse {
        guard !Task.isCancelled else { throw .cancelled(request.url) }
        guard deadline > .now else { throw .deadline(request.url, sent: false) }
        let id = ids.wrappingAdd(1, ordering: .relaxed).newValue
        let outcome: Transfer.Outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                do throws(HTTPError) {
                    loop.start(
                        try Transfer(request, id: id, to: sink, by: deadline, configuration) {
                            continuation.resume(returning: $0)
                        })
                } catch {
                    continuation.resume(returning: .failure(error))
                }
                // Before the transfer was in the inbox a cancellation found nothing to cancel.
                if Task.isCancelled { loop.cancel(id) }
            }
        } onCancel: {
            loop.cancel(id)
        }
        return try outcome.get()
    }
}
