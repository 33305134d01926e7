// What is answered, and where its body goes. Only an answer of success goes into a file: what is
// asked to be a download must not leave an error's text in it.

/// An answer, with its body if that was asked for as bytes.
package struct HTTPResponse: Sendable, Hashable {
    /// The status, 100 to 599.
    package let status: Int
    /// The header fields.
    package let headers: HTTPHeaders
    /// The body; empty when it went into a file.
    package var body: [UInt8]

    /// An answer.
    package init(status: Int, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Whether the status is one of success, 200 to 299.
    package var isSuccess: Bool { 200..<300 ~= status }
}

extension HTTPResponse: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The status and the length of the body.
    package var description: String { "\(status), \(body.count) bytes" }

    /// The same as ``description``.
    package var debugDescription: String { description }

    /// Nothing inside, since `dump` would print it.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Where an answer's body goes.
package enum HTTPSink: Sendable, Hashable {
    /// Into ``HTTPResponse/body``, at most `limit` bytes of it.
    case bytes(limit: Int)
    /// Into a file from `offset` on.
    ///
    /// The file is made with mode 0600 if absent. It is touched only by an answer of status 206,
    /// or 200, which is the whole and is written from 0 on, whatever was asked for; any other's
    /// body comes as bytes, at most 1 MiB of it. What was written stays when the transfer breaks.
    case file(path: String, offset: Int64)

    /// Into memory, at most 16 MiB: far more than any answer of an AWS call that is no download.
    package static let memory = HTTPSink.bytes(limit: 16 << 20)
}
