// The one form of a request that both sides sign: every choice which HTTP leaves to the sender
// (order, case, spaces, percent-coding) is taken away from it.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html

internal import HTTP

/// Where a request stands in the form that is signed, written into a text.
struct CanonicalRequest {
    /// The form itself, six parts with a line each, the headers with one each.
    let form: Range<Int>
    /// The names of the headers it covers, joined by `;`.
    let signedHeaders: Range<Int>

    /// Writes the form of a request whose headers and query are complete.
    init(
        _ method: String, _ url: HTTPURL, _ headers: HTTPHeaders, rules: SigningScope.Rules,
        payload: String, to text: inout ByteText
    ) {
        let newline = UInt8(ascii: "\n")
        let headers = SignedHeaders(headers, of: url, notedIn: &text)
        let start = text.count
        text.append(method)
        text.append(newline)
        Self.appendPath(url.path, rules: rules, to: &text)
        text.append(newline)
        if let query = url.query { Self.appendQuery(query, to: &text) }
        text.append(newline)
        headers.append(to: &text)
        text.append(newline)
        let namesStart = text.count
        headers.appendNames(to: &text)
        signedHeaders = namesStart..<text.count
        text.append(newline)
        text.append(payload)
        form = start..<text.count
    }

    // MARK: - Path

    private static func appendPath(
        _ path: String, rules: SigningScope.Rules, to text: inout ByteText
    ) {
        switch rules {
        case .s3: text.append(path)
        case .standard where path == "/": text.append(path)
        case .standard: text.append(PercentCoding.encode(normalized(path), as: .path))
        case .unnormalized: text.append(PercentCoding.encode(path, as: .path))
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
    private static func appendQuery(_ query: String, to text: inout ByteText) {
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
            if index > 0 { text.append(UInt8(ascii: "&")) }
            text.append(parameter.name)
            text.append(UInt8(ascii: "="))
            text.append(parameter.value)
        }
    }

    private static func recoded(_ part: some Sequence<UInt8>) -> [UInt8] {
        var coded: [UInt8] = []
        PercentCoding.append(PercentCoding.decode(part), to: &coded)
        return coded
    }
}
