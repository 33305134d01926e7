// The handle under which transfers run at once and share connections.

internal import CCurl
internal import HTTP

/// A libcurl "multi" handle.
///
/// Only ``wake()`` may be called by any thread; all else belongs to the one that runs the transfers.
/// Safe: the handle has one owner and goes with it.
@safe struct MultiHandle: ~Copyable {
    private let raw: UnsafeMutableRawPointer

    /// libcurl wants to be told once for the process, before anything else.
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init(connections: Int) throws(HTTPError) {
        guard Self.isReady, let raw = unsafe curl_multi_init() else {
            throw .library("libcurl does not start")
        }
        guard
            unsafe lf_curl_multi_set_long(raw, CURLMOPT_MAXCONNECTS, connections) == CURLM_OK,
            unsafe lf_curl_multi_set_long(raw, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING))
                == CURLM_OK
        else {
            unsafe curl_multi_cleanup(raw)
            throw .library("libcurl refuses the limits of connections")
        }
        unsafe self.raw = unsafe raw
    }

    deinit { unsafe curl_multi_cleanup(raw) }

    func add(_ easy: borrowing EasyHandle) -> Bool {
        unsafe curl_multi_add_handle(raw, easy.raw) == CURLM_OK
    }

    func remove(_ easy: borrowing EasyHandle) {
        unsafe curl_multi_remove_handle(raw, easy.raw)
    }

    /// Does what can be done without waiting.
    func perform() {
        var running: Int32 = 0
        unsafe curl_multi_perform(raw, &running)
    }

    /// The next transfer that has come to its end, by its handle.
    func nextDone() -> (handle: EasyHandle.Identity, code: CURLcode)? {
        var code = CURLE_OK
        return unsafe lf_curl_multi_next_done(raw, &code).map { (UInt(bitPattern: $0), code) }
    }

    /// Waits until something can be done, someone calls ``wake()``, or the time is over.
    func wait(milliseconds: Int32) {
        unsafe curl_multi_poll(raw, nil, 0, milliseconds, nil)
    }

    /// Ends a wait, or the next one if none is going on.
    func wake() { unsafe curl_multi_wakeup(raw) }
}
