// One request on its way: the handle, and what libcurl calls back with. libcurl knows a transfer by
// its address, so a transfer is an object; the loop keeps it alive until libcurl has let go of it.

internal import CCurl
internal import HTTP

/// A request, its answer so far, and who waits for it.
///
/// Safe as `Sendable`: it is made by the task that sends, handed over once, and from then on only
/// the loop's thread touches it, `id` and `deadline` apart, which never change.
final class Transfer: @unchecked Sendable {
    typealias Outcome = Result<HTTPResponse, HTTPError>

    let id: UInt64
    let url: HTTPURL
    let deadline: ContinuousClock.Instant
    let errorText: ErrorText
    var easy: EasyHandle
    var receiver: ResponseReceiver
    /// What a callback found wrong; libcurl only learns that it shall stop.
    private(set) var failure: HTTPError?
    private var body: RequestBody
    private let finish: @Sendable (Outcome) -> Void

    init(
        _ request: HTTPRequest, id: UInt64, to sink: HTTPSink, by deadline: ContinuousClock.Instant,
        _ configuration: CurlConfiguration, finish: @escaping @Sendable (Outcome) -> Void
    ) throws(HTTPError) {
        self.id = id
        url = request.url
        self.deadline = deadline
        self.finish = finish
        body = try RequestBody(request.body)
        receiver = ResponseReceiver(of: request.url, to: sink)
        easy = try EasyHandle()
        errorText = ErrorText()
        try easy.prepare(request, configuration)
        try unsafe easy.set(CURLOPT_ERRORBUFFER, errorText.buffer)
        try setCallbacks()
    }

    /// Tells the one who waits, once.
    func end(_ outcome: Outcome) { finish(outcome) }

    // MARK: - Callbacks

    private func setCallbacks() throws(HTTPError) {
        // Safe: the handle belongs to this object and is gone before it.
        let me = unsafe Unmanaged.passUnretained(self).toOpaque()
        try unsafe easy.set(CURLOPT_HEADERDATA, me)
        try unsafe easy.set(CURLOPT_WRITEDATA, me)
        try unsafe easy.set(CURLOPT_READDATA, me)
        try unsafe easy.set(CURLOPT_SEEKDATA, me)
        try unsafe easy.set(CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            unsafe Transfer.at(context)?.take(bytes, size * count, isHeader: true) ?? 0
        }
        try unsafe easy.set(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            unsafe Transfer.at(context)?.take(bytes, size * count, isHeader: false) ?? 0
        }
        try unsafe easy.set(CURLOPT_READFUNCTION) { bytes, size, count, context in
            unsafe Transfer.at(context)?.give(bytes, size * count) ?? Int(CURL_READFUNC_ABORT)
        }
        // libcurl wants to go back when it sends a request again on a new connection. That is not
        // its business: who retries must know of it.
        try unsafe easy.setSeek { _, _, _ in CURL_SEEKFUNC_FAIL }
    }

    private static func at(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        unsafe context.map { unsafe Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    private func take(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, isHeader: Bool) -> Int {
        let piece = unsafe UnsafeRawBufferPointer(start: bytes, count: count)
        do throws(HTTPError) {
            if isHeader {
                try unsafe receiver.takeHeader(piece)
            } else {
                try unsafe receiver.take(piece)
            }
            return count
        } catch {
            failure = error
            // Any number but `count` ends the transfer, an empty piece's 0 included.
            return count == 0 ? 1 : 0
        }
    }

    private func give(_ bytes: UnsafeMutablePointer<CChar>?, _ capacity: Int) -> Int {
        guard let bytes = unsafe bytes else { return Int(CURL_READFUNC_ABORT) }
        do throws(HTTPError) {
            return try unsafe body.next(into: bytes, capacity: capacity)
        } catch {
            failure = error
            return Int(CURL_READFUNC_ABORT)
        }
    }
}

/// The place into which libcurl writes what went wrong.
///
/// Safe: the buffer goes with its one owner, which outlives the transfer.
@safe final class ErrorText {
    let buffer = UnsafeMutableRawPointer.allocate(byteCount: Int(CURL_ERROR_SIZE), alignment: 1)

    init() {
        unsafe buffer.initializeMemory(as: UInt8.self, repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit { unsafe buffer.deallocate() }

    /// libcurl's words, or else the code's own.
    func text(for code: CURLcode) -> String {
        let text = unsafe String(cString: buffer.assumingMemoryBound(to: CChar.self))
        return unsafe text.isEmpty
            ? String(cString: curl_easy_strerror(code)) : Self.discreet(text)
    }

    /// Words about a proxy without its URL, which libcurl quotes with the password.
    static func discreet(_ text: String) -> String {
        guard text.lowercased().contains("proxy"), let first = text.firstIndex(of: "'"),
            let last = text.lastIndex(of: "'"), first < last
        else { return text }
        return text[...first] + "…" + text[last...]
    }
}
