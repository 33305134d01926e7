// What a bucket holds besides the objects that a list shows: with versioning, each object's former
// versions and the marks of its deletions.

package import HTTP

/// Lists versions and marks of deletions, at most 1000; where nothing is versioned, the objects.
package struct ListObjectVersions: S3Call {
    /// The bucket.
    package var bucket: String
    /// Only keys that begin so.
    package var prefix: String?

    /// Lists versions.
    package init(_ bucket: String, prefix: String? = nil) {
        self.bucket = bucket
        self.prefix = prefix
    }

    package var request: CallRequest {
        var request = CallRequest(method: "GET", bucket: bucket)
        request.setQuery("versions", "")
        request.setQuery("prefix", prefix)
        request.setQuery("encoding-type", "url")
        return request
    }

    /// The versions.
    package typealias Answer = [ObjectVersion]

    package static func answer(_ response: HTTPResponse) throws(AnswerFault) -> [ObjectVersion] {
        let node = try XMLNode.read(response.body)
        let coded = node.child("EncodingType")?.text == "url"
        var versions: [ObjectVersion] = []
        for item in node.all("Version") + node.all("DeleteMarker") {
            versions.append(
                ObjectVersion(
                    key: ObjectEntry.key(try item.need("Key"), isCoded: coded),
                    versionID: try item.value("VersionId")))
        }
        return versions
    }
}

/// An object, or one version of it.
package struct ObjectVersion: Sendable, Equatable {
    /// The key.
    package let key: String
    /// The version; `null` where the bucket was not versioned then, `nil` for whatever is newest.
    package let versionID: String?

    /// An object, or one version of it.
    package init(key: String, versionID: String? = nil) {
        self.key = key
        self.versionID = versionID
    }
}
