// Listing S3's objects, and removing many at once.

package import FoundationEssentials
package import HTTP

/// Lists objects in the order of their keys' bytes.
package struct ListObjectsV2: S3Call, PagedCall {
    /// The bucket.
    package var bucket: String
    /// Only keys that begin so.
    package var prefix: String?
    /// Keys are cut after this, and each stem is listed once.
    package var delimiter: String?
    /// Only keys after this one.
    package var startAfter: String?
    /// Keys a page, at most 1000.
    package var maxKeys: Int?
    /// Where the page begins; `nil` for the first one.
    package var nextToken: String?

    /// Lists objects.
    package init(
        _ bucket: String, prefix: String? = nil, delimiter: String? = nil,
        startAfter: String? = nil, maxKeys: Int? = nil
    ) {
        self.bucket = bucket
        self.prefix = prefix
        self.delimiter = delimiter
        self.startAfter = startAfter
        self.maxKeys = maxKeys
    }

    package var request: CallRequest {
        var request = CallRequest(method: "GET", bucket: bucket)
        request.setQuery("list-type", "2")
        request.setQuery("prefix", prefix)
        request.setQuery("delimiter", delimiter)
        request.setQuery("start-after", startAfter)
        request.setQuery("max-keys", maxKeys.map { String($0) })
        request.setQuery("continuation-token", nextToken)
        // Without it a key that XML can't hold would spoil the whole list.
        request.setQuery("encoding-type", "url")
        return request
    }

    /// One page.
    package struct Answer: Sendable {
        /// The objects.
        package let objects: [ObjectEntry]
        /// The stems of keys that were cut.
        package let commonPrefixes: [String]
        let nextToken: String?
    }

    package static func answer(_ response: HTTPResponse) throws(AnswerFault) -> Answer {
        let node = try XMLNode.read(response.body)
        guard node.name == "ListBucketResult" else { throw AnswerFault("no list of objects") }
        let coded = node.child("EncodingType")?.text == "url"
        var objects: [ObjectEntry] = []
        for item in node.all("Contents") {
            objects.append(try ObjectEntry(item, keyIsCoded: coded))
        }
        var prefixes: [String] = []
        for item in node.all("CommonPrefixes") {
            prefixes.append(ObjectEntry.key(try item.need("Prefix"), isCoded: coded))
        }
        let isTruncated: Bool = try node.value("IsTruncated") ?? false
        return Answer(
            objects: objects, commonPrefixes: prefixes,
            nextToken: isTruncated ? node.token("NextContinuationToken") : nil)
    }

    package static func nextToken(of answer: Answer) -> String? { answer.nextToken }
}

/// An object in a list.
package struct ObjectEntry: Sendable, Equatable {
    /// The key.
    package let key: String
    /// Bytes.
    package let size: Int64
    /// Names this very content, in quotes.
    package let eTag: String?
    /// When it was written.
    package let lastModified: Date?

    init(_ node: XMLNode, keyIsCoded: Bool) throws(AnswerFault) {
        key = Self.key(try node.need("Key"), isCoded: keyIsCoded)
        size = Int64(try node.need("Size", as: Int.self))
        eTag = try node.value("ETag")
        lastModified = try node.value("LastModified")
    }

    /// A key as it is; S3 codes it as forms do, so a plus sign is a space.
    static func key(_ text: String, isCoded: Bool) -> String {
        guard isCoded else { return text }
        let spaced = text.utf8.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
        return String(decoding: PercentCoding.decode(spaced), as: UTF8.self)
    }
}

/// Removes up to 1000 objects; those that are not there are no error.
package struct DeleteObjects: S3Call {
    /// The bucket.
    package var bucket: String
    /// The objects, or versions of them.
    package var objects: [ObjectVersion]

    /// Removes objects, or versions of them.
    package init(_ bucket: String, objects: [ObjectVersion]) {
        self.bucket = bucket
        self.objects = objects
    }

    /// Removes objects.
    package init(_ bucket: String, keys: [String]) {
        self.init(bucket, objects: keys.map { ObjectVersion(key: $0) })
    }

    package var request: CallRequest {
        var request = CallRequest(bucket: bucket)
        request.setQuery("delete", "")
        var xml = XMLText(root: "Delete")
        for object in objects {
            xml.add("Object") {
                $0.add("Key", object.key)
                $0.add("VersionId", object.versionID)
            }
        }
        xml.add("Quiet", "true")
        request.setBody(xml, withChecksum: true)
        return request
    }

    /// Those that could not be removed.
    package typealias Answer = [DeletionFailure]

    package static func answer(_ response: HTTPResponse) throws(AnswerFault) -> [DeletionFailure] {
        var failures: [DeletionFailure] = []
        for node in try XMLNode.read(response.body).all("Error") {
            failures.append(try DeletionFailure(node))
        }
        return failures
    }
}

/// An object that could not be removed, and why.
package struct DeletionFailure: Sendable, Equatable {
    /// The key.
    package let key: String
    /// As in `AccessDenied`.
    package let code: String
    /// The code in words.
    package let message: String?

    init(_ node: XMLNode) throws(AnswerFault) {
        key = try node.need("Key")
        code = try node.need("Code")
        message = try node.value("Message")
    }
}
