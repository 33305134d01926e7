// How a request is told to libcurl: everything said, nothing left to its habits.

internal import CCurl
internal import HTTP

extension EasyHandle {
    /// Tells the handle all but the callbacks.
    mutating func prepare(
        _ request: HTTPRequest, _ configuration: CurlConfiguration
    ) throws(HTTPError) {
        if let field = request.headers.invalidField {
            throw .invalidRequest(request.url, reason: "header \(field.name) is more than one line")
        }
        try set(CURLOPT_URL, request.url.text)
        try setMethod(of: request)
        try setHeaders(lines(of: request, configuration))
        try setHabits()
        try setWay(to: request.url, configuration)
        try set(CURLOPT_CONNECTTIMEOUT_MS, configuration.connectTimeout.milliseconds)
        // Less than a byte a second, that is, nothing at all.
        try set(CURLOPT_LOW_SPEED_LIMIT, 1)
        try set(CURLOPT_LOW_SPEED_TIME, max(1, configuration.stallTimeout.milliseconds / 1000))
    }

    /// Limits the time from now to the end of the transfer.
    func setLimit(_ milliseconds: Int) throws(HTTPError) {
        try set(CURLOPT_TIMEOUT_MS, max(1, milliseconds))
    }

    private func setMethod(of request: HTTPRequest) throws(HTTPError) {
        guard request.method.utf8.allSatisfy({ 0x41...0x5a ~= $0 }), !request.method.isEmpty else {
            throw .invalidRequest(request.url, reason: "'\(request.method)' is no method")
        }
        let hasBody = request.body.count > 0
        // A server wants these two with a length, be it 0 (RFC 9110 8.6).
        if hasBody || request.body != .none || ["POST", "PUT"].contains(request.method) {
            try set(CURLOPT_UPLOAD, true)
            try set(CURLOPT_INFILESIZE_LARGE, size: request.body.count)
        } else if request.method == "HEAD" {
            try set(CURLOPT_NOBODY, true)
        }
        try set(CURLOPT_CUSTOMREQUEST, request.method)
    }

    private func lines(
        of request: HTTPRequest, _ configuration: CurlConfiguration
    ) -> [String] {
        var headers = request.headers
        headers.remove("Content-Length")
        if headers["Host"] == nil { headers.add("Host", request.url.authority) }
        if headers["User-Agent"] == nil { headers.add("User-Agent", configuration.userAgent) }
        var lines = headers.fields.map { field in
            // A colon without a value would take the header away, a semicolon sends it empty.
            field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)"
        }
        // libcurl's own additions, unless they were asked for.
        for name in ["Accept", "Expect"] where headers[name] == nil { lines.append("\(name):") }
        return lines
    }

    private func setHabits() throws(HTTPError) {
        try set(CURLOPT_NOSIGNAL, true)
        try set(CURLOPT_PATH_AS_IS, true)
        try set(CURLOPT_FOLLOWLOCATION, false)
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, true)
        try set(CURLOPT_TCP_KEEPALIVE, true)
        // A name server that does not answer must not hold up other transfers when one gives up.
        try set(CURLOPT_QUICK_EXIT, true)
        try set(CURLOPT_BUFFERSIZE, 512 << 10)
        try set(CURLOPT_UPLOAD_BUFFERSIZE, 512 << 10)
    }

    private func setWay(
        to url: HTTPURL, _ configuration: CurlConfiguration
    ) throws(HTTPError) {
        let proxy = url.scheme == .https ? configuration.httpsProxy : configuration.httpProxy
        // Empty texts keep libcurl from looking into the environment.
        try set(CURLOPT_PROXY, proxy ?? "")
        try set(CURLOPT_NOPROXY, configuration.noProxy)
        if let bundle = configuration.caBundle {
            try set(CURLOPT_CAINFO, bundle)
            try set(CURLOPT_PROXY_CAINFO, bundle)
        }
        try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    }
}

extension Duration {
    /// Whole milliseconds, rounded up so that a short time never becomes none; at most 24 days.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds < 2_000_000 else { return 2_000_000_000 }
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let part = attoseconds / 1_000_000_000_000_000
        let isWhole = attoseconds % 1_000_000_000_000_000 == 0
        return Int(seconds) * 1000 + Int(part) + (isWhole ? 0 : 1)
    }
}
