// The SHA-256 by which what stands in a bucket is named and checked.

internal import HTTP
internal import SigV4

/// Hashes of content, as 64 hexadecimal digits.
package enum ContentHash {
    /// The SHA-256 of a file, read in pieces.
    ///
    /// - Throws: ``AccessError`` when the file cannot be read.
    package static func sha256(
        file path: String, count: Int64
    ) throws(AccessError) -> String {
        try text(.file(path: path, offset: 0, count: count))
    }

    /// The SHA-256 of bytes.
    ///
    /// - Throws: ``AccessError`` when OpenSSL cannot hash.
    package static func sha256(_ bytes: [UInt8]) throws(AccessError) -> String {
        try text(.bytes(bytes))
    }

    private static func text(_ body: HTTPBody) throws(AccessError) -> String {
        do throws(SigningError) {
            guard case .known(let digits) = try PayloadHash.of(body) else { return "" }
            return digits
        } catch {
            throw AccessError(.configuration, error.message, hint: error.hint)
        }
    }
}
