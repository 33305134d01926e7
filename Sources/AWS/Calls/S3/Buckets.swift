// Calls about S3's buckets and the rules by which their objects end.

package import FoundationEssentials
package import HTTP

/// Makes a bucket in the client's region.
package struct CreateBucket: S3Call {
    /// 3 to 63 lower-case letters, digits, dots and `-`, unique in the world.
    package var bucket: String
    /// The client's region; `nil` or `us-east-1` for AWS's oldest, which is not named.
    package var region: String?

    /// Makes a bucket.
    package init(_ bucket: String, region: String?) {
        self.bucket = bucket
        self.region = region
    }

    package var request: CallRequest {
        var request = CallRequest(method: "PUT", bucket: bucket)
        guard let region, region != "us-east-1" else { return request }
        var xml = XMLText(root: "CreateBucketConfiguration")
        xml.add("LocationConstraint", region)
        request.setBody(xml)
        return request
    }

    /// What a create answers.
    package typealias Answer = Done
}

/// Removes an empty bucket.
package struct DeleteBucket: S3Call {
    /// The bucket.
    package var bucket: String

    /// Removes a bucket.
    package init(_ bucket: String) { self.bucket = bucket }

    package var request: CallRequest { CallRequest(method: "DELETE", bucket: bucket) }

    /// What a removal answers.
    package typealias Answer = Done
}

/// Asks whether a bucket is there and may be used.
package struct HeadBucket: S3Call {
    /// The bucket.
    package var bucket: String

    /// Asks for a bucket.
    package init(_ bucket: String) { self.bucket = bucket }

    package var request: CallRequest { CallRequest(method: "HEAD", bucket: bucket) }

    /// A bucket's place.
    package struct Answer: Sendable, Equatable {
        /// Its region, where the server says so.
        package let region: String?
    }

    package static func answer(_ response: HTTPResponse) throws(AnswerFault) -> Answer {
        Answer(region: try response.header("x-amz-bucket-region"))
    }
}

/// Lists the account's buckets.
package struct ListBuckets: S3Call, PagedCall {
    /// Where the page begins; `nil` for the first one.
    package var nextToken: String?
    /// Buckets a page; `nil` for all of them in one.
    package var maxResults: Int?

    /// Lists buckets.
    package init(maxResults: Int? = nil) { self.maxResults = maxResults }

    package var request: CallRequest {
        var request = CallRequest(method: "GET")
        request.setQuery("continuation-token", nextToken)
        request.setQuery("max-buckets", maxResults.map { String($0) })
        return request
    }

    /// One page.
    package struct Answer: Sendable {
        /// The buckets.
        package let buckets: [Bucket]
        let nextToken: String?
    }

    package static func answer(_ response: HTTPResponse) throws(AnswerFault) -> Answer {
        let node = try XMLNode.read(response.body)
        return Answer(
            buckets: try node.list("Buckets", item: "Bucket", Bucket.init),
            nextToken: node.token("ContinuationToken"))
    }

    package static func nextToken(of answer: Answer) -> String? { answer.nextToken }
}

/// A bucket.
package struct Bucket: Sendable, Equatable {
    /// The name.
    package let name: String
    /// When it was made.
    package let creationDate: Date?

    init(_ node: XMLNode) throws(AnswerFault) {
        name = try node.need("Name")
        creationDate = try node.value("CreationDate")
    }
}

/// When objects end by themselves.
package struct LifecycleRule: Sendable, Equatable {
    /// Unique in the bucket, at most 255 characters.
    package var id: String
    /// The keys it is for.
    package var prefix: String
    /// Days after which an object ends.
    package var expirationDays: Int?
    /// Days after which an upload that was never completed ends.
    package var abandonedUploadDays: Int?

    /// A rule that is in force.
    package init(
        id: String, prefix: String, expirationDays: Int? = nil, abandonedUploadDays: Int? = nil
    ) {
        self.id = id
        self.prefix = prefix
        self.expirationDays = expirationDays
        self.abandonedUploadDays = abandonedUploadDays
    }

    init(_ node: XMLNode) throws(AnswerFault) {
        id = try node.need("ID")
        // Older rules have their prefix outside of a filter.
        prefix = try (node.child("Filter") ?? node).value("Prefix") ?? ""
        expirationDays = try node.child("Expiration")?.value("Days")
        abandonedUploadDays = try node.child("AbortIncompleteMultipartUpload")?
            .value("DaysAfterInitiation")
    }

    func write(to xml: inout XMLText) {
        xml.add("Rule") { xml in
            if let expirationDays {
                xml.add("Expiration") { $0.add("Days", String(expirationDays)) }
            }
            xml.add("ID", id)
            xml.add("Filter") { $0.add("Prefix", prefix) }
            xml.add("Status", "Enabled")
            if let abandonedUploadDays {
                xml.add("AbortIncompleteMultipartUpload") {
                    $0.add("DaysAfterInitiation", String(abandonedUploadDays))
                }
            }
        }
    }
}

/// Replaces all rules of a bucket.
package struct PutBucketLifecycleConfiguration: S3Call {
    /// The bucket.
    package var bucket: String
    /// The rules, at least one.
    package var rules: [LifecycleRule]

    /// Replaces a bucket's rules.
    package init(_ bucket: String, rules: [LifecycleRule]) {
        self.bucket = bucket
        self.rules = rules
    }

    package var request: CallRequest {
        var request = CallRequest(method: "PUT", bucket: bucket)
        request.setQuery("lifecycle", "")
        var xml = XMLText(root: "LifecycleConfiguration")
        for rule in rules { rule.write(to: &xml) }
        request.setBody(xml, withChecksum: true)
        return request
    }

    /// What a replacement answers.
    package typealias Answer = Done
}

/// Reads all rules of a bucket; refused with `NoSuchLifecycleConfiguration` when it has none.
package struct GetBucketLifecycleConfiguration: S3Call {
    /// The bucket.
    package var bucket: String

    /// Reads a bucket's rules.
    package init(_ bucket: String) { self.bucket = bucket }

    package var request: CallRequest {
        var request = CallRequest(method: "GET", bucket: bucket)
        request.setQuery("lifecycle", "")
        return request
    }

    /// The rules.
    package typealias Answer = [LifecycleRule]

    package static func answer(_ response: HTTPResponse) throws(AnswerFault) -> [LifecycleRule] {
        var rules: [LifecycleRule] = []
        for node in try XMLNode.read(response.body).all("Rule") {
            rules.append(try LifecycleRule(node))
        }
        return rules
    }
}

/// Removes all rules of a bucket.
package struct DeleteBucketLifecycle: S3Call {
    /// The bucket.
    package var bucket: String

    /// Removes a bucket's rules.
    package init(_ bucket: String) { self.bucket = bucket }

    package var request: CallRequest {
        var request = CallRequest(method: "DELETE", bucket: bucket)
        request.setQuery("lifecycle", "")
        return request
    }

    /// What a removal answers.
    package typealias Answer = Done
}
