// What a signature is worked out with. Making it anew for each took as long as its hashes.

private import Synchronization

/// A text to write in and a hash to feed.
struct Workbench: ~Copyable, Sendable {
    var text = ByteText()
    var hash: SHA256

    init() throws(SigningError) { hash = try SHA256() }
}

/// Keeps one workbench for whoever comes next; who finds none makes one.
final class SpareWorkbench: Sendable {
    private let spare = Mutex<Workbench?>(nil)

    func lend<Result>(
        _ body: (inout Workbench) throws(SigningError) -> Result
    ) throws(SigningError) -> Result {
        var bench = try take()
        bench.text.removeAll()
        // One that was in use when an error came is not used again: its hash may be half fed.
        let result = try body(&bench)
        var done: Workbench? = consume bench
        spare.withLock { swap(&$0, &done) }
        return result
    }

    private func take() throws(SigningError) -> Workbench {
        switch spare.withLock({ $0.take() }) {
        case .some(let bench): bench
        case .none: try Workbench()
        }
    }
}
