// Credentials of a login to IAM Identity Center: the token that `aws sso login` left in its cache,
// exchanged for credentials of a role. The login itself, and its renewal, stay with the AWS
// command line, which opens a browser.

internal import FoundationEssentials
internal import HTTP

/// Credentials of an SSO login.
struct SSOSource: CredentialSource {
    let exchange: CredentialExchange
    let login: SSOLogin
    let profile: String
    let endpoint: Endpoint

    func grant() async throws(AccessError) -> Grant {
        let source = "SSO login of the profile '\(profile)'"
        guard let account = login.account, let role = login.role else {
            throw AccessError(
                .configuration,
                "\(source): selected profile will resolve an access token instead of credentials",
                hint: "add sso_account_id and sso_role_name to the profile")
        }
        let token = try token(source)
        let url = try CredentialExchange.url(
            endpoint.url + "/federation/credentials?role_name=" + PercentCoding.encode(role)
                + "&account_id=" + PercentCoding.encode(account))
        let response = try await exchange.send(
            HTTPRequest("GET", url, headers: ["x-amz-sso_bearer_token": token]),
            .init(source: source))
        guard response.isSuccess else {
            let isOver = response.status == 401
            throw AccessError(
                .refused, "\(source): the portal answered \(response.status)",
                hint: isOver ? loginHint : "check sso_account_id and sso_role_name")
        }
        return try CredentialDocument(response.body, source: source).part("roleCredentials")
            .grant(account: account)
    }

    private var loginHint: String { "run `aws sso login --profile \(profile)`" }

    private func token(_ source: String) throws(AccessError) -> String {
        let surroundings = exchange.surroundings
        let name = SHA1.hex(Array((login.session ?? login.startURL).utf8))
        let path = surroundings.path("~/.aws/sso/cache/\(name).json")
        guard let bytes = try surroundings.file(path) else {
            throw AccessError(
                .refused, "\(source): failed to read `\(path)`: there is no login",
                hint: loginHint)
        }
        do throws(AccessError) {
            let document = try CredentialDocument(bytes, source: path)
            guard let token = document.text("accessToken") else {
                throw document.missing("accessToken")
            }
            guard let end = try document.time("expiresAt") else {
                throw document.missing("expiresAt")
            }
            if end > surroundings.now() { return token }
        } catch {
            throw AccessError(.refused, "\(source): \(error.message)", hint: loginHint)
        }
        throw AccessError(.refused, "\(source): the login has ended", hint: loginHint)
    }
}
