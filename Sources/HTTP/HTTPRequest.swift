// What is asked. A request is a value: it can be signed, sent, and sent again.

/// A request to one URL.
package struct HTTPRequest: Sendable, Hashable {
    /// The method, in capitals.
    package var method: String
    /// Where it goes.
    package var url: HTTPURL
    /// The fields beside `Host` and `Content-Length`, which the transport writes by itself.
    package var headers: HTTPHeaders
    /// What it carries.
    package var body: HTTPBody

    /// A request.
    package init(
        _ method: String, _ url: HTTPURL, headers: HTTPHeaders = [:], body: HTTPBody = .none
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

extension HTTPRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Method and URL, without query, headers and body.
    package var description: String { "\(method) \(url)" }

    /// The same as ``description``.
    package var debugDescription: String { description }

    /// Nothing inside, since `dump` would print it.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// What a request carries.
package enum HTTPBody: Sendable, Hashable {
    /// Nothing at all; not even a length is sent, except where the method wants one.
    case none
    /// Bytes in memory.
    case bytes([UInt8])
    /// A part of a file, in bytes, which must stay as it is until the request has ended.
    case file(path: String, offset: Int64, count: Int64)

    /// Its length in bytes.
    package var count: Int64 {
        switch self {
        case .none: 0
        case .bytes(let bytes): Int64(bytes.count)
        case .file(_, _, let count): count
        }
    }
}

extension HTTPBody: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Its length and the file, never its bytes.
    package var description: String {
        switch self {
        case .none: "no body"
        case .bytes(let bytes): "\(bytes.count) bytes"
        case .file(let path, let offset, let count): "\(count) bytes of \(path) from \(offset)"
        }
    }

    /// The same as ``description``.
    package var debugDescription: String { description }

    /// Nothing inside, since `dump` would print it.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
