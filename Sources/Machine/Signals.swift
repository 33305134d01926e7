// Signals sent to this process, as values to iterate over instead of interruptions.

internal import Dispatch
internal import Glibc
internal import Synchronization

/// The signals this process takes itself from now on.
///
/// Several may listen to one signal, at once or one after another: each hears of it.
package struct Signals: Sendable {
    /// Each arrival of one of the signals, in order.
    package let arrivals: AsyncStream<Int32>

    /// Takes over the signals; they no longer end the process.
    package init(_ numbers: [Int32]) {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        arrivals = stream
        let listener = SignalHub.shared.add(continuation, to: numbers)
        continuation.onTermination = { _ in SignalHub.shared.remove(listener) }
    }
}

/// The one place of the process where signals arrive.
///
/// Of two sources for one signal Dispatch would serve neither reliably, and a source that is
/// canceled takes the signal from those beside it.
private final class SignalHub: Sendable {
    static let shared = SignalHub()

    private struct State {
        var sources: [Int32: UncheckedSource] = [:]
        var listeners: [Int: (numbers: [Int32], continuation: AsyncStream<Int32>.Continuation)] =
            [:]
        var next = 0
    }

    private let state = Mutex(State())

    func add(_ continuation: AsyncStream<Int32>.Continuation, to numbers: [Int32]) -> Int {
        state.withLock { state in
            for number in numbers where state.sources[number] == nil {
                state.sources[number] = source(for: number)
            }
            state.next += 1
            state.listeners[state.next] = (numbers, continuation)
            return state.next
        }
    }

    func remove(_ listener: Int) { state.withLock { $0.listeners[listener] = nil } }

    private func source(for number: Int32) -> UncheckedSource {
        // The default action would come before Dispatch gets to see the signal.
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler { [weak self] in
            let listeners = self?.state.withLock { Array($0.listeners.values) } ?? []
            for listener in listeners where listener.numbers.contains(number) {
                listener.continuation.yield(number)
            }
        }
        source.resume()
        return UncheckedSource(source)
    }
}

/// Keeps a source alive for as long as the process is.
private final class UncheckedSource: @unchecked Sendable {
    // Safe: it is only kept.
    private let source: any DispatchSourceSignal
    init(_ source: any DispatchSourceSignal) { self.source = source }
}
