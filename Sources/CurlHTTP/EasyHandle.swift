// One transfer's handle of libcurl. It has one owner, and is gone with it; the headers that libcurl
// only borrows go along.

internal import CCurl
internal import HTTP

/// A libcurl "easy" handle.
///
/// Safe: the handle has one owner and goes with it.
@safe struct EasyHandle: ~Copyable {
    /// The handle itself, for the multi handle to know it by.
    let raw: UnsafeMutableRawPointer
    private var headers: UnsafeMutablePointer<curl_slist>?

    /// What libcurl knows a handle by, and nothing is reached through.
    typealias Identity = UInt
    var identity: Identity { unsafe UInt(bitPattern: raw) }

    init() throws(HTTPError) {
        guard let raw = unsafe curl_easy_init() else { throw .library("libcurl has no memory") }
        unsafe self.raw = unsafe raw
    }

    deinit {
        unsafe curl_easy_cleanup(raw)
        unsafe curl_slist_free_all(headers)
    }

    func set(_ option: CURLoption, _ value: Int) throws(HTTPError) {
        try unsafe check(lf_curl_set_long(raw, option, value), option)
    }

    func set(_ option: CURLoption, _ value: Bool) throws(HTTPError) {
        try unsafe check(lf_curl_set_long(raw, option, value ? 1 : 0), option)
    }

    /// For the options that libcurl wants as `curl_off_t`.
    func set(_ option: CURLoption, size: Int64) throws(HTTPError) {
        try unsafe check(lf_curl_set_size(raw, option, curl_off_t(size)), option)
    }

    /// libcurl copies the text.
    func set(_ option: CURLoption, _ value: String) throws(HTTPError) {
        try unsafe check(lf_curl_set_text(raw, option, value), option)
    }

    /// What `value` points to must outlive the handle.
    func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer) throws(HTTPError) {
        try unsafe check(lf_curl_set_pointer(raw, option, value), option)
    }

    func set(_ option: CURLoption, _ value: @escaping lf_curl_transfer) throws(HTTPError) {
        try unsafe check(lf_curl_set_transfer(raw, option, value), option)
    }

    func setSeek(_ value: @escaping lf_curl_seek) throws(HTTPError) {
        try unsafe check(lf_curl_set_seek(raw, value), CURLOPT_SEEKFUNCTION)
    }

    /// Sets the lines of the header, once for a handle.
    mutating func setHeaders(_ lines: [String]) throws(HTTPError) {
        for line in lines {
            guard let longer = unsafe curl_slist_append(headers, line) else {
                throw .library("libcurl has no memory")
            }
            unsafe headers = unsafe longer
        }
        try unsafe check(lf_curl_set_list(raw, CURLOPT_HTTPHEADER, headers), CURLOPT_HTTPHEADER)
    }

    func long(_ info: CURLINFO) -> Int {
        var value = 0
        return unsafe lf_curl_get_long(raw, info, &value) == CURLE_OK ? value : 0
    }

    /// For what libcurl gives as `curl_off_t`: sizes, and times in microseconds.
    func size(_ info: CURLINFO) -> Int64 {
        var value: curl_off_t = 0
        return unsafe lf_curl_get_size(raw, info, &value) == CURLE_OK ? Int64(value) : 0
    }

    private func check(_ code: CURLcode, _ option: CURLoption) throws(HTTPError) {
        guard code != CURLE_OK else { return }
        throw .library(
            unsafe "libcurl refuses option \(option.rawValue): \(String(cString: curl_easy_strerror(code)))"
        )
    }
}
