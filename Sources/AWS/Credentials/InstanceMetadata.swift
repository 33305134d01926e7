// The metadata service of an EC2 instance, version 2 only: a token first, then texts at paths. Only
// this machine can reach it, by an address inside the machine's network.

internal import FoundationEssentials
package import HTTP
internal import Synchronization

/// The metadata service of the EC2 instance that this machine is.
package final class InstanceMetadata: Sendable {
    private let exchange: CredentialExchange
    private let endpoint: String
    private let token = Mutex<String?>(nil)

    static let source = "EC2 instance metadata"

    init(exchange: CredentialExchange, endpoint: String) {
        self.exchange = exchange
        self.endpoint = endpoint
    }

    /// The service where the configuration says it is; asks nobody yet.
    ///
    /// - Throws: ``AccessError`` when a setting makes no sense, or says not to ask.
    package convenience init(
        _ configuration: AWSConfiguration, transport: any HTTPTransport
    ) throws(AccessError) {
        guard try !MetadataEndpoint.isDisabled(configuration) else {
            throw AccessError(
                .configuration, "AWS_EC2_METADATA_DISABLED says not to ask the EC2 instance",
                hint: "unset it on machines of a fleet")
        }
        self.init(
            exchange: CredentialExchange(
                transport: transport, surroundings: configuration.surroundings,
                rules: try configuration.retryRules()),
            endpoint: try MetadataEndpoint.url(configuration))
    }

    /// The text at a path such as `/latest/meta-data/instance-id`; `nil` when there is none.
    ///
    /// - Throws: ``AccessError``, as on a machine that is no EC2 instance.
    package func text(_ path: String) async throws(AccessError) -> String? {
        let response = try await get(path, try await usable(token.withLock { $0 }))
        // A token that the service no longer takes is replaced once.
        guard response.status == 401 else { return try text(of: response) }
        return try text(of: try await get(path, try await usable(nil)))
    }

    private func text(of response: HTTPResponse) throws(AccessError) -> String? {
        switch response.status {
        case 200: return String(decoding: response.body, as: UTF8.self)
        case 404: return nil
        default:
            throw AccessError(
                .refused, "\(Self.source): it answered \(response.status)",
                hint: "check the instance's metadata options")
        }
    }

    // MARK: - Requests

    private var manner: CredentialExchange.Manner {
        .init(
            source: Self.source, limit: .seconds(10), attemptLimit: .seconds(1),
            repeatsConnections: false)
    }

    private func get(_ path: String, _ token: String) async throws(AccessError) -> HTTPResponse {
        try await exchange.send(
            HTTPRequest(
                "GET", try CredentialExchange.url(endpoint + path),
                headers: ["X-Aws-Ec2-Metadata-Token": token]), manner)
    }

    private func usable(_ known: String?) async throws(AccessError) -> String {
        if let known { return known }
        let response = try await exchange.send(
            HTTPRequest(
                "PUT", try CredentialExchange.url(endpoint + "/latest/api/token"),
                headers: ["X-Aws-Ec2-Metadata-Token-Ttl-Seconds": "21600"]), manner)
        switch response.status {
        case 200:
            let fresh = String(decoding: response.body, as: UTF8.self).trimmed
            guard !fresh.isEmpty, fresh.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw AccessError(.sourceFailed, "\(Self.source): its token makes no sense")
            }
            token.withLock { $0 = fresh }
            return fresh
        case 403:
            throw AccessError(
                .refused, "\(Self.source): request forbidden: IMDS is disabled",
                hint: "enable the instance's metadata service, or configure credentials")
        default:
            throw AccessError(
                .refused,
                "\(Self.source): no token (status \(response.status)); version 1 is not used",
                hint: "the instance must offer version 2 of its metadata service")
        }
    }
}
