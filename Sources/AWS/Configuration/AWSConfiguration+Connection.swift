// What the HTTP transport must know: whose certificates to trust, and which proxies to use. The
// addresses that hand out credentials inside a machine never go through a proxy.

/// How connections are made.
package struct ConnectionSettings: Sendable, Equatable {
    /// A PEM file with the certificates to trust instead of the system's.
    package let caBundle: Sourced<String>?
    /// The proxy for `http` URLs.
    package let httpProxy: Sourced<ConfidentialURL>?
    /// The proxy for `https` URLs.
    package let httpsProxy: Sourced<ConfidentialURL>?
    /// Hosts and domains that are called directly, separated by commas.
    package let noProxy: String
}

extension AWSConfiguration {
    /// Certificates and proxies: `AWS_CA_BUNDLE` or `ca_bundle`, and every HTTP client's variables.
    ///
    /// Lower case comes first. `HTTP_PROXY` counts in lower case only, as for curl, since
    /// a web server may set the other from a request's header.
    ///
    /// - Throws: ``AccessError`` when the bundle cannot be read.
    package func connectionSettings() throws(AccessError) -> ConnectionSettings {
        var bundle = setting("AWS_CA_BUNDLE", key: "ca_bundle")
        if let given = bundle {
            let path = surroundings.path(given.value)
            guard try surroundings.file(path) != nil else {
                throw AccessError(
                    .configuration, "\(given.source): there is no CA bundle at \(path)",
                    hint: "correct the path, or remove it to trust the system's certificates")
            }
            bundle = Sourced(path, from: given.source)
        }
        let direct = [
            "169.254.169.254", "fd00:ec2::254", "169.254.170.2", "169.254.170.23",
            "fd00:ec2::23", "localhost", "127.0.0.1", "::1",
        ]
        let others = setting("no_proxy", "NO_PROXY", key: nil)?.value
        return ConnectionSettings(
            caBundle: bundle,
            httpProxy: confidential(setting("http_proxy", "all_proxy", "ALL_PROXY", key: nil)),
            httpsProxy: confidential(
                setting("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", key: nil)),
            noProxy: others == "*"
                ? "*" : ([others].compactMap { $0 } + direct).joined(separator: ","))
    }

    private func confidential(_ setting: Sourced<String>?) -> Sourced<ConfidentialURL>? {
        setting.map { Sourced(ConfidentialURL($0.value), from: $0.source) }
    }
}
