// The course of one call through its attempts: what is sent, and what is remembered in between.

internal import HTTP
internal import SigV4

/// One call under way.
struct Course: Sendable {
    let operation: String
    let api: ServiceAPI
    let endpoint: Endpoint
    let deadline: ContinuousClock.Instant
    var pass: RetryPass
    /// The request without a signature.
    var request = HTTPRequest("GET", HTTPURL(scheme: .https, host: "invalid"))
    /// The body's hash, computed once.
    var payload = PayloadHash.computed
    /// Where the answer goes.
    var sink = HTTPSink.memory
    /// Whether the answer's body is an object, not AWS's words.
    var isContent = false
    /// Whether an attempt may have been carried out though its answer was lost.
    var mayHaveBeenApplied = false
    /// What was put right already, each thing once: the clock, the credential.
    var corrections: Set<String> = []

    init(
        operation: String, api: ServiceAPI, endpoint: Endpoint,
        deadline: ContinuousClock.Instant, pass: RetryPass
    ) {
        self.operation = operation
        self.api = api
        self.endpoint = endpoint
        self.deadline = deadline
        self.pass = pass
    }

    /// The deadline of the next attempt, so that a server that says nothing does not use up the
    /// whole call: half a minute, and a second more for each 64 KiB that is sent, which is slower
    /// than any line a fleet is started from.
    var attemptDeadline: ContinuousClock.Instant {
        let sending = Duration.seconds(30 + (request.body.count >> 16))
        if case .file = sink { return deadline }
        return min(deadline, .now + sending)
    }

    /// Reports the end, so that the bucket of retries refills.
    func succeeded() { pass.succeeded() }

    /// The error that ends the call.
    func error(_ reason: CallError.Reason, stop: RetryStop?) -> CallError {
        CallError(
            reason: reason, operation: operation, service: api.service, region: endpoint.region,
            stop: stop, attempts: pass.failures, mayHaveBeenApplied: mayHaveBeenApplied)
    }
}
