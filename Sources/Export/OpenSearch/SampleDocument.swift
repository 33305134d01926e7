// A sample as a document, written byte by byte: there may be tens of millions of them.

internal import AWS
internal import JTL

/// Writes samples as lines of `_bulk`.
enum SampleDocument {
    /// What writes the samples of one worker.
    static func encoder(run: String, worker: String) -> SampleEncoder {
        var action = Array(#"{"create":{"_id":"#.utf8)
        // The id's text goes on with the sample's number.
        JSONValue.append("\(run)/\(worker)/", to: &action)
        action.removeLast()
        var head = Array("\"}}\n{\"run\":".utf8)
        JSONValue.append(run, to: &head)
        head += #","worker":"#.utf8
        JSONValue.append(worker, to: &head)
        return { [action, head] row, bytes in
            bytes += action
            bytes += String(row.number).utf8
            bytes += head
            write(row, to: &bytes)
            bytes += "}\n".utf8
        }
    }

    private static func write(_ row: SampleRow, to bytes: inout [UInt8]) {
        func number(_ name: StaticString, _ value: Int64) {
            key(name)
            bytes += String(value).utf8
        }
        func text(_ name: StaticString, _ value: String) {
            guard !value.isEmpty else { return }
            key(name)
            JSONValue.append(value, to: &bytes)
        }
        func key(_ name: StaticString) {
            bytes += ",\"".utf8
            name.withUTF8Buffer { bytes += $0 }
            bytes += "\":".utf8
        }
        if let start = row.startMs { number("@timestamp", start) }
        key("kind")
        bytes += (row.isController ? #""controller""# : #""sampler""#).utf8
        key("label")
        JSONValue.append(row.label, to: &bytes)
        key("success")
        bytes += (row.isSuccess ? "true" : "false").utf8
        number("elapsed_ms", row.elapsedMs)
        number("latency_ms", row.latencyMs)
        number("connect_ms", row.connectMs)
        number("received_bytes", row.receivedBytes)
        number("sent_bytes", row.sentBytes)
        number("active_threads", row.activeThreads)
        text("response_code", row.responseCode)
        text("response_message", row.responseMessage)
        text("failure_message", row.failureMessage)
        text("thread", row.threadName)
        text("url", row.url)
    }
}
