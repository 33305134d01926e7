// What libcurl's result means: an answer, or an error that says whether the server may have acted.

internal import CCurl
internal import HTTP

extension Transfer {
    /// The outcome of a transfer that ended with `code`.
    func outcome(_ code: CURLcode) -> Outcome {
        if let failure { return .failure(failure) }
        guard code == CURLE_OK else { return .failure(error(code)) }
        do throws(HTTPError) {
            try receiver.end()
            return .success(receiver.response)
        } catch {
            return .failure(error)
        }
    }

    private func error(_ code: CURLcode) -> HTTPError {
        let reason = errorText.text(for: code)
        switch code {
        case CURLE_OPERATION_TIMEDOUT: return timeout(reason)
        case CURLE_COULDNT_RESOLVE_HOST: return .unknownHost(url, reason: reason)
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: return .proxy(url, reason: reason)
        case CURLE_COULDNT_CONNECT, CURLE_SSL_CONNECT_ERROR:
            return .noConnection(url, reason: reason)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CIPHER,
            CURLE_SSL_CERTPROBLEM, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS:
            return .insecure(url, reason: reason)
        case CURLE_URL_MALFORMAT: return .invalidRequest(url, reason: reason)
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY:
            return .notHTTP(url, reason: reason)
        case CURLE_OUT_OF_MEMORY:
            // So libcurl says that a line of the header is longer than it takes.
            return wasSent && receiver.received == 0
                ? .notHTTP(url, reason: "a line of its header is too long") : .library(reason)
        default: return broken(reason)
        }
    }

    /// The connection broke; how far the request had come decides what that means.
    private func broken(_ reason: String) -> HTTPError {
        let proxyStatus = easy.long(CURLINFO_HTTP_CONNECTCODE)
        if proxyStatus != 0, !(200..<300 ~= proxyStatus) {
            return .proxy(url, reason: "it answered \(proxyStatus)")
        }
        if receiver.hasBegun {
            return .cutOff(
                url, response: receiver.response, received: receiver.received, reason: reason)
        }
        return wasSent
            ? .noAnswer(url, reason: reason) : .noConnection(url, reason: reason)
    }

    private func timeout(_ reason: String) -> HTTPError {
        // libcurl counts whole milliseconds, and its clock may be one ahead of ours.
        if ContinuousClock.now.advanced(by: .milliseconds(5)) >= deadline {
            return .deadline(url, sent: wasSent)
        }
        guard wasSent else { return .noConnection(url, reason: reason) }
        return broken("nothing came or went for too long")
    }

    /// Whether the connection stood, so that the request may have gone out.
    private var wasSent: Bool { easy.size(CURLINFO_PRETRANSFER_TIME_T) > 0 }
}
