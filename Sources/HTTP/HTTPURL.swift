// Where a request goes, kept exactly as it goes over the wire: path and query are percent-coded
// and are neither decoded nor tidied up, since a signature covers every byte of them.

/// An absolute `http` or `https` URL without user, password and fragment.
package struct HTTPURL: Sendable, Hashable {
    /// How the server is spoken to.
    package enum Scheme: String, Sendable, Hashable {
        /// Plain text.
        case http
        /// TLS.
        case https

        /// The port that a URL need not mention.
        package var defaultPort: Int { self == .http ? 80 : 443 }
    }

    /// How the server is spoken to.
    package var scheme: Scheme
    /// The host's name in lower case, or its address; an IPv6 address is in brackets.
    package let host: String
    /// The port, where the URL names one.
    package var port: Int?
    /// The path in percent-coding, beginning with a slash.
    package var path: String
    /// What follows the question mark, in percent-coding; `nil` without one.
    package var query: String?

    /// A URL of known parts; path and query are percent-coded already.
    package init(
        scheme: Scheme, host: String, port: Int? = nil, path: String = "/", query: String? = nil
    ) {
        self.scheme = scheme
        self.host = host.lowercased()
        self.port = port
        self.path = path
        self.query = query
    }

    /// Reads a URL as written.
    ///
    /// - Throws: ``HTTPError/invalidURL(_:reason:)``.
    package init(_ text: String) throws(HTTPError) {
        guard let mark = Self.range(of: "://", in: text) else {
            throw .invalidURL(text, reason: "it has no http:// or https://")
        }
        guard let scheme = Scheme(rawValue: text[..<mark.lowerBound].lowercased()) else {
            throw .invalidURL(text, reason: "only http and https are spoken")
        }
        let rest = text[mark.upperBound...]
        if rest.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f }) {
            throw .invalidURL(text, reason: "it contains a space or a control character")
        }
        if rest.contains("#") { throw .invalidURL(text, reason: "a fragment is not sent") }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let (host, port) = try Self.authority(rest[..<end], of: text)
        let question = rest.firstIndex(of: "?")
        let path = String(rest[end..<(question ?? rest.endIndex)])
        self.init(
            scheme: scheme, host: host, port: port, path: path.isEmpty ? "/" : path,
            query: question.map { String(rest[rest.index(after: $0)...]) })
    }

    private static func range(of part: String, in text: String) -> Range<String.Index>? {
        guard let start = text.firstIndex(of: ":"), text[start...].hasPrefix(part) else {
            return nil
        }
        return start..<text.index(start, offsetBy: part.count)
    }

    private static func authority(
        _ part: Substring, of text: String
    ) throws(HTTPError) -> (host: String, port: Int?) {
        if part.contains("@") {
            throw .invalidURL(text, reason: "a user or password is not sent")
        }
        let hostEnd =
            part.hasPrefix("[")
            ? part.firstIndex(of: "]").map(part.index(after:)) : part.firstIndex(of: ":")
        let host = part[..<(hostEnd ?? part.endIndex)]
        let rest = part[host.endIndex...]
        guard !host.isEmpty, !host.hasPrefix("[") || host.hasSuffix("]") else {
            throw .invalidURL(text, reason: "it has no host")
        }
        if rest.isEmpty { return (String(host), nil) }
        guard rest.hasPrefix(":"), let port = UInt16(rest.dropFirst()), port > 0 else {
            throw .invalidURL(text, reason: "its port is not a number from 1 to 65535")
        }
        return (String(host), Int(port))
    }
}

extension HTTPURL {
    /// The value of the `Host` header: with the port unless it is the scheme's own.
    package var authority: String {
        guard let port, port != scheme.defaultPort else { return host }
        return "\(host):\(port)"
    }

    /// The whole URL.
    ///
    /// A presigned one is a secret; for people to read there is ``description``.
    package var text: String {
        "\(scheme.rawValue)://\(authority)\(path)" + (query.map { "?" + $0 } ?? "")
    }
}

extension HTTPURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The URL without its query, in which signatures and tokens travel.
    package var description: String { "\(scheme.rawValue)://\(authority)\(path)" }

    /// The same as ``description``.
    package var debugDescription: String { description }

    /// Nothing inside, since `dump` would print it.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
