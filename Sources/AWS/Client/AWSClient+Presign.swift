// Signed URLs, for those who have no credentials: a node's first download, a link for a browser.

package import HTTP
internal import SigV4

extension AWSClient {
    /// A URL that does one call for whoever has it, for some time and not beyond the credential's.
    ///
    /// It is a secret. What ``GetObject`` asks for in headers must be sent with it.
    ///
    /// - Throws: ``CallError``.
    package func presign<Asked: S3Call>(
        _ call: Asked, validFor time: Duration
    ) async throws(CallError) -> HTTPURL {
        let course = try course(of: Asked.self, call.request, within: .seconds(60))
        let scope = SigningScope(region: course.endpoint.region, service: "s3")
        let skew = skews.skew(of: course.endpoint.url)
        let credential = try await credential(for: course)
        do throws(SigningError) {
            return try Signer(scope, keys: keys).presign(
                course.request, with: credential,
                at: skew.signingTime(at: SigningTime(clock())),
                validFor: Int(time.components.seconds))
        } catch {
            throw course.error(.unsendable(error.message, hint: error.hint), stop: nil)
        }
    }
}
