// The region: asked for, then AWS_REGION, then AWS_DEFAULT_REGION, then the profile's. A name is
// checked before it becomes part of a host name, so that a wrong one cannot send credentials
// elsewhere.

package import HTTP

extension AWSConfiguration {
    /// The configured region, or `nil` when nothing says which.
    ///
    /// - Throws: ``AccessError`` for a name that no region can have.
    package func configuredRegion() throws(AccessError) -> Sourced<String>? {
        let region =
            explicit.region.map { Sourced($0, from: "asked for") }
            ?? setting("AWS_REGION", "AWS_DEFAULT_REGION", key: "region")
        guard let region else { return nil }
        guard Self.isRegion(region.value) else {
            throw AccessError(
                .configuration,
                "'\(region.value.firstLine)' (\(region.source)) is no name of a region",
                hint: region.value.contains(where: \.isNewline)
                    ? "the lines below it are indented, and so belong to it"
                    : "a region is written like eu-central-1")
        }
        return region
    }

    /// The configured region.
    ///
    /// - Throws: ``AccessError`` when nothing says which, with the ways to say it.
    package func region() throws(AccessError) -> Sourced<String> {
        guard let region = try configuredRegion() else {
            throw AccessError(
                .configuration, "no AWS region is set",
                hint: "set `region` in the environment file, AWS_REGION, or `region` in the "
                    + "profile '\(profileName.value)' (aws configure set region eu-central-1)")
        }
        return region
    }

    /// The configured region, or the one of the EC2 instance that this is.
    ///
    /// - Throws: ``AccessError`` when nothing says which, with the ways to say it.
    package func region(
        asking transport: any HTTPTransport
    ) async throws(AccessError) -> Sourced<String> {
        if let region = try configuredRegion() { return region }
        guard try !MetadataEndpoint.isDisabled(self) else { return try region() }
        let instance = InstanceSource(
            exchange: CredentialExchange(
                transport: transport, surroundings: surroundings, rules: try retryRules()),
            endpoint: try MetadataEndpoint.url(self))
        var found: String?
        do { found = try await instance.region() } catch { found = nil }
        guard let found, Self.isRegion(found) else { return try region() }
        return Sourced(found, from: "EC2 instance metadata")
    }

    /// Whether a text can stand as a label in a host name.
    static func isRegion(_ text: String) -> Bool {
        (1...63).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                    true
                default: false
                }
            } && !text.hasPrefix("-") && !text.hasSuffix("-")
    }
}
