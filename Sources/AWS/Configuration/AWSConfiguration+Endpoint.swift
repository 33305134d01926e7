// Where a service is called: at a URL somebody configured, or at AWS's own host for the region.
//
// The order for configured URLs is the one all of AWS's SDKs agreed on: asked for explicitly,
// AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the profile's [services] section, the profile's
// endpoint_url.

/// Where and as what a service is called.
package struct Endpoint: Sendable, Equatable {
    /// Scheme, host, and port and path where they are given, without a slash at the end.
    package let url: String
    /// Who configured the URL; `nil` for AWS's own endpoint.
    package let configuredBy: String?
    /// The service.
    package let service: AWSService
    /// The region that signatures are for.
    package let region: String

    /// Whether the URL is not AWS's own, so that buckets belong into the path, not the host.
    package var isCustom: Bool { configuredBy != nil }
}

extension AWSConfiguration {
    /// The endpoint of a service.
    ///
    /// - Parameters:
    ///   - service: The service.
    ///   - region: Another region than the configured one.
    /// - Returns: Where and as what to call it.
    /// - Throws: ``AccessError`` when no region is set or a setting makes no sense.
    package func endpoint(
        of service: AWSService, region: String? = nil
    ) throws(AccessError) -> Endpoint {
        var region = if let region { region } else { try self.region().value }
        if let home = service.homeRegions.first, !service.homeRegions.contains(region),
            Partition.isCommercial(region: region)
        {
            region = home
        }
        guard Self.isRegion(region) else {
            throw AccessError(.configuration, "'\(region.firstLine)' is no name of a region")
        }
        let fips = try flag("AWS_USE_FIPS_ENDPOINT", key: "use_fips_endpoint")
        let dualStack = try flag("AWS_USE_DUALSTACK_ENDPOINT", key: "use_dualstack_endpoint")
        if let configured = try configuredEndpoint(of: service) {
            for setting in [fips, dualStack] {
                guard let setting, setting.value else { continue }
                throw AccessError(
                    .configuration,
                    "\(setting.source) asks for a variant of AWS's endpoint, and "
                        + "\(configured.source) for another endpoint",
                    hint: "remove one of the two")
            }
            return Endpoint(
                url: configured.value, configuredBy: configured.source, service: service,
                region: region)
        }
        let host = Self.host(
            of: service, region: region, fips: fips?.value ?? false,
            dualStack: dualStack?.value ?? false)
        return Endpoint(
            url: "https://" + host, configuredBy: nil, service: service, region: region)
    }

    /// The URL somebody configured for a service, if anyone did.
    ///
    /// - Throws: ``AccessError`` when it is no URL that can be called.
    package func configuredEndpoint(
        of service: AWSService
    ) throws(AccessError) -> Sourced<String>? {
        guard let found = try endpointSetting(of: service) else { return nil }
        var url = found.value
        while url.hasSuffix("/") { url.removeLast() }
        // An endpoint has no user, query or fragment, in which a secret could stand.
        guard Self.isURL(url), !url.contains(where: { "?#@".contains($0) }) else {
            throw AccessError(
                .configuration,
                "'\(ConfidentialURL(found.value))' (\(found.source)) is no URL of an endpoint",
                hint: "an endpoint is written like http://localhost:4566")
        }
        return Sourced(url, from: found.source)
    }

    private func endpointSetting(
        of service: AWSService
    ) throws(AccessError) -> Sourced<String>? {
        if let url = explicit.endpointURL { return Sourced(url, from: "asked for") }
        let ignored = try flag(
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", key: "ignore_configured_endpoint_urls")
        if explicit.ignoresConfiguredEndpoints ?? ignored?.value ?? false { return nil }
        let variables = ["AWS_ENDPOINT_URL_" + service.variableSuffix, "AWS_ENDPOINT_URL"]
        for name in variables {
            if let url = surroundings.variable(name) { return Sourced(url, from: name) }
        }
        if let url = try servicesSetting(of: service) { return url }
        return setting(key: "endpoint_url")
    }

    /// The `endpoint_url` of a service in the `[services]` section that the profile names.
    private func servicesSetting(of service: AWSService) throws(AccessError) -> Sourced<String>? {
        guard let reference = profile?.value("services") else { return nil }
        guard let group = shared.services[reference.text] else {
            throw AccessError(
                .configuration,
                "\(reference.place.text): there is no section [services \(reference.text.firstLine)]",
                hint: "add the section to the config file, or remove the key")
        }
        guard let value = group.value(service.configKey), let url = value.nested["endpoint_url"],
            !url.isEmpty
        else { return nil }
        return Sourced(url, from: value.place.text)
    }

    /// Whether a text is `http` or `https` with a host, of characters that need no escape.
    static func isURL(_ text: String) -> Bool {
        let lower = text.lowercased()
        guard let scheme = ["http://", "https://"].first(where: lower.hasPrefix) else {
            return false
        }
        let rest = text.dropFirst(scheme.count)
        let host = rest.prefix { !"/?#".contains($0) }
        return !host.isEmpty && !host.hasPrefix(":") && !host.contains("@")
            && rest.utf8.allSatisfy {
                (0x21...0x7E).contains($0) && !"\"<>\\^`{|}".utf8.contains($0)
            }
    }

    /// AWS's own URL of a bucket, whatever endpoint is configured here: for machines that are there.
    package static func url(ofBucket bucket: String, region: String) -> String {
        let host = host(of: .s3, region: region, fips: false, dualStack: false)
        // The certificate is for one label before the service's host.
        return bucket.contains(".") ? "https://\(host)/\(bucket)" : "https://\(bucket).\(host)"
    }

    /// The host AWS gave a service in a region.
    static func host(
        of service: AWSService, region: String, fips: Bool, dualStack: Bool
    ) -> String {
        let partition = Partition.of(region: region)
        let isPlain = region.hasPrefix("us-gov-") && !dualStack && service.isPlainInGovCloud
        let prefix = service.endpointPrefix + (fips && !isPlain ? "-fips" : "")
        guard dualStack else { return "\(prefix).\(region).\(partition.suffix)" }
        if service == .s3 { return "\(prefix).dualstack.\(region).\(partition.suffix)" }
        return "\(prefix).\(region).\(partition.dualStackSuffix)"
    }
}
