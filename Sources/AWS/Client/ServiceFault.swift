// An error as AWS sends it, whatever the protocol: a code for programs, a message for people, and
// the id under which AWS's support finds the request.

internal import HTTP

/// An error in an answer.
package struct ServiceFault: Sendable, Equatable {
    /// As in `UnauthorizedOperation`; made from the status when the answer names none.
    package let code: String
    /// AWS's words, without what could carry a secret; may be empty.
    package let message: String
    /// The HTTP status, which is 200 for some errors of S3.
    package let status: Int
    /// What AWS calls the request.
    package let requestID: String?
    /// The region a bucket is in, when it is another than the one asked.
    package let bucketRegion: String?
    /// The encoded part of an `UnauthorizedOperation`, for ``DecodeAuthorizationMessage``.
    package let encodedMessage: String?
    /// Whether the answer was an AWS service's, rather than a proxy's or another server's.
    package let isFromService: Bool
}

extension ServiceFault {
    /// Reads an error.
    init(_ response: HTTPResponse, dialect: ServiceAPI.Dialect) {
        self.init(Found(response, dialect), response)
    }

    /// Reads an error from an answer whose status knows of none; `nil` where there is none.
    init?(hiddenIn response: HTTPResponse, dialect: ServiceAPI.Dialect) {
        guard let found = Found(response, dialect) else { return nil }
        self.init(found, response)
    }

    private init(_ found: Found?, _ response: HTTPResponse) {
        let headers = response.headers
        let id = headers["x-amzn-RequestId"] ?? headers["x-amz-request-id"]
        let words = Self.split(found?.message ?? "")
        self.init(
            code: found?.code ?? Self.code(of: response.status), message: words.message,
            status: response.status, requestID: found?.requestID ?? id,
            bucketRegion: headers["x-amz-bucket-region"] ?? found?.region,
            encodedMessage: words.encoded,
            // A HEAD's answer has no body to tell by.
            isFromService: found != nil || id != nil)
    }

    /// What is found in an answer's body and headers.
    private struct Found {
        var code: String
        var message: String?
        var requestID: String?
        var region: String?

        init?(_ response: HTTPResponse, _ dialect: ServiceAPI.Dialect) {
            switch dialect {
            case .ec2, .query, .restXML: self.init(xml: response.body)
            case .json, .restJSON: self.init(json: response)
            }
        }

        private init?(xml bytes: [UInt8]) {
            // Others have members of that name, such as S3's list of what it did not delete.
            guard let root = try? XMLNode.read(bytes),
                ["Error", "ErrorResponse", "Response"].contains(root.name)
            else { return nil }
            let error =
                root.name == "Error"
                ? root : root.child("Errors")?.child("Error") ?? root.child("Error")
            guard let error, let code = error.token("Code") else { return nil }
            self.code = code
            message = error.token("Message")
            requestID =
                error.token("RequestId") ?? root.token("RequestId") ?? root.token("RequestID")
            region = error.token("Region")
        }

        private init?(json response: HTTPResponse) {
            let value = try? JSONValue.read(response.body)
            // A `code` may be anything in an answer that reports success.
            let named = [value?["__type"], response.isSuccess ? nil : value?["code"]].lazy
                .compactMap { $0.flatMap { String(wire: $0) } }.first
            guard let code = response.headers["x-amzn-ErrorType"] ?? named else { return nil }
            self.code = Self.plain(code)
            message =
                ["message", "Message", "errorMessage"].lazy
                .compactMap { value?[$0].flatMap { String(wire: $0) } }.first
        }

        /// A code without its namespace (`com.amazonaws#Code`) and its URL (`Code:http://…`).
        private static func plain(_ code: String) -> String {
            let end = code.prefix { $0 != ":" }
            return String(end.split(separator: "#").last ?? end)
        }
    }

    /// A code for answers that name none: those to HEAD, and those of strangers.
    private static func code(of status: Int) -> String {
        switch status {
        case 301, 307, 308: "PermanentRedirect"
        case 304: "NotModified"
        case 400: "BadRequest"
        case 403: "Forbidden"
        case 404: "NotFound"
        case 412: "PreconditionFailed"
        case 503: "ServiceUnavailable"
        default: "HTTP\(status)"
        }
    }

    /// Separates AWS's words from what it encoded for its own tools, and leaves out the canonical
    /// request that some signature errors repeat, session token and all.
    private static func split(_ text: String) -> (message: String, encoded: String?) {
        let flat = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        var message = Substring(flat)
        if let canonical = flat.range(of: "The Canonical String") {
            message = flat[..<canonical.lowerBound]
        }
        let mark = "Encoded authorization failure message: "
        var encoded: String?
        if let found = message.range(of: mark) {
            encoded = String(message[found.upperBound...].prefix { $0 != " " })
            message = message[..<found.lowerBound]
        }
        return (String(message).trimmed, encoded)
    }
}

extension StringProtocol {
    /// Where another text stands in this one.
    func range(of other: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(other) {
                return start..<index(start, offsetBy: other.count)
            }
            start = index(after: start)
        }
        return nil
    }
}
