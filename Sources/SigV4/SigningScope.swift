// What a signature is good for: a service in a region, under the rules of that service.

/// The region and service for which a signature counts.
package struct SigningScope: Sendable, Hashable {
    /// How a service reads the request that it checks.
    package enum Rules: Sendable, Hashable {
        /// All services but S3: the path is tidied up and percent-coded once more.
        case standard
        /// S3: the path counts as sent, and the body's hash travels in a header.
        case s3
        /// As ``standard``, the path not tidied up.
        case unnormalized
    }

    /// The region, such as `eu-west-1`.
    package let region: String
    /// The service's signing name, such as `ec2`, which is not always its host's.
    package let service: String
    /// How the service reads a request.
    package let rules: Rules

    /// A scope; the rules are S3's for the service `s3`, unless given.
    package init(region: String, service: String, rules: Rules? = nil) {
        self.region = region
        self.service = service
        self.rules = rules ?? (service == "s3" ? .s3 : .standard)
    }
}
