// The retries of one call: how many attempts were made, what they took from the bucket, and
// whether another one may follow. The deadline stands above all: no wait is begun that would
// outlast it.

/// What follows a failed attempt.
package enum RetryDecision: Sendable, Equatable {
    /// Wait this long, then try again.
    case retry(after: Duration)
    /// Give up.
    case stop(RetryStop)
}

/// Why no further attempt follows.
package enum RetryStop: Sendable, Equatable {
    /// The answer stands; another attempt would bring the same.
    case answer
    /// All attempts are used up.
    case attempts(Int)
    /// Too much has failed lately; further attempts would only add to it.
    case bucket
    /// The next attempt would start after the call's deadline.
    case deadline
}

/// The course of one call through its attempts.
///
/// Ask ``decide(_:hint:now:draw:)`` after each failure, and report the end with ``succeeded()``.
package struct RetryPass: Sendable {
    private let rules: RetryRules
    private let bucket: RetryBucket
    private let deadline: ContinuousClock.Instant
    private var lastCost: Int?

    /// Attempts that failed so far.
    package private(set) var failures = 0

    /// Begins a call.
    package init(
        _ rules: RetryRules, bucket: RetryBucket, deadline: ContinuousClock.Instant
    ) {
        self.rules = rules
        self.bucket = bucket
        self.deadline = deadline
    }

    /// What to do after an attempt failed.
    ///
    /// - Parameters:
    ///   - kind: What kind of failure; `nil` when it is not worth another attempt.
    ///   - hint: The server's `x-amz-retry-after`.
    ///   - now: The time.
    ///   - draw: A uniform draw from `0..<1`.
    /// - Returns: Whether to wait and try again, or why not.
    package mutating func decide(
        _ kind: RetryKind?, hint: Duration? = nil, now: ContinuousClock.Instant = .now,
        draw: Double = .random(in: 0..<1)
    ) -> RetryDecision {
        failures += 1
        guard let kind else { return .stop(.answer) }
        guard failures < rules.attempts else { return .stop(.attempts(failures)) }
        let wait = rules.wait(afterFailure: failures, kind, draw: draw, hint: hint)
        guard now + wait < deadline else { return .stop(.deadline) }
        let cost = rules.cost(kind)
        guard bucket.take(cost) else { return .stop(.bucket) }
        lastCost = cost
        return .retry(after: wait)
    }

    /// Refills the bucket: by what the last retry took, or by one when there was none.
    package func succeeded() {
        bucket.give(lastCost ?? 1)
    }
}
