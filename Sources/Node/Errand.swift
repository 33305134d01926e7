// Errands to the store. What must see a stop, a deadline or a spot notice within a moment never
// waits for a store that hangs: it sends somebody, and looks whether they are back.

internal import Synchronization

/// Work in the background, one piece at a time, on something that changes with it.
final class Errand<State: Sendable>: Sendable {
    private struct Inside {
        var state: State
        var task: Task<Void, Never>?
    }

    private let inside: Mutex<Inside>

    init(_ state: State) { inside = Mutex(Inside(state: state)) }

    /// What the last piece of work that is done has left.
    var state: State { inside.withLock { $0.state } }

    /// Begins a piece of work, unless one is still under way; whether it did.
    @discardableResult
    func send(_ body: @escaping @Sendable (inout State) async -> Void) -> Bool {
        inside.withLock { inside in
            guard inside.task == nil else { return false }
            inside.task = Task { [before = inside.state] in
                var state = before
                await body(&state)
                self.inside.withLock { $0 = Inside(state: state) }
            }
            return true
        }
    }

    /// Waits for the work that is under way.
    func finished() async -> State {
        while let task = inside.withLock({ $0.task }) { await task.value }
        return state
    }
}
