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
        var session = try await session()
        guard let list = try await get(Self.rolesPath, &session) else { throw Self.noRole }
        guard let role = list.split(whereSeparator: \.isNewline).first?.trimmed, !role.isEmpty
        else { throw Self.noRole }
        guard Self.isRole(role) else {
            throw AccessError(.sourceFailed, "\(source): the list of roles makes no sense")
        }
        guard let text = try await get(Self.rolesPath + PercentCoding.encode(role), &session)
        else { throw Self.noRole }
        let document = try CredentialDocument(
            Array(text.utf8), source: "\(source), role \(role)")
        if let code = document.text("Code"), code != "Success" {
            // The message beside the code is not shown: nobody knows what is in it.
            let isName = code.utf8.count < 64 && code.allSatisfy { $0.isASCII && $0.isLetter }
            throw AccessError(
                .refused, "\(source): role \(role): \(isName ? code : "no credentials")",
                hint: "check the role's trust policy: it must name ec2.amazonaws.com")
        }
        var grant = try document.grant()
        let now = exchange.surroundings.now()
        if let end = grant.expiration, end <= now, end > now - 12 * 3600 {
            grant.expiration = now + .random(in: 300..<600)
        }
        return grant
    }

    /// The region the instance is in, or `nil` when the service does not say.
    func region() async throws(AccessError) -> String? {
        var session = try await session()
        return try await get("/latest/meta-data/placement/region", &session)?.trimmed
    }

    /// The characters of a role's name (IAM, CreateRole).
    private static func isRole(_ text: String) -> Bool {
        text.utf8.count <= 128
            && text.unicodeScalars.allSatisfy {
                $0.isASCII
                    && ($0.properties.isAlphabetic || ("0"..."9").contains($0)
                        || "_+=,.@-".unicodeScalars.contains($0))
            }
    }

    /// A token, and whether it may be replaced when the service no longer takes it.
    private struct Session {
        var token: String
        var isRenewable = true
    }

    private func session() async throws(AccessError) -> Session {
        Session(token: try await token())
    }

    private func token() async throws(AccessError) -> String {
        let response = try await exchange.send(
            HTTPRequest(
                "PUT", try CredentialExchange.url(endpoint + "/latest/api/token"),
                headers: ["X-Aws-Ec2-Metadata-Token-Ttl-Seconds": "21600"]), manner)
        switch response.status {
        case 200:
            let token = String(decoding: response.body, as: UTF8.self).trimmed
            guard !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw AccessError(.sourceFailed, "\(source): its token makes no sense")
            }
            return token
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

    /// The text at a path; `nil` when there is nothing there.
    private func get(
        _ path: String, _ session: inout Session
    ) async throws(AccessError) -> String? {
        while true {
            let response = try await exchange.send(
                HTTPRequest(
                    "GET", try CredentialExchange.url(endpoint + path),
                    headers: ["X-Aws-Ec2-Metadata-Token": session.token]), manner)
            switch response.status {
            case 200: return String(decoding: response.body, as: UTF8.self)
            case 404: return nil
            case 401 where session.isRenewable:
                session = Session(token: try await token(), isRenewable: false)
            default:
                throw AccessError(
                    .refused, "\(source): it answered \(response.status)",
                    hint: "check the instance's metadata options")
            }
        }
    }

    private static let noRole = AccessError(
        .noCredentials, "the EC2 instance has no role",
        hint: "attach an instance profile, or configure credentials")
}
