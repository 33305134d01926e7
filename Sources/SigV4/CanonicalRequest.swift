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
    var signedHeaders: ArraySlice<UInt8> { bytes[namesRange] }
    private let namesRange: Range<Int>

    /// The form of a request whose headers and query are complete.
    init(
        _ method: String, _ url: HTTPURL, _ headers: HTTPHeaders, rules: SigningScope.Rules,
        payload: String
    ) {
        let headers = SignedHeaders(headers, of: url)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1024)
        let newline = UInt8(ascii: "\n")
        bytes += method.utf8
        bytes.append(newline)
        Self.appendPath(url.path, rules: rules, to: &bytes)
        bytes.append(newline)
        if let query = url.query { Self.appendQuery(query, to: &bytes) }
        bytes.append(newline)
        headers.append(to: &bytes)
        bytes.append(newline)
        let namesStart = bytes.count
        headers.appendNames(to: &bytes)
        namesRange = namesStart..<bytes.count
        bytes.append(newline)
        bytes += payload.utf8
        self.bytes = bytes
    }

    // MARK: - Path

    private static func appendPath(
        _ path: String, rules: SigningScope.Rules, to bytes: inout [UInt8]
    ) {
        switch rules {
        case .s3: bytes += path.utf8
        case .unnormalized: PercentCoding.append(path, as: .path, to: &bytes)
        case .standard: PercentCoding.append(normalized(path), as: .path, to: &bytes)
        }
    }

    /// The path without `.`, `..` and empty segments: RFC 3986 5.2.4, and no double slash, but
    /// the slash at the end stays only where there was one, as botocore has it.
    private static func normalized(_ path: String) -> String {
        guard hasOddSegment(path.utf8) else { return path }
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

    /// Whether any segment is empty or begins with a dot.
    private static func hasOddSegment(_ path: String.UTF8View) -> Bool {
        var isStart = false
        for byte in path {
            let isSlash = byte == UInt8(ascii: "/")
            if isStart, isSlash || byte == UInt8(ascii: ".") { return true }
            isStart = isSlash
        }
        return false
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

/// The headers that a signature covers, in its order.
struct SignedHeaders {
    private struct Field {
        let name: String
        let value: String
        /// Where it stood, since several of one name stay in their order.
        let place: Int
    }

    private var fields: [Field] = []
    /// The names joined by `;`.
    var names: String {
        var bytes: [UInt8] = []
        appendNames(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What the transport or a proxy on the way may change is left out.
    private static let unsigned: Set<String> = [
        "authorization", "connection", "expect", "keep-alive", "proxy-authenticate",
        "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
        "user-agent", "x-amzn-trace-id",
    ]

    init(_ headers: HTTPHeaders, of url: HTTPURL) {
        let all = headers.fields
        fields.reserveCapacity(all.count + 1)
        var hasHost = false
        for (place, field) in all.enumerated() {
            let name = field.name.lowercased()
            guard !Self.unsigned.contains(name) else { continue }
            hasHost = hasHost || name == "host"
            fields.append(Field(name: name, value: field.value, place: place))
        }
        if !hasHost {
            fields.append(Field(name: "host", value: url.authority, place: all.count))
        }
        // Names are ASCII, for which the order of texts is that of bytes.
        fields.sort { $0.name == $1.name ? $0.place < $1.place : $0.name < $1.name }
    }

    /// Writes the names joined by `;`.
    func appendNames(to bytes: inout [UInt8]) {
        for (index, field) in fields.enumerated() {
            if index > 0 {
                if fields[index - 1].name == field.name { continue }
                bytes.append(UInt8(ascii: ";"))
            }
            bytes += field.name.utf8
        }
    }

    /// Writes a line for each name, several values of one joined by commas.
    func append(to bytes: inout [UInt8]) {
        for (index, field) in fields.enumerated() {
            if index > 0, fields[index - 1].name == field.name {
                bytes.append(UInt8(ascii: ","))
            } else {
                if index > 0 { bytes.append(UInt8(ascii: "\n")) }
                bytes += field.name.utf8
                bytes.append(UInt8(ascii: ":"))
            }
            Self.appendCollapsed(field.value, to: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    /// The value without space around it and with single spaces inside.
    private static func appendCollapsed(_ value: String, to bytes: inout [UInt8]) {
        var value = value
        value.withUTF8 { value in
            let start = bytes.count
            var wordStart = 0
            for index in 0...value.count where index == value.count || isSpace(value[index]) {
                if index > wordStart {
                    if bytes.count > start { bytes.append(UInt8(ascii: " ")) }
                    bytes.append(contentsOf: value[wordStart..<index])
                }
                wordStart = index + 1
            }
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || 0x09...0x0d ~= byte
    }
}
