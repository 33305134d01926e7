// Why a request cannot be signed.

/// What stands in the way of a signature.
package enum SigningError: Error, Sendable, Hashable {
    /// A part of the request cannot be signed; `field` names it.
    case invalid(field: String, reason: String)
    /// The file whose hash is needed cannot be read.
    case file(path: String, reason: String)
    /// OpenSSL refused a digest.
    case library(String)

    /// One line saying what happened and where.
    package var message: String {
        switch self {
        case .invalid(let field, let reason): "cannot sign the request: \(field) \(reason)"
        case .file(let path, let reason): "cannot read \(path): \(reason)"
        case .library(let reason): "cannot sign: OpenSSL's \(reason) failed"
        }
    }

    /// What to do about it.
    package var hint: String? {
        switch self {
        case .invalid: nil
        case .file: "check the path and its permissions; a file must not change while it is sent"
        case .library: "check the installation of OpenSSL (libcrypto)"
        }
    }
}
