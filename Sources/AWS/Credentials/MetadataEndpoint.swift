// Where this machine's own services hand out credentials: the metadata service of an EC2 instance
// and the credential endpoint of a container. Both are addresses inside the machine's network;
// anything else must be HTTPS, since the answers are secrets.

/// Where the metadata service of an EC2 instance is.
enum MetadataEndpoint {
    /// Whether the metadata service is not to be asked: `AWS_EC2_METADATA_DISABLED`.
    ///
    /// - Throws: ``AccessError`` when the setting is neither true nor false.
    static func isDisabled(_ configuration: AWSConfiguration) throws(AccessError) -> Bool {
        try configuration.flag("AWS_EC2_METADATA_DISABLED", key: nil)?.value ?? false
    }

    /// The base URL, without a slash at the end.
    ///
    /// - Parameters:
    ///   - configuration: Says where, by URL or by IP version.
    ///   - url: A URL that was asked for explicitly.
    ///   - mode: An IP version that was asked for explicitly.
    /// - Returns: The URL.
    /// - Throws: ``AccessError`` when a setting makes no sense.
    static func url(
        _ configuration: AWSConfiguration, url: String? = nil, mode: String? = nil
    ) throws(AccessError) -> String {
        let asked = url.map { Sourced($0, from: "asked for") }
        let configured =
            asked
            ?? configuration.setting(
                "AWS_EC2_METADATA_SERVICE_ENDPOINT", key: "ec2_metadata_service_endpoint")
        if var found = configured?.value {
            guard AWSConfiguration.isURL(found) else {
                throw AccessError(
                    .configuration,
                    "'\(ConfidentialURL(found))' (\(configured?.source ?? "")) is no URL: invalid uri character "
                        + "or no scheme")
            }
            while found.hasSuffix("/") { found.removeLast() }
            return found
        }
        let version =
            mode.map { Sourced($0, from: "asked for") }
            ?? configuration.setting(
                "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", key: "ec2_metadata_service_endpoint_mode")
        switch version?.value.lowercased() {
        case nil, "ipv4": return "http://169.254.169.254"
        case "ipv6": return "http://[fd00:ec2::254]"
        default:
            throw AccessError(
                .configuration,
                "`\(version?.value ?? "")` is not a valid endpoint mode (\(version?.source ?? ""))",
                hint: "write IPv4 or IPv6")
        }
    }
}

/// Where a container asks for its credentials.
enum ContainerEndpoint {
    /// The URL, or `nil` when this is no such container.
    ///
    /// - Throws: ``AccessError`` when the variables name a place that secrets must not come from.
    static func url(_ surroundings: Surroundings) throws(AccessError) -> String? {
        if let path = surroundings.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            guard path.hasPrefix("/"), AWSConfiguration.isURL("http://host" + path) else {
                throw AccessError(
                    .configuration,
                    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is no path of a URL",
                    hint: "ECS sets it; it begins with a slash")
            }
            return "http://169.254.170.2" + path
        }
        guard let url = surroundings.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") else {
            return nil
        }
        guard AWSConfiguration.isURL(url) else {
            throw AccessError(
                .configuration,
                "AWS_CONTAINER_CREDENTIALS_FULL_URI: URI did not specify a host: "
                    + "'\(ConfidentialURL(url))'",
                hint: "it is written like http://169.254.170.23/v1/credentials")
        }
        guard url.lowercased().hasPrefix("https://") || isInside(host(of: url)) else {
            throw AccessError(
                .configuration,
                "AWS_CONTAINER_CREDENTIALS_FULL_URI leads to \(host(of: url)) without encryption",
                hint: "only HTTPS, loopback and the addresses of ECS and EKS are allowed")
        }
        return url
    }

    /// The host of a URL, without port and brackets.
    static func host(of url: String) -> String {
        let rest = url[(url.firstRange(of: "://")?.upperBound ?? url.startIndex)...]
        let authority = rest.prefix { !"/?#".contains($0) }
        if authority.hasPrefix("[") { return String(authority.dropFirst().prefix { $0 != "]" }) }
        return String(authority.prefix { $0 != ":" })
    }

    /// Loopback, or an address that ECS or EKS gives credentials at.
    private static func isInside(_ host: String) -> Bool {
        let known: Set = [
            "localhost", "::1", "169.254.170.2", "169.254.170.23", "fd00:ec2::23",
        ]
        if known.contains(host.lowercased()) { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
