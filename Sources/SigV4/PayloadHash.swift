// How a signature covers the body: by its SHA-256, or, where TLS has to do, not at all.

package import HTTP

/// What a signature says about the body.
package enum PayloadHash: Sendable, Hashable {
    /// The body's own hash, computed while signing; a file is read once for it, in pieces.
    case computed
    /// A SHA-256 known from before, as 64 hexadecimal digits.
    case known(String)
    /// None: `UNSIGNED-PAYLOAD`, which S3 accepts over TLS.
    case unsigned

    /// The SHA-256 of a body, to be computed once for several attempts.
    ///
    /// - Throws: ``SigningError/file(path:reason:)``.
    package static func of(_ body: HTTPBody) throws(SigningError) -> PayloadHash {
        var hash = try SHA256()
        return .known(try PayloadHash.computed.text(for: body, with: &hash))
    }

    func text(
        for body: HTTPBody, with hash: inout SHA256
    ) throws(SigningError) -> String {
        switch self {
        case .known(let digest): return digest
        case .unsigned: return "UNSIGNED-PAYLOAD"
        case .computed: break
        }
        switch body {
        case .none: return Self.empty
        case .bytes(let bytes):
            guard !bytes.isEmpty else { return Self.empty }
            try hash.update(bytes[...])
            return try hash.end().hex
        case .file(let path, let offset, let count):
            try hash.update(file: path, offset: offset, count: count)
            return try hash.end().hex
        }
    }

    /// The SHA-256 of nothing.
    private static let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
}
