// A transport that answers from a script and keeps what it was asked.

import HTTP
import SigV4
import Synchronization

@testable import AWS

final class ScriptedTransport: HTTPTransport {
    private let script: Mutex<[Result<HTTPResponse, HTTPError>]>
    private let kept = Mutex<[HTTPRequest]>([])

    /// The last answer is given again and again.
    init(_ script: Result<HTTPResponse, HTTPError>...) { self.script = Mutex(script) }

    var asked: [HTTPRequest] { kept.withLock { $0 } }

    func send(
        _ request: HTTPRequest, to sink: HTTPSink, by deadline: ContinuousClock.Instant
    ) async throws(HTTPError) -> HTTPResponse {
        kept.withLock { $0.append(request) }
        return try script.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }.get()
    }
}

/// Credentials that are replaced when they are rejected.
actor RenewedCredential: CredentialProvider {
    private var number = 1
    private(set) var rejected: [String] = []

    func credential() async throws(AccessError) -> Credential {
        Credential(
            accessKeyID: "AKIAEXAMPLE00000\(number)", secretAccessKey: "secret-canary",
            sessionToken: "token-canary/+=")
    }

    func reject(keyID: String) async {
        rejected.append(keyID)
        number += 1
    }
}

extension AWSClient {
    /// A client of AWS itself whose transport answers from a script, and who does not really wait.
    static func scripted(
        _ transport: ScriptedTransport, region: String = "eu-west-1",
        credentials: any CredentialProvider = RenewedCredential(), waits: Waits = Waits()
    ) -> AWSClient {
        AWSClient(
            endpoints: { service in
                Endpoint(
                    url: "https://\(service.endpointPrefix).\(region).amazonaws.com",
                    configuredBy: nil, service: service, region: region)
            }, credentials: credentials, transport: transport,
            sleep: { waits.add($0) })
    }
}

/// The waits a client made.
final class Waits: Sendable {
    private let kept = Mutex<[Duration]>([])
    var all: [Duration] { kept.withLock { $0 } }
    func add(_ wait: Duration) { kept.withLock { $0.append(wait) } }
}

extension Result<HTTPResponse, HTTPError> {
    static func answer(
        _ status: Int, _ body: String = "", _ headers: HTTPHeaders = [:]
    ) -> Self {
        .success(HTTPResponse(status: status, headers: headers, body: Array(body.utf8)))
    }
}
