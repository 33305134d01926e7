// The attempts of a call. Four things can follow a failure: another attempt after a wait, another
// one at once with the server's time, another one at once with a fresh credential, or the end.

internal import FoundationEssentials
internal import HTTP
internal import SigV4

extension AWSClient {
    /// Makes attempts until one brings an answer of success.
    ///
    /// - Throws: ``CallError`` when no further attempt may follow.
    func next(_ course: inout Course) async throws(CallError) -> HTTPResponse {
        while true {
            switch try await attempt(&course) {
            case .success(let response): return response
            case .refused(let fault, let hint):
                let kind = RetryKind.of(status: fault.status, code: fault.code)
                // Something broke, and nobody knows how far the request had come by then.
                if kind == .transient, [200, 500, 502, 504].contains(fault.status) {
                    course.mayHaveBeenApplied = true
                }
                try await pause(&course, .refused(fault), kind: kind, hint: hint)
            case .failed(let error):
                let canRepeat = error.isTransient || isOnlySlow(error, course)
                try await pause(&course, .unreachable(error), kind: canRepeat ? .transient : nil)
            case .again: continue
            }
        }
    }

    /// Waits before another attempt, or ends the call.
    func pause(
        _ course: inout Course, _ reason: CallError.Reason, kind: RetryKind?,
        hint: Duration? = nil
    ) async throws(CallError) {
        switch course.pass.decide(kind, hint: hint) {
        case .stop(let stop): throw course.error(reason, stop: stop)
        case .retry(let wait):
            do {
                try await sleep(wait)
            } catch {
                throw course.error(.unreachable(.cancelled(course.request.url)), stop: nil)
            }
        }
    }

    /// Whether an attempt ran out of its own time while the call has some left.
    private func isOnlySlow(_ error: HTTPError, _ course: Course) -> Bool {
        guard case .deadline = error else { return false }
        return ContinuousClock.now < course.deadline
    }
}

/// What came of an attempt.
enum Attempt {
    /// An answer of success.
    case success(HTTPResponse)
    /// An error AWS reported.
    case refused(ServiceFault, hint: Duration?)
    /// No whole answer.
    case failed(HTTPError)
    /// The reason of the failure is put right; the next attempt may follow at once.
    case again
}

// MARK: - One attempt

extension AWSClient {
    func attempt(_ course: inout Course) async throws(CallError) -> Attempt {
        let credential = try await credential(for: course)
        let server = course.endpoint.url
        let skew = skews.skew(of: server)
        let sent = SigningTime(clock())
        let request = try signed(course, with: credential, at: skew.signingTime(at: sent))
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try await transport.send(
                request, to: course.sink, by: course.attemptDeadline)
        } catch {
            if error.mayHaveBeenApplied { course.mayHaveBeenApplied = true }
            return .failed(error)
        }
        let shown = skews.learn(
            of: server, from: response.headers, sent: sent, received: SigningTime(clock()))
        guard let fault = fault(in: response, of: course) else { return .success(response) }
        if ClockSkew.explains(fault.code, shown: shown, used: skew.seconds),
            course.corrections.insert("clock").inserted
        {
            return .again
        }
        if Self.endedCodes.contains(fault.code) {
            await credentials.reject(keyID: credential.accessKeyID)
            if course.corrections.insert("credential").inserted,
                try await self.credential(for: course) != credential
            {
                return .again
            }
        }
        return .refused(
            fault.hiding(credential), hint: RetryRules.hint(response.headers["x-amz-retry-after"]))
    }

    /// Codes that say a credential is over, so that a fresh one may do.
    private static let endedCodes: Set<String> = ["ExpiredToken", "ExpiredTokenException"]

    /// The credential to sign with, if it comes before the call's deadline.
    ///
    /// A source that is too slow for this call goes on, since others may wait for it as well.
    func credential(for course: Course) async throws(CallError) -> Credential {
        let (results, found) = AsyncStream.makeStream(of: Result<Credential, AccessError>.self)
        Task { [credentials] in
            do throws(AccessError) {
                found.yield(.success(try await credentials.credential()))
            } catch {
                found.yield(.failure(error))
            }
        }
        let timer = Task {
            try await Task.sleep(until: course.deadline, clock: .continuous)
            found.finish()
        }
        defer { timer.cancel() }
        var next = results.makeAsyncIterator()
        switch await next.next() {
        case .success(let credential): return credential
        case .failure(let error): throw course.error(.access(error), stop: nil)
        case nil where Task.isCancelled:
            throw course.error(.unreachable(.cancelled(course.request.url)), stop: nil)
        case nil:
            throw course.error(
                .access(AccessError(.sourceFailed, "no credentials came before the deadline")),
                stop: .deadline)
        }
    }

    private func signed(
        _ course: Course, with credential: Credential, at time: SigningTime
    ) throws(CallError) -> HTTPRequest {
        let scope = SigningScope(
            region: course.endpoint.region, service: course.api.service.signingName)
        do {
            return try Signer(scope, keys: keys).sign(
                course.request, with: credential, at: time, payload: course.payload)
        } catch {
            throw course.error(.unsendable(error.message, hint: error.hint), stop: nil)
        }
    }

    /// The error in an answer; S3 puts some under the status 200.
    private func fault(in response: HTTPResponse, of course: Course) -> ServiceFault? {
        let dialect = course.api.dialect
        guard response.isSuccess else { return ServiceFault(response, dialect: dialect) }
        // An error is short; what is longer is not read twice for it.
        guard !course.isContent, 1..<65_536 ~= response.body.count else { return nil }
        return ServiceFault(hiddenIn: response, dialect: dialect)
    }
}

extension SigningTime {
    init(_ time: Date) {
        self.init(secondsSince1970: Int64(time.timeIntervalSince1970.rounded(.down)))
    }
}

extension ServiceFault {
    /// The error with a credential's secrets blotted out, should AWS's words repeat them.
    func hiding(_ credential: Credential) -> ServiceFault {
        hiding([credential.secretAccessKey, credential.sessionToken ?? ""])
    }

    /// The error with secrets blotted out.
    func hiding(_ secrets: [String]) -> ServiceFault {
        var message = message
        for secret in secrets where !secret.isEmpty {
            message = message.replacing(secret, with: "…")
        }
        return ServiceFault(
            code: code, message: message, status: status, requestID: requestID,
            bucketRegion: bucketRegion, encodedMessage: encodedMessage,
            isFromService: isFromService)
    }
}
