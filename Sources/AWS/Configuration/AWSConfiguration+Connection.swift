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
    /// - Throws: ``AccessError`` when the bundle cannot be read, or a proxy is no URL of one.
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
            httpProxy: try proxy(setting("http_proxy", "all_proxy", "ALL_PROXY", key: nil)),
            httpsProxy: try proxy(
                setting("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", key: nil)),
            noProxy: others == "*"
                ? "*" : ([others].compactMap { $0 } + direct).joined(separator: ","))
    }

    private func proxy(
        _ setting: Sourced<String>?
    ) throws(AccessError) -> Sourced<ConfidentialURL>? {
        guard let setting else { return nil }
        guard Self.isProxy(setting.value) else {
            throw AccessError(
                .configuration, "\(setting.source) is no URL of a proxy",
                hint: "a proxy is written like http://user:password@proxy.example.com:3128, with "
                    + "%23 for a # in the password, %3F for ?, %2F for / and %40 for @")
        }
        return Sourced(ConfidentialURL(setting.value), from: setting.source)
    }

    /// Whether libcurl can make sense of a text as a proxy: an address, with a scheme or without.
    private static func isProxy(_ text: String) -> Bool {
        let schemes = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]
        var rest = text[...]
        if let end = text.firstRange(of: "://") {
            guard schemes.contains(text[..<end.lowerBound].lowercased()) else { return false }
            rest = text[end.upperBound...]
        }
        if rest.hasSuffix("/") { rest.removeLast() }
        guard rest.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            !rest.contains(where: { "/?#".contains($0) })
        else { return false }
        let parts = rest.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = parts.last, !address.isEmpty else { return false }
        let name = address.hasPrefix("[") ? address.drop { $0 != "]" }.dropFirst() : address
        guard let colon = name.lastIndex(of: ":") else { return true }
        let port = UInt16(name[name.index(after: colon)...])
        return port != nil && (address.hasPrefix("[") || colon > name.startIndex)
    }
}
