// The role of an EC2 instance, from its metadata service, version 2 only: a token first, then the
// role's name, then its credentials. When the service hands out credentials that have ended (its
// own outage), they stay in use for a while, as AWS asks its SDKs to do.

internal import FoundationEssentials
internal import HTTP

/// Credentials of the instance's role.
struct InstanceSource: CredentialSource {
    let exchange: CredentialExchange
    let endpoint: String

    private static let rolesPath = "/latest/meta-data/iam/security-credentials/"

    private var source: String { "EC2 instance metadata" }

    private var manner: CredentialExchange.Manner {
        .init(
            source: source, limit: .seconds(10), attemptLimit: .seconds(1),
            repeatsConnections: false)
    }

    func grant() async throws(AccessError) -> Grant {
        let token = try await token()
        let list = try await get(Self.rolesPath, token)
        guard let role = list.split(whereSeparator: \.isNewline).first?.trimmed, !role.isEmpty
        else { throw Self.noRole }
        let bytes = Array(try await get(Self.rolesPath + PercentCoding.encode(role), token).utf8)
        let document = try CredentialDocument(bytes, source: "\(source), role \(role)")
        if let code = document.text("Code"), code != "Success" {
            throw AccessError(
                .refused, "\(source): role \(role): \(code) \(document.text("Message") ?? "")",
                hint: "check the role's trust policy: it must name ec2.amazonaws.com")
        }
        var grant = try document.grant()
        let now = exchange.surroundings.now()
        if let end = grant.expiration, end <= now, end > now - 12 * 3600 {
            grant.expiration = now + .random(in: 300..<600)
        }
        return grant
    }

    /// The region the instance is in.
    func region() async throws(AccessError) -> String {
        try await get("/latest/meta-data/placement/region", token()).trimmed
    }

    private func token() async throws(AccessError) -> String {
        let response = try await exchange.send(
            HTTPRequest(
                "PUT", try CredentialExchange.url(endpoint + "/latest/api/token"),
                headers: ["X-Aws-Ec2-Metadata-Token-Ttl-Seconds": "21600"]), manner)
        switch response.status {
        case 200: return String(decoding: response.body, as: UTF8.self).trimmed
        case 403:
            throw AccessError(
                .refused, "\(source): request forbidden: IMDS is disabled",
                hint: "enable the instance's metadata service, or configure credentials")
        default:
            throw AccessError(
                .refused,
                "\(source): no token (status \(response.status)); version 1 is not used",
                hint: "the instance must offer version 2 of its metadata service")
        }
    }

    private func get(_ path: String, _ token: String) async throws(AccessError) -> String {
        let response = try await exchange.send(
            HTTPRequest(
                "GET", try CredentialExchange.url(endpoint + path),
                headers: ["X-Aws-Ec2-Metadata-Token": token]), manner)
        guard response.status == 200 else {
            if response.status == 404 { throw Self.noRole }
            throw AccessError(.refused, "\(source): status \(response.status) for \(path)")
        }
        return String(decoding: response.body, as: UTF8.self)
    }

    private static let noRole = AccessError(
        .noCredentials, "the EC2 instance has no role",
        hint: "attach an instance profile, or configure credentials")
}
