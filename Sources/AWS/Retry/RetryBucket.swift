// A store of tokens that retries draw from and successes refill. When much fails, it runs dry and
// retries stop, so that we do not add to an outage.

internal import Synchronization

/// The tokens that all calls of one client share.
package final class RetryBucket: Sendable {
    /// Tokens in a full bucket.
    package static let capacity = 500

    private let tokens: Mutex<Int>

    /// A full bucket, or one with fewer tokens.
    package init(_ tokens: Int = RetryBucket.capacity) {
        self.tokens = Mutex(min(tokens, Self.capacity))
    }

    /// The tokens at hand.
    package var level: Int { tokens.withLock { $0 } }

    /// Takes tokens if all of them are there.
    func take(_ count: Int) -> Bool {
        tokens.withLock { tokens in
            guard tokens >= count else { return false }
            tokens -= count
            return true
        }
    }

    /// Gives tokens back, never beyond the capacity.
    func give(_ count: Int) {
        tokens.withLock { $0 = min($0 + count, Self.capacity) }
    }
}
