// Ctrl-C and SIGTERM: the first asks for an orderly stop, the second ends the waiting.
import Glibc
import Machine
import Synchronization

/// Counts the signals that ask this command to end.
final class Interruption: Sendable {
    private struct State {
        var count = 0
        var first: Int32?
        var answer: @Sendable (Int) async -> Void
    }

    private let state: Mutex<State>
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
    init(onSignal answer: @escaping @Sendable (Int) async -> Void) {
        state = Mutex(State(answer: answer))
        let signals = Signals([SIGINT, SIGTERM, SIGHUP])
        listener.withLock { task in
            task = Task { [weak self] in
                for await number in signals.arrivals {
                    guard let self else { return }
                    let (count, answer) = state.withLock { state in
                        state.count += 1
                        state.first = state.first ?? number
                        return (state.count, state.answer)
                    }
                    await answer(count)
                }
            }
        }
    }

    /// Answers in another way from now on, and at once if the user has asked already.
    func answer(with answer: @escaping @Sendable (Int) async -> Void) async {
        let count = state.withLock { state in
            state.answer = answer
            return state.count
        }
        if count > 0 { await answer(1) }
    }

    deinit { listener.withLock { $0?.cancel() } }
}
