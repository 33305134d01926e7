// What a transport is told about the way to the servers. All of it is given: libcurl's own habit
// of looking for proxies in the environment is switched off.

/// How connections are made.
package struct CurlConfiguration: Sendable, Hashable {
    /// The time a connection, TLS included, may take to come about.
    package var connectTimeout: Duration = .seconds(10)
    /// The time that a transfer may stand still, either way.
    package var stallTimeout: Duration = .seconds(60)
    /// A PEM file with the certificates to trust instead of the system's.
    package var caBundle: String?
    /// The proxy for `http` URLs.
    package var httpProxy: String?
    /// The proxy for `https` URLs.
    package var httpsProxy: String?
    /// Hosts and domains that are called directly, separated by commas; `*` is all of them.
    package var noProxy = ""
    /// The number of transfers at once; others wait for their turn, inside their deadlines.
    package var maximumTransfers = 32
    /// What the `User-Agent` says unless a request has its own.
    package var userAgent = "loadfleet"

    /// Direct connections that trust the system's certificates.
    package init() {}
}

extension CurlConfiguration: CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// Nothing of the proxies, whose URLs may hold passwords.
    package var description: String { "connections of \(userAgent)" }

    /// The same as ``description``.
    package var debugDescription: String { description }

    /// Nothing inside, since `dump` would print it.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
