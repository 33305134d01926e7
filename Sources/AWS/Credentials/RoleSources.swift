// Credentials of a role, from STS: with credentials that are at hand, or with a token of an
// identity provider outside AWS.

internal import FoundationEssentials
internal import HTTP
internal import SigV4

/// Credentials of a role that other credentials open.
struct RoleSource: CredentialSource {
    let step: RoleStep
    let base: any CredentialSource
    let configuration: AWSConfiguration
    let exchange: CredentialExchange

    func grant() async throws(AccessError) -> Grant {
        let base = try await base.grant()
        let endpoint = try configuration.endpoint(of: .sts)
        let client = AWSClient(
            endpoints: { _ in endpoint }, credentials: FixedProvider(fixed: base.credential),
            transport: exchange.transport, rules: exchange.rules,
            clock: configuration.surroundings.now, sleep: configuration.surroundings.sleep)
        let now = configuration.surroundings.now()
        let call = AssumeRole(
            roleARN: step.roleARN, sessionName: step.sessionName ?? sessionName(at: now),
            durationSeconds: step.seconds, externalID: step.externalID)
        do throws(CallError) {
            return Grant(
                try await client.send(call, within: .seconds(30)),
                source: "role \(step.roleARN) with \(base.source)")
        } catch {
            throw failure(error)
        }
    }

    private func failure(_ error: CallError) -> AccessError {
        switch error.reason {
        case .access(let error): error
        case .refused(let fault) where RetryKind.of(status: fault.status, code: fault.code) == nil:
            AccessError(
                .refused, "role \(step.roleARN): \(error.message)",
                hint: error.hint ?? "check the role's trust policy")
        default:
            AccessError(.sourceFailed, "role \(step.roleARN): \(error.message)", hint: error.hint)
        }
    }
}

/// A name for a session that says who opened it and when.
func sessionName(at time: Date) -> String {
    "loadfleet-\(Int(time.timeIntervalSince1970))"
}

/// One credential that never changes.
private struct FixedProvider: CredentialProvider {
    let fixed: Credential

    func credential() async throws(AccessError) -> Credential { fixed }
    func reject(keyID: String) async {}
}

extension Grant {
    /// The credentials STS gave.
    init(_ session: SessionCredentials, source: String) {
        // arn:aws:sts::123456789012:assumed-role/name/session
        let parts = (session.arn ?? "").split(separator: ":", omittingEmptySubsequences: false)
        self.init(
            Credential(
                accessKeyID: session.accessKeyID, secretAccessKey: session.secretAccessKey,
                sessionToken: session.sessionToken),
            expiration: session.expiration, account: parts.count > 4 ? String(parts[4]) : nil,
            source: source)
    }
}

/// Credentials of a role that a token opens.
///
/// The request carries no signature.
struct WebIdentitySource: CredentialSource {
    let identity: WebIdentity
    let configuration: AWSConfiguration
    let exchange: CredentialExchange

    func grant() async throws(AccessError) -> Grant {
        let source = "web identity token for \(identity.roleARN)"
        let surroundings = configuration.surroundings
        let path = surroundings.path(identity.tokenFile)
        guard let bytes = try surroundings.file(path) else {
            throw AccessError(
                .configuration, "\(source): there is no file \(path)",
                hint: "check web_identity_token_file or AWS_WEB_IDENTITY_TOKEN_FILE")
        }
        let token = String(decoding: bytes, as: UTF8.self).trimmed
        let endpoint = try configuration.endpoint(of: .sts)
        let fields = [
            ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"),
            ("RoleArn", identity.roleARN),
            ("RoleSessionName", identity.sessionName ?? sessionName(at: surroundings.now())),
            ("WebIdentityToken", token),
        ]
        let body = fields.map { $0 + "=" + PercentCoding.encode($1) }.joined(separator: "&")
        let response = try await exchange.send(
            HTTPRequest(
                "POST", try CredentialExchange.url(endpoint.url + "/"),
                headers: ["Content-Type": "application/x-www-form-urlencoded"],
                body: .bytes(Array(body.utf8))),
            .init(source: source) { ServiceFault($0, dialect: .query(version: "2011-06-15")).code })
        guard response.isSuccess else {
            let fault = ServiceFault(response, dialect: .query(version: "2011-06-15"))
                .hiding([token])
            throw AccessError(
                .refused, "\(source): \(fault.code): \(fault.message)",
                hint: "check the role's trust policy and that the token is fresh")
        }
        do {
            let root = try XMLNode.read(response.body)
            let result = root.child("AssumeRoleWithWebIdentityResult") ?? root
            return Grant(try SessionCredentials(inside: result), source: source)
        } catch {
            throw AccessError(.sourceFailed, "\(source): STS's answer is not readable")
        }
    }
}
