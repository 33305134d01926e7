// The one form of a request that both sides sign: every choice which HTTP leaves to the sender
// (order, case, spaces, percent-coding) is taken away from it.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html

internal import HTTP

/// A request in the form that is signed.
struct CanonicalRequest {
    /// The form itself, six parts with a line each, the headers with one each.
    let bytes: [UInt8]
    /// The names of the headers it covers, joined by `;`.
    let signedHeaders: String

    /// The form of a request whose headers and query are complete.
    init(_ request: HTTPRequest, rules: SigningScope.Rules, payload: String) {
        self.init(request, rules: rules, payload: payload, headers: SignedHeaders(request))
    }

    init(
        _ request: HTTPRequest, rules: SigningScope.Rules, payload: String, headers: SignedHeaders
    ) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        let newline = UInt8(ascii: "\n")
        bytes += request.method.utf8
        bytes.append(newline)
        Self.appendPath(request.url.path, rules: rules, to: &bytes)
        bytes.append(newline)
        if let query = request.url.query { Self.appendQuery(query, to: &bytes) }
        bytes.append(newline)
        for field in headers.fields {
            bytes += field.name.utf8
            bytes.append(UInt8(ascii: ":"))
            bytes += field.value
            bytes.append(newline)
        }
        bytes.append(newline)
        bytes += headers.names.utf8
        bytes.append(newline)
        bytes += payload.utf8
        self.bytes = bytes
        signedHeaders = headers.names
    }

    // MARK: - Path

    private static func appendPath(
        _ path: String, rules: SigningScope.Rules, to bytes: inout [UInt8]
    ) {
        switch rules {
        case .s3: bytes += path.utf8
        case .unnormalized: PercentCoding.append(path.utf8, as: .path, to: &bytes)
        case .standard: PercentCoding.append(normalized(path).utf8, as: .path, to: &bytes)
        }
    }

    /// The path without `.`, `..` and empty segments: RFC 3986 5.2.4, and no double slash, but
    /// the slash at the end stays only where there was one, as botocore has it.
    private static func normalized(_ path: String) -> String {
        guard path.utf8.contains(UInt8(ascii: ".")) || path.contains("//") else { return path }
        var kept: [Substring] = []
        for segment in path.split(separator: "/") where segment != "." {
            if segment == ".." {
                _ = kept.popLast()
            } else {
                kept.append(segment)
            }
        }
        return "/" + kept.joined(separator: "/") + (path.hasSuffix("/") && !kept.isEmpty ? "/" : "")
    }

    // MARK: - Query

    private struct Parameter {
        let name: [UInt8]
        let value: [UInt8]
    }

    /// Parameters in the order of their coded names, then values; one without `=` gets one.
    private static func appendQuery(_ query: String, to bytes: inout [UInt8]) {
        let parameters = query.utf8.split(separator: UInt8(ascii: "&")).map { part in
            let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            return Parameter(
                name: recoded(part[..<equals]), value: recoded(part[equals...].dropFirst()))
        }.sorted { one, other in
            one.name == other.name
                ? one.value.lexicographicallyPrecedes(other.value)
                : one.name.lexicographicallyPrecedes(other.name)
        }
        for (index, parameter) in parameters.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: "&")) }
            bytes += parameter.name
            bytes.append(UInt8(ascii: "="))
            bytes += parameter.value
        }
    }

    private static func recoded(_ part: some Sequence<UInt8>) -> [UInt8] {
        var coded: [UInt8] = []
        PercentCoding.append(PercentCoding.decode(part), to: &coded)
        return coded
    }
}

/// The headers that a signature covers, in its form and order.
struct SignedHeaders {
    struct Field {
        let name: String
        var value: [UInt8]
    }

    let fields: [Field]
    /// The names joined by `;`.
    let names: String

    /// What the transport or a proxy on the way may change is left out.
    private static let unsigned: Set<String> = [
        "authorization", "connection", "expect", "keep-alive", "proxy-authenticate",
        "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
        "user-agent", "x-amzn-trace-id",
    ]

    init(_ request: HTTPRequest) {
        var fields: [Field] = []
        fields.reserveCapacity(request.headers.fields.count + 1)
        var hasHost = false
        for field in request.headers.fields {
            let name = field.name.lowercased()
            guard !Self.unsigned.contains(name) else { continue }
            hasHost = hasHost || name == "host"
            let value = Self.collapsed(field.value.utf8)
            if let index = fields.firstIndex(where: { $0.name == name }) {
                fields[index].value.append(UInt8(ascii: ","))
                fields[index].value += value
            } else {
                fields.append(Field(name: name, value: value))
            }
        }
        if !hasHost {
            fields.append(Field(name: "host", value: Array(request.url.authority.utf8)))
        }
        fields.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        self.fields = fields
        names = fields.map(\.name).joined(separator: ";")
    }

    /// The value without space around it and with single spaces inside.
    private static func collapsed(_ value: String.UTF8View) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(value.count)
        var isSpacePending = false
        for byte in value {
            if byte == UInt8(ascii: " ") || 0x09...0x0d ~= byte {
                isSpacePending = !bytes.isEmpty
            } else {
                if isSpacePending { bytes.append(UInt8(ascii: " ")) }
                isSpacePending = false
                bytes.append(byte)
            }
        }
        return bytes
    }
}
