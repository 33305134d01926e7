// Puts a call's request onto an endpoint. S3's buckets stand in the host's name at AWS itself, and
// in the path elsewhere, or when their own dots would not fit the certificate.

internal import HTTP

extension Endpoint {
    /// The request with its address.
    ///
    /// - Throws: ``HTTPError`` when the endpoint is no URL.
    func request(_ call: CallRequest) throws(HTTPError) -> HTTPRequest {
        let url = try HTTPURL(url)
        let base = url.path == "/" ? "" : url.path
        var (host, path) = (url.host, call.path)
        if let bucket = call.bucket {
            if isCustom || !Self.isHostLabel(bucket) {
                path = "/" + PercentCoding.encode(bucket) + (path == "/" ? "" : path)
            } else {
                host = "\(bucket).\(host)"
            }
        }
        let address = HTTPURL(
            scheme: url.scheme, host: host, port: url.port, path: base + path,
            query: call.query.isEmpty ? nil : Self.text(call.query))
        return HTTPRequest(call.method, address, headers: call.headers, body: call.body)
    }

    private static func text(_ query: [(name: String, value: String)]) -> String {
        query.map { "\(PercentCoding.encode($0.name))=\(PercentCoding.encode($0.value))" }
            .joined(separator: "&")
    }

    /// Whether a bucket's name can be the first label of a host's name.
    static func isHostLabel(_ bucket: String) -> Bool {
        (3...63).contains(bucket.utf8.count)
            && bucket.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == UInt8(ascii: "-")
            } && !bucket.hasPrefix("-") && !bucket.hasSuffix("-")
    }
}
