// Calls with a fleet's patience. The client tries a call a few times within seconds; what a fleet
// needs must survive minutes of throttling, and the seconds in which AWS does not know yet what it
// has just made itself.

internal import AWS
internal import FoundationEssentials

/// Sends calls, and sends them again for as long as patience lasts.
struct EC2Caller: Sendable {
    let client: AWSClient
    let clock: FleetClock
    /// How long one thing may be asked for.
    var patience = Duration.seconds(180)

    /// Sends a call; being the same value each time, it makes what it makes only once.
    ///
    /// `fresh` says that the call names what was made a moment ago.
    ///
    /// - Throws: ``CallError``.
    func send<Asked: Call>(_ call: Asked, fresh: Bool = false) async throws -> Asked.Answer {
        try await patiently(fresh: fresh) { () async throws(CallError) in
            try await client.send(call)
        }
    }

    /// Sends a call for each of its pages.
    ///
    /// - Throws: ``CallError``.
    func pages<Asked: PagedCall>(of call: Asked) async throws -> [Asked.Answer] {
        try await patiently(fresh: false) { () async throws(CallError) in
            try await client.pages(of: call)
        }
    }

    private func patiently<Answer: Sendable>(
        fresh: Bool, _ send: () async throws(CallError) -> Answer
    ) async throws -> Answer {
        let deadline = clock.elapsed() + patience
        var pause = Duration.seconds(2)
        while true {
            do throws(CallError) {
                return try await send()
            } catch {
                guard Self.mayPass(error) || (fresh && Self.isNotSeenYet(error)),
                    clock.elapsed() + pause < deadline
                else { throw error }
            }
            try await clock.sleep(pause)
            pause = min(pause * 2, .seconds(20))
        }
    }

    /// Whether the client gave up only because it may not try for longer.
    private static func mayPass(_ error: CallError) -> Bool {
        switch error.stop {
        case .attempts, .bucket, .deadline: true
        case .answer, nil: false
        }
    }

    /// Whether AWS does not know, in this corner of it, what it made a moment ago in another.
    static func isNotSeenYet(_ error: CallError) -> Bool {
        isNotSeenYet(code: error.code ?? "", message: error.fault?.message ?? "")
    }

    static func isNotSeenYet(code: String, message: String) -> Bool {
        if code.hasPrefix("InvalidLaunchTemplate") {
            return code.contains("NotFound") || code.contains("DoesNotExist")
        }
        return code == "InvalidParameterValue" && message.contains("IAM Instance Profile")
    }
}
