// Sends calls: finds the endpoint, signs, sends, reads, and tries again where that is right.
//
// A call has one deadline for everything. Each attempt is signed anew, at the time the server's
// clock is known to show, since a signature does not outlive a wait. A call is a value, so its
// client token is the same in every attempt.

package import FoundationEssentials
package import HTTP
package import SigV4
internal import Synchronization

/// Gives the credential to sign with.
package protocol CredentialProvider: Sendable {
    /// The credential to sign with now.
    ///
    /// - Throws: ``AccessError`` when there is none.
    func credential() async throws(AccessError) -> Credential
    /// Reports that AWS no longer takes a credential.
    func reject(keyID: String) async
}

/// Sends calls to AWS's services.
package struct AWSClient: Sendable {
    let credentials: any CredentialProvider
    let transport: any HTTPTransport
    let rules: RetryRules
    let bucket = RetryBucket()
    let keys = SigningKeys()
    let skews = SkewMemory()
    let clock: @Sendable () -> Date
    let sleep: @Sendable (Duration) async throws -> Void
    let endpoints: @Sendable (AWSService) throws(AccessError) -> Endpoint

    /// A client.
    ///
    /// - Parameters:
    ///   - endpoints: Where a service is called.
    ///   - credentials: Whose credentials sign.
    ///   - transport: What carries requests.
    ///   - rules: How often and after which waits a call is tried again.
    ///   - clock: This machine's time of day.
    ///   - sleep: Waits before another attempt.
    package init(
        endpoints: @escaping @Sendable (AWSService) throws(AccessError) -> Endpoint,
        credentials: any CredentialProvider, transport: any HTTPTransport,
        rules: RetryRules = RetryRules(), clock: @escaping @Sendable () -> Date = { Date() },
        sleep: @escaping @Sendable (Duration) async throws -> Void = {
            try await Task.sleep(for: $0)
        }
    ) {
        self.endpoints = endpoints
        self.credentials = credentials
        self.transport = transport
        self.rules = rules
        self.clock = clock
        self.sleep = sleep
    }

    /// A client as the user configured AWS: region, endpoints, retries, clock.
    ///
    /// - Throws: ``AccessError`` when a setting of retries makes no sense.
    package init(
        _ configuration: AWSConfiguration, credentials: any CredentialProvider,
        transport: any HTTPTransport
    ) throws(AccessError) {
        self.init(
            endpoints: { service throws(AccessError) in try configuration.endpoint(of: service) },
            credentials: credentials, transport: transport,
            rules: try configuration.retryRules(), clock: configuration.surroundings.now,
            sleep: configuration.surroundings.sleep)
    }

    /// Sends a call and reads its answer.
    ///
    /// `limit` is the time for everything: all attempts, and the waits between them.
    ///
    /// - Throws: ``CallError``.
    package func send<Asked: Call>(
        _ call: Asked, within limit: Duration = .seconds(60)
    ) async throws(CallError) -> Asked.Answer {
        var course = try course(of: Asked.self, call.request, within: limit)
        while true {
            let response = try await next(&course)
            do {
                let answer = try Asked.answer(response)
                course.succeeded()
                return answer
            } catch {
                // A whole answer that makes no sense was not AWS's; the next one may be.
                course.mayHaveBeenApplied = true
                try await pause(&course, .unreadable(error.what), kind: .transient)
            }
        }
    }

    /// Sends a call for each of its pages and gives all answers; `limit` is for each page.
    ///
    /// - Throws: ``CallError``.
    package func pages<Asked: PagedCall>(
        of call: Asked, within limit: Duration = .seconds(60)
    ) async throws(CallError) -> [Asked.Answer] {
        var call = call
        var answers: [Asked.Answer] = []
        while true {
            let answer = try await send(call, within: limit)
            answers.append(answer)
            // CloudWatch Logs ends its pages by repeating the token it was asked with.
            guard let token = Asked.nextToken(of: answer), token != call.nextToken else {
                return answers
            }
            call.nextToken = token
        }
    }

    func endpoint<Asked: Call>(of type: Asked.Type) throws(CallError) -> Endpoint {
        do {
            return try endpoints(Asked.api.service)
        } catch {
            throw CallError(
                reason: .access(error), operation: Asked.name, service: Asked.api.service,
                region: nil, stop: nil, attempts: 0, mayHaveBeenApplied: false)
        }
    }

    func course<Asked: Call>(
        of type: Asked.Type, _ request: CallRequest, within limit: Duration
    ) throws(CallError) -> Course {
        let endpoint = try endpoint(of: type)
        let deadline = ContinuousClock.now + limit
        var course = Course(
            operation: Asked.name, api: Asked.api, endpoint: endpoint, deadline: deadline,
            pass: RetryPass(rules, bucket: bucket, deadline: deadline))
        do throws(HTTPError) {
            course.request = try endpoint.request(request)
        } catch {
            throw course.error(.unsendable(error.message, hint: error.hint), stop: nil)
        }
        do throws(SigningError) {
            // Hashing a large file once is enough for all attempts.
            course.payload = try .of(course.request.body)
        } catch {
            throw course.error(.unsendable(error.message, hint: error.hint), stop: nil)
        }
        course.isContent = Asked.self is GetObject.Type
        return course
    }
}

/// What is known of servers' clocks, one for each endpoint of a client.
final class SkewMemory: Sendable {
    private let skews = Mutex<[String: ClockSkew]>([:])
    private let latest = Mutex(ClockSkew())

    /// What is known of a server's clock.
    func skew(of server: String) -> ClockSkew {
        skews.withLock { $0[server] ?? ClockSkew() }
    }

    /// What is known of a server's clock, or else of the one that answered last: when most of them
    /// agree, it is our own that is wrong.
    func likelySkew(of server: String) -> ClockSkew {
        skews.withLock { $0[server] } ?? latest.withLock { $0 }
    }

    /// Learns from an answer; the offset it shows.
    func learn(
        of server: String, from headers: HTTPHeaders, sent: SigningTime, received: SigningTime
    ) -> Int64? {
        let (skew, shown) = skews.withLock { skews in
            let shown = skews[server, default: ClockSkew()].learn(
                from: headers, sent: sent, received: received)
            return (skews[server], shown)
        }
        if let skew, shown != nil { latest.withLock { $0 = skew } }
        return shown
    }
}
