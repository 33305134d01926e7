// The role of an EC2 instance, from its metadata service: the role's name, then its credentials.
// When the service hands out credentials that have ended (its own outage), they stay in use for a
// while, as AWS asks its SDKs to do.

internal import FoundationEssentials
internal import HTTP

/// Credentials of the instance's role.
struct InstanceSource: CredentialSource {
    private let metadata: InstanceMetadata
    private let surroundings: Surroundings

    init(exchange: CredentialExchange, endpoint: String) {
        metadata = InstanceMetadata(exchange: exchange, endpoint: endpoint)
        surroundings = exchange.surroundings
    }

    private static let rolesPath = "/latest/meta-data/iam/security-credentials/"

    private var source: String { InstanceMetadata.source }

    func grant() async throws(AccessError) -> Grant {
        guard let list = try await metadata.text(Self.rolesPath) else { throw Self.noRole }
        guard let role = list.split(whereSeparator: \.isNewline).first?.trimmed, !role.isEmpty
        else { throw Self.noRole }
        guard Self.isRole(role) else {
            throw AccessError(.sourceFailed, "\(source): the list of roles makes no sense")
        }
        guard let text = try await metadata.text(Self.rolesPath + PercentCoding.encode(role))
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
        let now = surroundings.now()
        if let end = grant.expiration, end <= now, end > now - 12 * 3600 {
            grant.expiration = now + .random(in: 300..<600)
        }
        return grant
    }

    /// The region the instance is in, or `nil` when the service does not say.
    func region() async throws(AccessError) -> String? {
        try await metadata.text("/latest/meta-data/placement/region")?.trimmed
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

    private static let noRole = AccessError(
        .noCredentials, "the EC2 instance has no role",
        hint: "attach an instance profile, or configure credentials")
}
