// The calls of an upload in parts: begin, parts, complete. Until it is completed there is no
// object, and what was sent costs money until it is aborted.

package import FoundationEssentials
package import HTTP

/// Begins an upload in parts.
package struct CreateMultipartUpload: S3Call {
    /// The bucket.
    package var bucket: String
    /// The key.
    package var key: String
    /// As in `text/csv`.
    package var contentType: String?
    /// Kept with the object; names in lower case.
    package var metadata: [String: String]

    /// Begins an upload.
    package init(
        _ bucket: String, _ key: String, contentType: String? = nil,
        metadata: [String: String] = [:]
    ) {
        self.bucket = bucket
        self.key = key
        self.contentType = contentType
        self.metadata = metadata
    }

    package var request: CallRequest {
        var request = CallRequest(bucket: bucket)
        request.setKey(key)
        request.setQuery("uploads", "")
        request.setHeader("Content-Type", contentType ?? "application/octet-stream")
        request.setMetadata(metadata)
        return request
    }

    /// The upload's id.
    package typealias Answer = String

    package static func answer(_ response: HTTPResponse) throws(AnswerFault) -> String {
        try XMLNode.read(response.body).need("UploadId")
    }
}

/// Sends a part: 5 MiB to 5 GiB, the last one as short as it is.
package struct UploadPart: S3Call {
    /// The bucket.
    package var bucket: String
    /// The key.
    package var key: String
    /// The upload.
    package var uploadID: String
    /// From 1 to 10,000.
    package var number: Int
    /// The part.
    package var body: HTTPBody

    /// Sends a part.
    package init(
        _ bucket: String, _ key: String, uploadID: String, number: Int, body: HTTPBody
    ) {
        self.bucket = bucket
        self.key = key
        self.uploadID = uploadID
        self.number = number
        self.body = body
    }

    package var request: CallRequest {
        var request = CallRequest(method: "PUT", bucket: bucket, body: body)
        request.setKey(key)
        request.setQuery("partNumber", String(number))
        request.setQuery("uploadId", uploadID)
        return request
    }

    /// Names the part's content, in quotes.
    package typealias Answer = String

    package static func answer(_ response: HTTPResponse) throws(AnswerFault) -> String {
        try response.needHeader("ETag")
    }
}

/// A part that was sent.
package struct CompletedPart: Sendable, Equatable {
    /// From 1.
    package let number: Int
    /// What its upload answered.
    package let eTag: String

    /// A part that was sent.
    package init(number: Int, eTag: String) {
        self.number = number
        self.eTag = eTag
    }
}

/// Makes the parts an object.
///
/// S3 may report an error under the status 200; the client reads it.
package struct CompleteMultipartUpload: S3Call {
    /// The bucket.
    package var bucket: String
    /// The key.
    package var key: String
    /// The upload.
    package var uploadID: String
    /// The parts in the order of their numbers.
    package var parts: [CompletedPart]
    /// When it may happen.
    package var condition: ObjectCondition?

    /// Completes an upload.
    package init(
        _ bucket: String, _ key: String, uploadID: String, parts: [CompletedPart],
        condition: ObjectCondition? = nil
    ) {
        self.bucket = bucket
        self.key = key
        self.uploadID = uploadID
        self.parts = parts
        self.condition = condition
    }

    package var request: CallRequest {
        var request = CallRequest(bucket: bucket)
        request.setKey(key)
        request.setQuery("uploadId", uploadID)
        var xml = XMLText(root: "CompleteMultipartUpload")
        for part in parts {
            xml.add("Part") { xml in
                xml.add("ETag", part.eTag)
                xml.add("PartNumber", String(part.number))
            }
        }
        request.setBody(xml)
        condition?.write(to: &request)
        return request
    }

    /// Names the object's content, in quotes.
    package typealias Answer = String

    package static func answer(_ response: HTTPResponse) throws(AnswerFault) -> String {
        try XMLNode.read(response.body).need("ETag")
    }
}

/// Gives an upload up; what was sent goes.
package struct AbortMultipartUpload: S3Call {
    /// The bucket.
    package var bucket: String
    /// The key.
    package var key: String
    /// The upload.
    package var uploadID: String

    /// Gives an upload up.
    package init(_ bucket: String, _ key: String, uploadID: String) {
        self.bucket = bucket
        self.key = key
        self.uploadID = uploadID
    }

    package var request: CallRequest {
        var request = CallRequest(method: "DELETE", bucket: bucket)
        request.setKey(key)
        request.setQuery("uploadId", uploadID)
        return request
    }

    /// What giving up answers.
    package typealias Answer = Done
}

/// Lists uploads that were begun and neither completed nor given up.
package struct ListMultipartUploads: S3Call {
    /// The bucket.
    package var bucket: String
    /// Only keys that begin so.
    package var prefix: String?

    /// Lists uploads, at most 1000.
    package init(_ bucket: String, prefix: String? = nil) {
        self.bucket = bucket
        self.prefix = prefix
    }

    package var request: CallRequest {
        var request = CallRequest(method: "GET", bucket: bucket)
        request.setQuery("uploads", "")
        request.setQuery("prefix", prefix)
        request.setQuery("encoding-type", "url")
        return request
    }

    /// The uploads.
    package typealias Answer = [OpenUpload]

    package static func answer(_ response: HTTPResponse) throws(AnswerFault) -> [OpenUpload] {
        let node = try XMLNode.read(response.body)
        let coded = node.child("EncodingType")?.text == "url"
        var uploads: [OpenUpload] = []
        for item in node.all("Upload") {
            uploads.append(try OpenUpload(item, keyIsCoded: coded))
        }
        return uploads
    }
}

/// An upload that was begun.
package struct OpenUpload: Sendable, Equatable {
    /// The key.
    package let key: String
    /// The upload.
    package let uploadID: String
    /// When it was begun.
    package let initiated: Date?

    init(_ node: XMLNode, keyIsCoded: Bool) throws(AnswerFault) {
        key = ObjectEntry.key(try node.need("Key"), isCoded: keyIsCoded)
        uploadID = try node.need("UploadId")
        initiated = try node.value("Initiated")
    }
}
