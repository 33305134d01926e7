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
        try check(request)
        return try keys.bench.lend { (bench) throws(SigningError) in
            let digest = try payload.text(for: request.body, with: &bench.hash)
            // The headers apart from the rest, which then is copied once, at the end.
            var headers = request.headers
            headers.remove("Authorization", "X-Amz-Date", "X-Amz-Security-Token")
            let stamp = time.stamp
            headers.add("X-Amz-Date", stamp)
            if let token = credential.sessionToken { headers.add("X-Amz-Security-Token", token) }
            if scope.rules == .s3 { headers["X-Amz-Content-SHA256"] = digest }
            let canonical = CanonicalRequest(
                request.method, request.url, headers, rules: scope.rules, payload: digest,
                to: &bench.text)
            let entry = try keys.entry(for: credential, at: time, scope: scope)
            let signature = try bench.signature(of: canonical, at: stamp, with: entry)
            let start = bench.text.count
            bench.text.append(Self.algorithm)
            bench.text.append(" Credential=")
            bench.text.append(credential.accessKeyID)
            bench.text.append(UInt8(ascii: "/"))
            bench.text.append(entry.scopeText)
            bench.text.append(", SignedHeaders=")
            bench.text.append(canonical.signedHeaders)
            bench.text.append(", Signature=")
            bench.text.appendHex(signature)
            headers.add("Authorization", bench.text.string(start..<bench.text.count))
            return HTTPRequest(request.method, request.url, headers: headers, body: request.body)
        }
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
        try keys.bench.lend { (bench) throws(SigningError) in
            let payload = try presignedPayload(of: request, payload, with: &bench.hash)
            let request = try presignable(
                request, with: credential, at: time, validFor: seconds, on: &bench)
            let canonical = CanonicalRequest(
                request.method, request.url, request.headers, rules: scope.rules,
                payload: payload, to: &bench.text)
            let entry = try keys.entry(for: credential, at: time, scope: scope)
            let signature = try bench.signature(of: canonical, at: time.stamp, with: entry)
            var url = request.url
            url.query = (url.query ?? "") + "&X-Amz-Signature=" + signature.hex
            return url
        }
    }

    // MARK: - Steps

    static let algorithm = "AWS4-HMAC-SHA256"

    func presignedPayload(
        of request: HTTPRequest, _ payload: PayloadHash?, with hash: inout SHA256
    ) throws(SigningError) -> String {
        try (payload ?? (scope.rules == .s3 ? .unsigned : .computed))
            .text(for: request.body, with: &hash)
    }

    /// The request with all that a presigned URL carries but the signature.
    func presignable(
        _ request: HTTPRequest, with credential: Credential, at time: SigningTime,
        validFor seconds: Int, on bench: inout Workbench
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
            ("X-Amz-SignedHeaders", bench.names(of: request)),
        ]
        if let token = credential.sessionToken {
            parameters.append(("X-Amz-Security-Token", token))
        }
        let added = parameters.map { "\($0.0)=\(PercentCoding.encode($0.1))" }
        let before = request.url.query.map { $0.isEmpty ? [] : [$0] } ?? []
        request.url.query = (before + added).joined(separator: "&")
        return request
    }

    /// A line break in a header would let its value be signed as other headers.
    private func check(_ request: HTTPRequest) throws(SigningError) {
        if let field = request.headers.invalidField {
            throw .invalid(field: "header \(field.name)", reason: "cannot be sent in one line")
        }
    }
}

extension Workbench {
    /// The names of the headers that a signature of the request covers, joined by `;`.
    fileprivate mutating func names(of request: HTTPRequest) -> String {
        let headers = SignedHeaders(request.headers, of: request.url, notedIn: &text)
        let start = text.count
        headers.appendNames(to: &text)
        return text.string(start..<text.count)
    }

    /// Writes what the key signs.
    mutating func writeStringToSign(
        _ canonical: CanonicalRequest, at stamp: String, scope: [UInt8]
    ) throws(SigningError) -> Range<Int> {
        let newline = UInt8(ascii: "\n")
        let start = text.count
        text.append(Signer.algorithm)
        text.append(newline)
        text.append(stamp)
        text.append(newline)
        text.append(scope)
        text.append(newline)
        try hash.update(text, canonical.form)
        text.appendHex(try hash.end())
        return start..<text.count
    }

    fileprivate mutating func signature(
        of canonical: CanonicalRequest, at stamp: String, with entry: SigningKeys.Entry
    ) throws(SigningError) -> SHA256.Digest {
        let signed = try writeStringToSign(canonical, at: stamp, scope: entry.scopeText)
        return try entry.key.authenticate(text, signed, with: &hash)
    }
}
