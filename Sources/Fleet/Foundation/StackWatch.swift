// Follows what CloudFormation does to a stack by its events. They tell the end as well: a stack's
// status may still be the old one for a moment after a change has begun.

internal import AWS

/// How far a change of a stack is.
package struct StackProgress: Sendable, Equatable {
    /// How many resources are done.
    package let done: Int
    /// The latest event, as in `Store CREATE_COMPLETE`.
    package let latest: String
    /// Since when it has been going on.
    package let elapsed: Duration
}

/// Watches one stack from a moment on.
struct StackWatch: Sendable {
    private static let kind = "AWS::CloudFormation::Stack"

    let caller: EC2Caller
    /// The stack's id: after a removal it is not found by its name.
    let stackID: String
    /// The events that were there before; `nil` when the stack is new.
    private let lastBefore: String?

    /// Notes where the stack's events are now.
    ///
    /// - Throws: ``CallError``.
    init(_ stackID: String, caller: EC2Caller) async throws {
        self.caller = caller
        self.stackID = stackID
        lastBefore = try await caller.send(DescribeStackEvents(name: stackID)).events.first?.id
    }

    /// Waits for the end of what was begun after this watch; the stack's status then.
    ///
    /// - Throws: ``FoundationError/failed(_:)``, ``FoundationError/late(after:status:)``, or
    ///   ``CallError``.
    func end(
        within limit: Duration, onProgress: @Sendable (StackProgress) -> Void
    ) async throws -> String {
        let begin = caller.clock.elapsed()
        var pause = Duration.seconds(1)
        while true {
            let events = try await news()
            let own = events.last { $0.resourceType == Self.kind && stackID == $0.stackID }
            if let status = own?.status, !status.hasSuffix("_IN_PROGRESS") {
                let isGood = status.hasSuffix("_COMPLETE") && !status.contains("ROLLBACK")
                guard isGood else { throw failure(events, status: status) }
                return status
            }
            let elapsed = caller.clock.elapsed() - begin
            guard elapsed < limit else {
                throw FoundationError.late(after: limit, status: own?.status ?? "not begun")
            }
            if let latest = events.last {
                let done = events.filter {
                    $0.resourceType != Self.kind && $0.status?.hasSuffix("_COMPLETE") == true
                }
                onProgress(
                    StackProgress(
                        done: Set(done.map(\.resource)).count,
                        latest: "\(latest.resource ?? "stack") \(latest.status ?? "")",
                        elapsed: elapsed))
            }
            try await caller.clock.sleep(pause)
            pause = min(pause * 2, .seconds(5))
        }
    }

    /// The events since the beginning, oldest first.
    private func news() async throws -> [StackEvent] {
        var call = DescribeStackEvents(name: stackID)
        var events: [StackEvent] = []
        while true {
            let page = try await caller.send(call)
            events += page.events.prefix { $0.id != lastBefore }
            guard page.events.allSatisfy({ $0.id != lastBefore }),
                let token = DescribeStackEvents.nextToken(of: page)
            else { return events.reversed() }
            call.nextToken = token
        }
    }

    private func failure(_ events: [StackEvent], status: String) -> FoundationError {
        let first = events.first { $0.status?.hasSuffix("_FAILED") == true }
        return .failed(
            StackFailure(
                status: status, resource: first?.resource, resourceType: first?.resourceType,
                reason: first?.reason ?? events.last { $0.reason != nil }?.reason))
    }
}
