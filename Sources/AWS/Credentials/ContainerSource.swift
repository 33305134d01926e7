// The role of a container, from the endpoint that ECS or EKS gives it.

internal import HTTP

/// Credentials of the container's role.
struct ContainerSource: CredentialSource {
    let exchange: CredentialExchange
    let url: String

    func grant() async throws(AccessError) -> Grant {
        let source = "container credentials"
        var headers = HTTPHeaders(["Accept": "application/json"].map { .init(name: $0, value: $1) })
        if let token = try token() { headers["Authorization"] = token }
        let response = try await exchange.send(
            HTTPRequest("GET", try CredentialExchange.url(url), headers: headers),
            .init(source: source, limit: .seconds(10), attemptLimit: .seconds(2)))
        guard response.isSuccess else {
            throw AccessError(
                .refused, "\(source): it answered \(response.status)",
                hint: "check the task's role, or the pod's service account")
        }
        return try CredentialDocument(response.body, source: source).grant()
    }

    /// The token that the endpoint wants to see; a file is read anew each time, since it changes.
    private func token() throws(AccessError) -> String? {
        let surroundings = exchange.surroundings
        var token = surroundings.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN")
        if let path = surroundings.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            guard let bytes = try surroundings.file(path) else {
                throw AccessError(
                    .configuration,
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: there is no file \(path)")
            }
            token = String(decoding: bytes, as: UTF8.self).trimmed
        }
        guard let token, token.unicodeScalars.allSatisfy({ $0.value >= 0x20 }) else {
            guard token == nil else {
                throw AccessError(
                    .configuration, "the container's authorization token has line breaks")
            }
            return nil
        }
        return token
    }
}
