// Why results did not get to where they were sent.

package import HTTP

/// What can go wrong on the way to a server.
package enum ExportError: Error, Sendable {
    /// What the user asked for makes no sense.
    case target(String, hint: String)
    /// Samples cannot be told apart, or lack what the place needs.
    case samples(String, hint: String)
    /// No answer, however often it was asked.
    case unreachable(HTTPError)
    /// The server said no.
    case refused(HTTPURL, status: Int, reason: String)
    /// The server's answer is not that of what was asked.
    case unreadable(HTTPURL, String)
    /// Single documents or points were not taken.
    case notTaken(HTTPURL, count: Int, reason: String)
    /// A file cannot be read.
    case file(String)

    /// Whether who asked is not known there, or may not.
    package var isDenial: Bool {
        if case .refused(_, let status, _) = self { return status == 401 || status == 403 }
        return false
    }

    /// Whether the user's input is wrong, and nobody was asked.
    package var isWrongInput: Bool {
        switch self {
        case .target, .samples: true
        case .unreachable, .refused, .unreadable, .notTaken, .file: false
        }
    }

    /// One line saying what happened and where.
    package var message: String {
        switch self {
        case .target(let message, _), .samples(let message, _), .file(let message): message
        case .unreachable(let error): error.message
        case .refused(let url, let status, let reason):
            "\(url.authority) says \(status)" + (reason.isEmpty ? "" : ": \(reason)")
        case .unreadable(let url, let what): "the answer of \(url.authority) \(what)"
        case .notTaken(let url, let count, let reason):
            "\(url.authority) did not take \(count) of what was sent; the first: \(reason)"
        }
    }

    /// What to do about it.
    package var hint: String? {
        switch self {
        case .target(_, let hint), .samples(_, let hint): hint
        case .unreachable(let error): error.hint
        case .refused(_, let status, _) where status == 401 || status == 403:
            "say who asks with the variables that docs/results.md names, and check their rights"
        case .refused, .unreadable: "check the URL, and what answers there"
        case .notTaken: "put that right there, and send again: what arrived is not doubled"
        case .file: "check the path and its permissions"
        }
    }
}
