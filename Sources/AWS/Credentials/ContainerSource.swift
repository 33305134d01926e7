// The role of a container, from the endpoint that ECS or EKS gives it.

internal import HTTP

/// Credentials of the container's role.
struct ContainerSource: CredentialSource, Discreet {
    let exchange: CredentialExchange
    let url: String

    /// The URL's path is as good as a password inside a container.
    var description: String { "the container's credentials" }

    func grant() async throws(AccessError) -> Grant {
        let source = "container credentials"
        var headers: HTTPHeaders = ["Accept": "application/json"]
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
        guard token?.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) ?? true else {
            throw AccessError(
                .configuration, "the container's authorization token has line breaks",
                hint: "see AWS_CONTAINER_AUTHORIZATION_TOKEN and …_TOKEN_FILE")
        }
        return token
    }
}
