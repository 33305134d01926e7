import Testing

@testable import AWS

@Suite struct RetryTests {
    private let never = ContinuousClock.now + .seconds(1_000_000)

    /// The table of the shared rules, version 2.1: the full ceiling, since the draw is 1.
    @Test func `ceilings double from 50 ms, or from 1 s after throttling, up to 20 s`() {
        let rules = RetryRules()
        let transient = (1...11).map { rules.wait(afterFailure: $0, .transient, draw: 1) }
        #expect(
            transient
                == [50, 100, 200, 400, 800, 1600, 3200, 6400, 12800, 20000, 20000].map {
                    .milliseconds($0)
                })
        let throttling = (1...7).map { rules.wait(afterFailure: $0, .throttling, draw: 1) }
        #expect(throttling == [1, 2, 4, 8, 16, 20, 20].map { .seconds($0) })
        #expect(rules.wait(afterFailure: 1_000_000, .transient, draw: 1) == .seconds(20))
    }

    @Test(arguments: [
        ("1500", 1500), ("0", 50), ("10000", 5050), ("invalid", 50), ("-100", 50),
        ("99999999999999999999", 50), ("", 50), ("1.5", 50),
    ])
    func `the server's hint lengthens a wait by at most five seconds`(
        header: String, milliseconds: Int
    ) {
        let wait = RetryRules().wait(
            afterFailure: 1, .transient, draw: 1, hint: RetryRules.hint(header))
        #expect(wait == .milliseconds(milliseconds))
    }

    @Test func `10,000 draws follow the formula`() {
        var generator = SplitMix(state: 42)
        let rules = RetryRules()
        for kind in [RetryKind.transient, .throttling] {
            for failures in 1...6 {
                let ceiling = rules.ceiling(afterFailure: failures, kind) / .seconds(1)
                var bins = [Int](repeating: 0, count: 20)
                var sum = 0.0
                for _ in 0..<10_000 {
                    let draw = Double.random(in: 0..<1, using: &generator)
                    let wait =
                        rules.wait(afterFailure: failures, kind, draw: draw) / .seconds(1)
                    #expect(abs(wait - draw * ceiling) < 1e-9)
                    bins[min(Int(wait / ceiling * 20), 19)] += 1
                    sum += wait
                }
                // Uniform: 500 a bin with a deviation of 22, and the mean is half the ceiling.
                #expect(bins.allSatisfy { abs($0 - 500) < 110 }, "\(bins)")
                #expect(abs(sum / 10_000 - ceiling / 2) < ceiling * 0.02)
            }
        }
    }

    @Test func `the default draw is uniform, too`() {
        let bucket = RetryBucket()
        var waits: [Duration] = []
        for _ in 0..<10_000 {
            var pass = RetryPass(RetryRules(), bucket: bucket, deadline: never)
            if case .retry(let wait) = pass.decide(.throttling) { waits.append(wait) }
            pass.succeeded()
        }
        #expect(waits.count == 10_000)
        #expect(waits.allSatisfy { $0 >= .zero && $0 < .seconds(1) })
        let mean = waits.reduce(Duration.zero, +) / .seconds(1) / 10_000
        #expect(abs(mean - 0.5) < 0.02)
    }

    @Test func `three attempts, and what they take from the bucket comes back with success`() {
        let bucket = RetryBucket()
        var pass = RetryPass(RetryRules(), bucket: bucket, deadline: never)
        #expect(pass.decide(.transient, draw: 1) == .retry(after: .milliseconds(50)))
        #expect(bucket.level == 486)
        #expect(pass.decide(.throttling, draw: 1) == .retry(after: .seconds(2)))
        #expect(bucket.level == 481)
        pass.succeeded()
        // Only the last retry's tokens come back, as the shared rules have it.
        #expect(bucket.level == 486)
        var second = RetryPass(RetryRules(), bucket: bucket, deadline: never)
        #expect(second.decide(.transient, draw: 0) == .retry(after: .zero))
        #expect(second.decide(.transient, draw: 0) == .retry(after: .zero))
        #expect(second.decide(.transient, draw: 0) == .stop(.attempts(3)))
        #expect(bucket.level == 458)
        RetryPass(RetryRules(), bucket: bucket, deadline: never).succeeded()
        #expect(bucket.level == 459)
    }

    @Test func `a bucket that cannot pay stops retries, and never overflows`() {
        let bucket = RetryBucket(14)
        var pass = RetryPass(RetryRules(), bucket: bucket, deadline: never)
        #expect(pass.decide(.transient, draw: 0) == .retry(after: .zero))
        #expect(pass.decide(.transient, draw: 0) == .stop(.bucket))
        let full = RetryBucket()
        RetryPass(RetryRules(), bucket: full, deadline: never).succeeded()
        #expect(full.level == 500)
    }

    @Test func `no wait outlasts the deadline, and none is paid for`() {
        let bucket = RetryBucket()
        let now = ContinuousClock.now
        var pass = RetryPass(RetryRules(), bucket: bucket, deadline: now + .milliseconds(500))
        #expect(pass.decide(.throttling, now: now, draw: 0.9) == .stop(.deadline))
        #expect(bucket.level == 500)
        var hinted = RetryPass(RetryRules(), bucket: bucket, deadline: now + .seconds(2))
        #expect(
            hinted.decide(.transient, hint: .seconds(4), now: now, draw: 0) == .stop(.deadline))
        var close = RetryPass(RetryRules(), bucket: bucket, deadline: now + .seconds(2))
        #expect(
            close.decide(.transient, hint: .seconds(1), now: now, draw: 0)
                == .retry(after: .seconds(1)))
    }

    @Test func `an answer is no failure to repeat`() {
        var pass = RetryPass(RetryRules(), bucket: RetryBucket(), deadline: never)
        #expect(pass.decide(nil) == .stop(.answer))
    }

    @Test(
        arguments: [
            (400, "Throttling", RetryKind.throttling), (400, "ThrottlingException", .throttling),
            (503, "RequestLimitExceeded", .throttling), (503, "SlowDown", .throttling),
            (400, "TooManyRequestsException", .throttling), (429, nil, .throttling),
            (400, "PriorRequestNotComplete", .throttling), (400, "RequestTimeout", .transient),
            (200, "InternalError", .transient), (500, nil, .transient), (502, nil, .transient),
            (503, nil, .transient), (504, nil, .transient), (500, "SomethingNew", .transient),
            (400, "IDPCommunicationError", .transient), (501, nil, nil), (404, nil, nil),
            (409, "ConditionalRequestConflict", .transient), (412, "PreconditionFailed", nil),
            (400, "ValidationError", nil), (403, "ExpiredToken", nil),
            (412, "DryRunOperation", nil),
            (500, "InsufficientInstanceCapacity", nil), (400, "LimitExceededException", nil),
            (400, "MaxSpotInstanceCountExceeded", nil), (409, "VcpuLimitExceeded", nil),
        ] as [(Int, String?, RetryKind?)])
    func `codes come before statuses, capacity and quotas are answers`(
        status: Int, code: String?, kind: RetryKind?
    ) {
        #expect(RetryKind.of(status: status, code: code) == kind)
    }
}

/// A small generator with a seed, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
