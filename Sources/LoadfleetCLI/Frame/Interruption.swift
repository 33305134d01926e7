// Ctrl-C and SIGTERM: the first asks for an orderly stop, the second ends the waiting.
import Glibc
import Machine
import Synchronization

/// Counts the signals that ask this command to end.
final class Interruption: Sendable {
    private struct State {
        var count = 0
        var first: Int32?
    }

    private let state = Mutex(State())
    private let listener = Mutex<Task<Void, Never>?>(nil)

    /// How often the user has asked.
    var count: Int { state.withLock { $0.count } }

    /// The exit status of a command that was asked to end, or `nil` if it was not.
    var status: ExitStatus? {
        switch state.withLock({ $0.first }) {
        case nil: nil
        case SIGTERM?: .terminated
        case _?: .interrupted
        }
    }

    /// Listens until the command ends; `onSignal` hears which time it is.
    init(onSignal: @escaping @Sendable (Int) async -> Void) {
        let signals = Signals([SIGINT, SIGTERM, SIGHUP])
        listener.withLock { task in
            task = Task { [weak self] in
                for await number in signals.arrivals {
                    guard let self else { return }
                    let count = state.withLock { state in
                        state.count += 1
                        state.first = state.first ?? number
                        return state.count
                    }
                    await onSignal(count)
                }
            }
        }
    }

    deinit { listener.withLock { $0?.cancel() } }
}
