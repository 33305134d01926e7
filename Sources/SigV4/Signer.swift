// AWS Signature Version 4: what a signature is, is decided here and nowhere else.
//
// This room is made of pure functions of request, credential and time. It must never know which
// call is signed, where a credential comes from, or what time it is.

package import HTTP

/// Signs requests for one scope.
package struct Signer: Sendable {
    /// The region and service for which the signatures count.
    package let scope: SigningScope
    private let keys: SigningKeys

    /// A signer; those that share `keys` derive each key once.
    package init(_ scope: SigningScope, keys: SigningKeys = SigningKeys()) {
        self.scope = scope
        self.keys = keys
    }

    /// The request with the headers that make it a signed one, those of an earlier signature gone.
    ///
    /// - Throws: ``SigningError``.
    package func sign(
        _ request: HTTPRequest, with credential: Credential, at time: SigningTime,
        payload: PayloadHash = .computed
    ) throws(SigningError) -> HTTPRequest {
        var request = request
        let digest = try payload.text(for: request.body)
        try check(request)
        request.headers.remove("Authorization")
        request.headers["X-Amz-Date"] = time.stamp
        request.headers["X-Amz-Security-Token"] = credential.sessionToken
        if scope.rules == .s3 { request.headers["X-Amz-Content-SHA256"] = digest }
        let canonical = CanonicalRequest(request, rules: scope.rules, payload: digest)
        let signature = try signature(of: canonical, with: credential, at: time)
        request.headers.add(
            "Authorization",
            "\(Self.algorithm) Credential=\(credential.accessKeyID)/\(scopeText(at: time)), "
                + "SignedHeaders=\(canonical.signedHeaders), Signature=\(signature)")
        return request
    }

    /// A URL that carries its signature and so can be given to someone without a credential.
    ///
    /// Whoever uses it must send the headers of `request`, too. It is good for `seconds`, 1 to
    /// 604800, and dies with the credential. Unless told otherwise it covers no body for S3, and
    /// that of `request` for others.
    ///
    /// - Throws: ``SigningError``.
    package func presign(
        _ request: HTTPRequest, with credential: Credential, at time: SigningTime,
        validFor seconds: Int, payload: PayloadHash? = nil
    ) throws(SigningError) -> HTTPURL {
        let payload = try presignedPayload(of: request, payload)
        let request = try presignable(request, with: credential, at: time, validFor: seconds)
        let canonical = CanonicalRequest(request, rules: scope.rules, payload: payload)
        let signature = try signature(of: canonical, with: credential, at: time)
        var url = request.url
        url.query = (url.query ?? "") + "&X-Amz-Signature=\(signature)"
        return url
    }

    // MARK: - Steps

    static let algorithm = "AWS4-HMAC-SHA256"

    func presignedPayload(
        of request: HTTPRequest, _ payload: PayloadHash?
    ) throws(SigningError) -> String {
        try (payload ?? (scope.rules == .s3 ? .unsigned : .computed)).text(for: request.body)
    }

    /// The request with all that a presigned URL carries but the signature.
    func presignable(
        _ request: HTTPRequest, with credential: Credential, at time: SigningTime,
        validFor seconds: Int
    ) throws(SigningError) -> HTTPRequest {
        guard 1...604_800 ~= seconds else {
            throw .invalid(field: "X-Amz-Expires", reason: "must be 1 to 604800 s, is \(seconds)")
        }
        try check(request)
        var request = request
        for name in ["Authorization", "X-Amz-Date", "X-Amz-Security-Token"] {
            request.headers.remove(name)
        }
        var parameters = [
            ("X-Amz-Algorithm", Self.algorithm),
            ("X-Amz-Credential", "\(credential.accessKeyID)/\(scopeText(at: time))"),
            ("X-Amz-Date", time.stamp),
            ("X-Amz-Expires", "\(seconds)"),
            ("X-Amz-SignedHeaders", SignedHeaders(request).names),
        ]
        if let token = credential.sessionToken {
            parameters.append(("X-Amz-Security-Token", token))
        }
        let added = parameters.map { "\($0.0)=\(PercentCoding.encode($0.1))" }
        let before = request.url.query.map { $0.isEmpty ? [] : [$0] } ?? []
        request.url.query = (before + added).joined(separator: "&")
        return request
    }

    /// What the key signs.
    func stringToSign(
        _ canonical: CanonicalRequest, at time: SigningTime
    ) throws(SigningError) -> [UInt8] {
        var text = Array("\(Self.algorithm)\n\(time.stamp)\n\(scopeText(at: time))\n".utf8)
        Hex.append(try SHA256.digest(canonical.bytes), to: &text)
        return text
    }

    func signature(
        of canonical: CanonicalRequest, with credential: Credential, at time: SigningTime
    ) throws(SigningError) -> String {
        let key = try keys.key(for: credential, day: time.day, scope: scope)
        return Hex.text(
            try SHA256.authenticate(try stringToSign(canonical, at: time), key: key))
    }

    private func scopeText(at time: SigningTime) -> String {
        "\(time.day)/\(scope.region)/\(scope.service)/aws4_request"
    }

    /// A line break in a header would let its value be signed as other headers.
    private func check(_ request: HTTPRequest) throws(SigningError) {
        if let field = request.headers.invalidField {
            throw .invalid(field: "header \(field.name)", reason: "cannot be sent in one line")
        }
    }
}
