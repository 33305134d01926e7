// Signals sent to this process, as values to iterate over instead of interruptions.

internal import Dispatch
internal import Glibc

/// The signals this process takes itself from now on.
package struct Signals: Sendable {
    /// Each arrival of one of the signals, in order.
    package let arrivals: AsyncStream<Int32>

    /// Takes over the signals; they no longer end the process.
    package init(_ numbers: [Int32]) {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        arrivals = stream
        let sources = numbers.map { number in
            // The default action would come before Dispatch gets to see the signal.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(number) }
            source.resume()
            return UncheckedSource(source)
        }
        continuation.onTermination = { _ in for source in sources { source.cancel() } }
    }
}

/// Keeps a source alive for as long as its stream is.
private final class UncheckedSource: @unchecked Sendable {
    // Safe: Dispatch sources may be canceled from any thread.
    private let source: any DispatchSourceSignal
    init(_ source: any DispatchSourceSignal) { self.source = source }
    func cancel() { source.cancel() }
}
