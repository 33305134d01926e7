// Calls about S3's objects. Keys are any text of at most 1024 bytes of UTF-8: a key is sent as it
// is, with nothing tidied up.

package import FoundationEssentials
package import HTTP

/// When a write or read may happen.
package enum ObjectCondition: Sendable, Equatable {
    /// Only when there is no object of that key yet.
    case absent
    /// Only when the object still has this ETag.
    case unchanged(eTag: String)
    /// Reading only: only when the object no longer has this ETag; answered with 304 otherwise.
    case changed(eTag: String)

    func write(to request: inout CallRequest) {
        switch self {
        case .absent: request.setHeader("If-None-Match", "*")
        case .unchanged(let eTag): request.setHeader("If-Match", eTag)
        case .changed(let eTag): request.setHeader("If-None-Match", eTag)
        }
    }
}

/// Writes an object in one piece, at most 5 GiB.
package struct PutObject: S3Call {
    /// The bucket.
    package var bucket: String
    /// The key.
    package var key: String
    /// The object.
    package var body: HTTPBody
    /// As in `text/csv`.
    package var contentType: String?
    /// Kept with the object; names in lower case.
    package var metadata: [String: String]
    /// When it may happen.
    package var condition: ObjectCondition?

    /// Writes an object.
    package init(
        _ bucket: String, _ key: String, body: HTTPBody, contentType: String? = nil,
        metadata: [String: String] = [:], condition: ObjectCondition? = nil
    ) {
        self.bucket = bucket
        self.key = key
        self.body = body
        self.contentType = contentType
        self.metadata = metadata
        self.condition = condition
    }

    /// Writes an object that is in memory.
    package init(
        _ bucket: String, _ key: String, bytes: [UInt8], condition: ObjectCondition? = nil
    ) {
        self.init(bucket, key, body: .bytes(bytes), condition: condition)
    }

    package var request: CallRequest {
        var request = CallRequest(method: "PUT", bucket: bucket, body: body)
        request.setKey(key)
        request.setHeader("Content-Type", contentType ?? "application/octet-stream")
        request.setMetadata(metadata)
        condition?.write(to: &request)
        return request
    }

    /// What was written.
    package struct Answer: Sendable, Equatable {
        /// Names this very content, in quotes.
        package let eTag: String
    }

    package static func answer(_ response: HTTPResponse) throws(AnswerFault) -> Answer {
        Answer(eTag: try response.needHeader("ETag"))
    }
}

/// Reads an object, or a part of it, into memory: at most 16 MiB; larger ones are downloaded.
package struct GetObject: S3Call {
    /// The bucket.
    package var bucket: String
    /// The key.
    package var key: String
    /// Bytes from the first to the last, both included; up to the end when there is no last.
    package var range: ByteRange?
    /// When it may happen.
    package var condition: ObjectCondition?

    /// A part of an object.
    package struct ByteRange: Sendable, Equatable {
        /// The first byte, from 0.
        package var first: Int64
        /// The last byte; `nil` for the object's last.
        package var last: Int64?

        /// A part.
        package init(first: Int64, last: Int64? = nil) {
            self.first = first
            self.last = last
        }
    }

    /// Reads an object.
    package init(
        _ bucket: String, _ key: String, range: ByteRange? = nil,
        condition: ObjectCondition? = nil
    ) {
        self.bucket = bucket
        self.key = key
        self.range = range
        self.condition = condition
    }

    package var request: CallRequest {
        var request = CallRequest(method: "GET", bucket: bucket)
        request.setKey(key)
        if let range {
            request.setHeader(
                "Range", "bytes=\(range.first)-\(range.last.map { String($0) } ?? "")")
        }
        condition?.write(to: &request)
        return request
    }

    /// An object's bytes and what is known of it.
    package struct Answer: Sendable, Equatable {
        /// The bytes.
        package let body: [UInt8]
        /// The rest.
        package let head: ObjectHead
    }

    package static func answer(_ response: HTTPResponse) throws(AnswerFault) -> Answer {
        Answer(body: response.body, head: try ObjectHead(response))
    }
}

/// What is known of an object beside its bytes.
package struct ObjectHead: Sendable, Equatable {
    /// The length of what is sent, in bytes: the object's, or a part's.
    package let contentLength: Int64?
    /// Names this very content, in quotes.
    package let eTag: String
    /// When it was written.
    package let lastModified: Date?
    /// As in `text/csv`.
    package let contentType: String?
    /// What its writer gave with it.
    package let metadata: [String: String]

    init(_ response: HTTPResponse) throws(AnswerFault) {
        contentLength = try response.header("Content-Length", as: Int.self).map { Int64($0) }
        eTag = try response.needHeader("ETag")
        lastModified = try response.header("Last-Modified")
        contentType = try response.header("Content-Type")
        var metadata: [String: String] = [:]
        let prefix = "x-amz-meta-"
        for field in response.headers.fields {
            let name = field.name.lowercased()
            guard name.hasPrefix(prefix) else { continue }
            metadata[String(name.dropFirst(prefix.count))] = field.value
        }
        self.metadata = metadata
    }
}

/// Asks what is known of an object.
package struct HeadObject: S3Call {
    /// The bucket.
    package var bucket: String
    /// The key.
    package var key: String

    /// Asks for an object.
    package init(_ bucket: String, _ key: String) {
        self.bucket = bucket
        self.key = key
    }

    package var request: CallRequest {
        var request = CallRequest(method: "HEAD", bucket: bucket)
        request.setKey(key)
        return request
    }

    /// What is known.
    package typealias Answer = ObjectHead

    package static func answer(_ response: HTTPResponse) throws(AnswerFault) -> ObjectHead {
        try ObjectHead(response)
    }
}

/// Removes an object; one that is not there is no error.
package struct DeleteObject: S3Call {
    /// The bucket.
    package var bucket: String
    /// The key.
    package var key: String

    /// Removes an object.
    package init(_ bucket: String, _ key: String) {
        self.bucket = bucket
        self.key = key
    }

    package var request: CallRequest {
        var request = CallRequest(method: "DELETE", bucket: bucket)
        request.setKey(key)
        return request
    }

    /// What a removal answers.
    package typealias Answer = Done
}

extension CallRequest {
    mutating func setMetadata(_ metadata: [String: String]) {
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
            setHeader("x-amz-meta-\(name)", value)
        }
    }
}
