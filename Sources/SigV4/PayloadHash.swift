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
        .known(try PayloadHash.computed.text(for: body))
    }

    func text(for body: HTTPBody) throws(SigningError) -> String {
        switch self {
        case .known(let digest): return digest
        case .unsigned: return "UNSIGNED-PAYLOAD"
        case .computed: break
        }
        switch body {
        case .none: return Self.empty
        case .bytes(let bytes):
            return bytes.isEmpty ? Self.empty : Hex.text(try SHA256.digest(bytes))
        case .file(let path, let offset, let count):
            return Hex.text(try SHA256.digest(file: path, offset: offset, count: count))
        }
    }

    /// The SHA-256 of nothing.
    private static let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
}
