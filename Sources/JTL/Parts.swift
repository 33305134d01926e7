// Work that falls into parts, done by as many threads as there are processors.

import Dispatch
import Synchronization

/// What `body` makes of `count` things, in their order.
///
/// Several threads take a range of them each, but none fewer than `least`, for which a thread would
/// cost more than it brings.
package func mapped<Result: Sendable>(
    _ count: Int, least: Int, _ body: @Sendable (Range<Int>) -> [Result]
) -> [Result] {
    // More than processors, so that none waits long for the others.
    let parts = min(8, max(1, count / least))
    let results = Mutex<[[Result]]>(Array(repeating: [], count: parts))
    DispatchQueue.concurrentPerform(iterations: parts) { part in
        let result = body(count * part / parts..<count * (part + 1) / parts)
        results.withLock { $0[part] = result }
    }
    return results.withLock { Array($0.joined()) }
}
