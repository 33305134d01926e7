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
        let digest = try payload.text(for: request.body)
        try check(request)
        // The headers apart from the rest, which then is copied once, at the end.
        var headers = request.headers
        headers.remove("Authorization", "X-Amz-Date", "X-Amz-Security-Token")
        let stamp = time.stamp
        headers.add("X-Amz-Date", stamp)
        if let token = credential.sessionToken { headers.add("X-Amz-Security-Token", token) }
        if scope.rules == .s3 { headers["X-Amz-Content-SHA256"] = digest }
        let canonical = CanonicalRequest(
            request.method, request.url, headers, rules: scope.rules, payload: digest)
        let entry = try keys.entry(for: credential, at: time, scope: scope)
        var hash = try SHA256()
        let text = try Self.stringToSign(
            canonical, at: stamp, scope: entry.scopeText, with: &hash)
        var line = Array(Self.algorithm.utf8)
        line.reserveCapacity(320)
        line += " Credential=".utf8
        line += credential.accessKeyID.utf8
        line.append(UInt8(ascii: "/"))
        line += entry.scopeText
        line += ", SignedHeaders=".utf8
        line += canonical.signedHeaders
        line += ", Signature=".utf8
        Hex.append(try entry.key.authenticate(text, with: &hash), to: &line)
        headers.add("Authorization", String(decoding: line, as: UTF8.self))
        return HTTPRequest(request.method, request.url, headers: headers, body: request.body)
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
        let canonical = CanonicalRequest(
            request.method, request.url, request.headers, rules: scope.rules, payload: payload)
        let entry = try keys.entry(for: credential, at: time, scope: scope)
        var hash = try SHA256()
        let text = try Self.stringToSign(
            canonical, at: time.stamp, scope: entry.scopeText, with: &hash)
        let signature = Hex.text(try entry.key.authenticate(text, with: &hash))
        var url = request.url
        url.query = (url.query ?? "") + "&X-Amz-Signature=" + signature
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
        request.headers.remove("Authorization", "X-Amz-Date", "X-Amz-Security-Token")
        let scope = String(decoding: scope.text(at: time), as: UTF8.self)
        var parameters = [
            ("X-Amz-Algorithm", Self.algorithm),
            ("X-Amz-Credential", "\(credential.accessKeyID)/\(scope)"),
            ("X-Amz-Date", time.stamp),
            ("X-Amz-Expires", "\(seconds)"),
            ("X-Amz-SignedHeaders", SignedHeaders(request.headers, of: request.url).names),
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
    static func stringToSign(
        _ canonical: CanonicalRequest, at stamp: String, scope: [UInt8], with hash: inout SHA256
    ) throws(SigningError) -> [UInt8] {
        let newline = UInt8(ascii: "\n")
        var text = Array(algorithm.utf8)
        text.reserveCapacity(192)
        text.append(newline)
        text += stamp.utf8
        text.append(newline)
        text += scope
        text.append(newline)
        try hash.update(canonical.bytes[...])
        Hex.append(try hash.end(), to: &text)
        return text
    }

    /// A line break in a header would let its value be signed as other headers.
    private func check(_ request: HTTPRequest) throws(SigningError) {
        if let field = request.headers.invalidField {
            throw .invalid(field: "header \(field.name)", reason: "cannot be sent in one line")
        }
    }
}
