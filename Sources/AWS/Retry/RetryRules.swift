// The numbers and the formula of retries: full jitter under a doubling ceiling, as in the newest
// rules AWS's SDKs share ("standard" mode, version 2.1).

/// How often and after which waits a call is tried again.
package struct RetryRules: Sendable, Equatable {
    /// Attempts in all, the first included.
    package var attempts = 3
    /// The ceiling of the first wait after a transient failure.
    package var transientBase = Duration.milliseconds(50)
    /// The ceiling of the first wait after throttling.
    package var throttlingBase = Duration.seconds(1)
    /// No wait's own ceiling exceeds this.
    package var cap = Duration.seconds(20)
    /// By how much a server's `x-amz-retry-after` may lengthen a wait.
    package var hintLimit = Duration.seconds(5)
    /// What a retry takes from the bucket after a transient failure.
    package var transientCost = 14
    /// What a retry takes from the bucket after throttling.
    package var throttlingCost = 5

    /// The shared rules with their usual numbers.
    package init() {}

    /// The wait before the next attempt.
    ///
    /// - Parameters:
    ///   - failures: How many attempts have failed so far, at least 1.
    ///   - kind: What the last failure was.
    ///   - draw: A uniform draw from `0..<1`.
    ///   - hint: The server's `x-amz-retry-after`, see ``hint(_:)``.
    /// - Returns: `draw * min(base * 2^(failures - 1), cap)`, then clamped so that a hint is
    ///   honored but lengthens the wait by at most ``hintLimit``.
    package func wait(
        afterFailure failures: Int, _ kind: RetryKind, draw: Double, hint: Duration? = nil
    ) -> Duration {
        let wait = ceiling(afterFailure: failures, kind) * draw
        guard let hint else { return wait }
        return max(wait, min(hint, wait + hintLimit))
    }

    /// The longest wait that can be drawn.
    package func ceiling(afterFailure failures: Int, _ kind: RetryKind) -> Duration {
        var ceiling = kind == .throttling ? throttlingBase : transientBase
        for _ in 1..<max(failures, 1) where ceiling < cap { ceiling *= 2 }
        return min(ceiling, cap)
    }

    /// What one more attempt takes from the bucket.
    package func cost(_ kind: RetryKind) -> Int {
        kind == .throttling ? throttlingCost : transientCost
    }

    /// Reads `x-amz-retry-after`, whole milliseconds; anything else counts as absent.
    package static func hint(_ header: String?) -> Duration? {
        guard let header, let milliseconds = Int64(header), milliseconds >= 0 else { return nil }
        return .milliseconds(milliseconds)
    }
}
