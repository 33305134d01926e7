// Why there is no whole answer. Errors hold URLs as ``HTTPURL``, whose description leaves out the
// query, so that no message carries a signature.

/// What can go wrong between a request and its answer.
package enum HTTPError: Error, Sendable, Hashable {
    /// The text is no URL that can be called.
    case invalidURL(String, reason: String)
    /// The request cannot be sent as it is.
    case invalidRequest(HTTPURL, reason: String)
    /// The host's name has no address.
    case unknownHost(HTTPURL, reason: String)
    /// No connection came about.
    case noConnection(HTTPURL, reason: String)
    /// The proxy is not there or refuses.
    case proxy(HTTPURL, reason: String)
    /// TLS failed; most often a certificate that is not trusted.
    case insecure(HTTPURL, reason: String)
    /// The deadline passed. `sent` tells whether any byte of the request may have reached the server.
    case deadline(HTTPURL, sent: Bool)
    /// The connection broke before there was an answer; the server may have acted.
    case noAnswer(HTTPURL, reason: String)
    /// The connection broke inside the answer's body, after `received` bytes of it.
    case cutOff(HTTPURL, response: HTTPResponse, received: Int64, reason: String)
    /// The answer is longer than the caller wants.
    case tooLong(HTTPURL, limit: Int)
    /// What came is not HTTP, or has more headers than an answer may have.
    case notHTTP(HTTPURL, reason: String)
    /// A file of the body or of the answer cannot be used.
    case file(path: String, operation: String, reason: String)
    /// The task was cancelled.
    case cancelled(HTTPURL)
    /// The HTTP library could not start.
    case library(String)
}

extension HTTPError {
    /// Whether the server may have seen the request, and so may have acted on it.
    package var mayHaveBeenApplied: Bool {
        switch self {
        case .invalidURL, .invalidRequest, .unknownHost, .noConnection, .proxy, .insecure, .library:
            false
        case .deadline(_, let sent): sent
        case .noAnswer, .cutOff, .tooLong, .notHTTP, .file, .cancelled: true
        }
    }

    /// Whether the same request may go through a moment later.
    package var isTransient: Bool {
        switch self {
        case .unknownHost, .noConnection, .proxy, .noAnswer, .cutOff: true
        case .invalidURL, .invalidRequest, .insecure, .deadline, .tooLong, .notHTTP, .file,
            .cancelled, .library:
            false
        }
    }

    /// One line saying what happened and where.
    package var message: String {
        switch self {
        case .invalidURL(let text, let reason):
            "'\(Self.shown(text))' is no URL to call: \(reason)"
        case .invalidRequest(let url, let reason): "cannot ask \(url): \(reason)"
        case .unknownHost(let url, _): "there is no address for the host \(url.host)"
        case .noConnection(let url, let reason): "cannot connect to \(url.authority): \(reason)"
        case .proxy(let url, let reason): "no way through the proxy to \(url.authority): \(reason)"
        case .insecure(let url, let reason): "\(url.authority) cannot be trusted: \(reason)"
        case .deadline(let url, _): "no whole answer of \(url.authority) before the deadline"
        case .noAnswer(let url, let reason): "\(url.authority) gave no answer: \(reason)"
        case .cutOff(let url, _, let received, let reason):
            "the answer of \(url.authority) broke off after \(received) bytes: \(reason)"
        case .tooLong(let url, let limit):
            "the answer of \(url.authority) is longer than \(limit) bytes"
        case .notHTTP(let url, let reason):
            "the answer of \(url.authority) is not readable as HTTP: \(reason)"
        case .file(let path, let operation, let reason): "cannot \(operation) \(path): \(reason)"
        case .cancelled(let url): "the request to \(url.authority) was cancelled"
        case .library(let reason): "HTTP cannot be spoken here: \(reason)"
        }
    }

    /// What to do about it.
    package var hint: String? {
        switch self {
        case .invalidURL: "write it as https://host, with a port or a path where needed"
        case .unknownHost: "check the region and the endpoint URL, and this machine's DNS"
        case .noConnection: "check the endpoint URL, the network and a firewall's rules"
        case .proxy: "check HTTPS_PROXY, HTTP_PROXY and NO_PROXY"
        case .insecure:
            "check this machine's clock; behind a company's proxy, set AWS_CA_BUNDLE to a file "
                + "with its certificate"
        case .deadline, .noAnswer, .cutOff: "check the network, and try again"
        case .notHTTP: "check the endpoint URL: http or https, and the port"
        case .file: "check the path, its permissions and the space left on the disk"
        case .invalidRequest, .tooLong, .cancelled, .library: nil
        }
    }
}

extension HTTPError: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The same as ``message``.
    package var description: String { message }

    /// The same as ``message``.
    package var debugDescription: String { message }

    /// Nothing inside: a text that is no URL may have a password in it all the same.
    package var customMirror: Mirror { Mirror(self, children: []) }

    /// A text that should have been a URL, without what may be a password or a signature in it.
    private static func shown(_ text: String) -> Substring {
        let head = text.prefix { $0 != "?" && $0 != "#" }
        guard let at = head.lastIndex(of: "@") else { return head }
        return "…" + head[at...]
    }
}
