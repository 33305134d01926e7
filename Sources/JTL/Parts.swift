// Work that falls into parts, done by as many threads as there are processors.

import Dispatch
import Synchronization

/// Calls `body` with the ranges into which `count` things fall.
///
/// Several threads take a range of them each, but none fewer than `least`, for which a thread would
/// cost more than it brings.
package func forEachPart(of count: Int, least: Int, _ body: @Sendable (Range<Int>) -> Void) {
    // More than processors, so that none waits long for the others.
    let parts = min(8, max(1, count / least))
    DispatchQueue.concurrentPerform(iterations: parts) { part in
        body(count * part / parts..<count * (part + 1) / parts)
    }
}

/// What `body` makes of `count` things, in their order.
///
/// Divided as ``forEachPart(of:least:_:)`` does it.
package func mapped<Result: Sendable>(
    _ count: Int, least: Int, _ body: @Sendable (Range<Int>) -> [Result]
) -> [Result] {
    let results = Mutex<[Int: [Result]]>([:])
    forEachPart(of: count, least: least) { range in
        let result = body(range)
        results.withLock { $0[range.lowerBound] = result }
    }
    return results.withLock { $0.sorted { $0.key < $1.key }.flatMap(\.value) }
}
