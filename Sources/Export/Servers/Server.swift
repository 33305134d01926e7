// A server that takes results, and who it takes us for.

internal import AWS
internal import FoundationEssentials
package import HTTP

/// A server's URL, and what goes into the `Authorization` header there.
package struct Server: Sendable, Discreet {
    /// Without user and password.
    package let url: HTTPURL
    private let authorization: String?
    /// Texts that no message may show.
    private let secrets: [String]

    /// Reads a URL, whose user and password become a header.
    ///
    /// Else the variables `LOADFLEET_…_USER` and `_PASSWORD`, or `_TOKEN`, of servers of this kind
    /// say who asks.
    /// - Throws: ``ExportError/target(_:hint:)`` for what is no URL, or half a pair.
    package init(
        _ text: String, of kind: ExportTarget.Kind, in variables: [String: String]
    ) throws(ExportError) {
        let (rest, user) = Self.parts(text)
        do throws(HTTPError) {
            url = try HTTPURL(rest)
        } catch {
            throw .target(error.message, hint: error.hint ?? "write it as https://host:port")
        }
        let prefix = "LOADFLEET_\(kind.rawValue.uppercased())_"
        func variable(_ name: String) -> String? {
            variables[prefix + name].flatMap { $0.isEmpty ? nil : $0 }
        }
        if let user {
            let decoded = PercentCoding.decode(user.utf8)
            authorization = Self.basic(decoded)
            let password = decoded.split(separator: UInt8(ascii: ":"), maxSplits: 1).dropFirst()
            secrets = password.map { String(decoding: $0, as: UTF8.self) } + [user]
        } else if let token = variable("TOKEN") {
            // InfluxDB has a word of its own for what others call a bearer's token.
            authorization = (kind == .influx ? "Token " : "Bearer ") + token
            secrets = [token]
        } else if variable("USER") != nil || variable("PASSWORD") != nil {
            guard let name = variable("USER"), let password = variable("PASSWORD") else {
                throw .target(
                    "of \(prefix)USER and \(prefix)PASSWORD only one is set",
                    hint: "set both, or none of them")
            }
            authorization = Self.basic(Array("\(name):\(password)".utf8))
            secrets = [password]
        } else {
            authorization = nil
            secrets = []
        }
    }

    /// The URL of a hook, all of which but the host is a secret; nil for what is no URL.
    init?(hook text: String) {
        let (rest, user) = Self.parts(text)
        guard let url = try? HTTPURL(rest) else { return nil }
        self.url = url
        authorization = user.map { Self.basic(PercentCoding.decode($0.utf8)) }
        secrets = [user, url.path, url.query].compactMap(\.self).filter { $0.count > 1 }
    }

    /// The URL without user and password, and those two as they stand there.
    private static func parts(_ text: String) -> (url: String, user: String?) {
        guard let start = text.firstRange(of: "://")?.upperBound else { return (text, nil) }
        let end = text[start...].firstIndex { "/?#".contains($0) } ?? text.endIndex
        guard let at = text[start..<end].lastIndex(of: "@") else { return (text, nil) }
        return (String(text[..<start] + text[text.index(after: at)...]), String(text[start..<at]))
    }

    private static func basic(_ pair: [UInt8]) -> String {
        "Basic " + Data(pair).base64EncodedString()
    }

    /// A request to a path below the server's own.
    func request(
        _ method: String, _ path: String = "", query: String? = nil, type: String, body: [UInt8]
    ) -> HTTPRequest {
        var url = url
        if !path.isEmpty {
            url.path = (url.path.hasSuffix("/") ? String(url.path.dropLast()) : url.path) + path
            url.query = query
        }
        var headers: HTTPHeaders = ["Content-Type": type]
        if let authorization { headers.add("Authorization", authorization) }
        return HTTPRequest(method, url, headers: headers, body: .bytes(body))
    }

    /// What a server said, on one line, shortened, and without our secrets.
    func discreet(_ text: String) -> String {
        var line = ""
        for scalar in text.unicodeScalars.prefix(2000) {
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            line.unicodeScalars.append(isControl ? " " : scalar)
        }
        for secret in secrets where !secret.isEmpty { line = line.replacing(secret, with: "…") }
        return line.count > 300 ? line.prefix(300) + "…" : line
    }

    /// The URL without query, user and password.
    package var description: String { url.description }
}
