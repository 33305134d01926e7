// A door in front of OpenSearch at which much goes wrong, as it does in front of a cluster that is
// busy: requests are throttled or refused for the moment, answers get lost after the deed, single
// documents are put off.

import CurlHTTP
import Foundation
import HTTP
import LoadfleetTesting
import Synchronization

/// What goes wrong with one request.
enum Fault: CaseIterable, Sendable {
    case none
    /// The whole request is put off.
    case throttled, unavailable
    /// It is done, and the answer says that it is not.
    case doneButUnavailable
    /// It is done, and the answer breaks off in its middle.
    case doneButCut
    /// The connection is reset before anything is done.
    case reset
    /// Some of the documents are put off.
    case someThrottled, someUnavailable, allThrottled
}

/// A proxy of `_bulk` requests; all others pass.
final class FaultyDoor: Sendable {
    private let server: LoopbackServer

    var url: String { server.url }
    /// How often each fault was made.
    let made: @Sendable () -> [Fault: Int]

    /// A door before `target`; `next` draws the faults.
    init(before target: String, _ next: @escaping @Sendable () -> Fault) throws {
        let log = Log()
        made = { log.counts.withLock { $0 } }
        let transport = try CurlTransport()
        server = try LoopbackServer { connection in
            while let request = connection.next() {
                let isBulk = request.line.contains("/_bulk")
                let fault = isBulk ? next() : .none
                log.counts.withLock { $0[fault, default: 0] += 1 }
                let forward = { (body: [UInt8]) in
                    Self.forward(request, body, to: target, over: transport)
                }
                guard Self.serve(request, connection, fault, forward) else { return }
            }
        }
    }

    private final class Log: Sendable {
        let counts = Mutex<[Fault: Int]>([:])
    }

    /// Whether the connection goes on.
    private static func serve(
        _ request: ReceivedRequest, _ connection: Connection, _ fault: Fault,
        _ forward: ([UInt8]) -> (status: Int, body: String)
    ) -> Bool {
        switch fault {
        case .none:
            let (status, body) = forward(request.body)
            return connection.send(answer("\(status) X", body))
        case .throttled:
            return connection.send(answer("429 Too Many Requests", "rejected"))
        case .unavailable:
            return connection.send(answer("503 Service Unavailable"))
        case .doneButUnavailable:
            _ = forward(request.body)
            return connection.send(answer("503 Service Unavailable"))
        case .doneButCut:
            let (status, body) = forward(request.body)
            let whole = answer("\(status) X", body)
            connection.send(String(whole.prefix(whole.count - body.count / 2 - 1)))
            connection.reset()
            return false
        case .reset:
            connection.reset()
            return false
        case .someThrottled: return serveSome(request, connection, 429, every: 3, forward)
        case .someUnavailable: return serveSome(request, connection, 503, every: 2, forward)
        case .allThrottled: return serveSome(request, connection, 429, every: 1, forward)
        }
    }

    /// Holds back every so manieth document, with the status given.
    private static func serveSome(
        _ request: ReceivedRequest, _ connection: Connection, _ status: Int, every: Int,
        _ forward: ([UInt8]) -> (status: Int, body: String)
    ) -> Bool {
        let lines = request.body.split(separator: UInt8(ascii: "\n"))
        let documents = stride(from: 0, to: lines.count - 1, by: 2).map { lines[$0...$0 + 1] }
        var passed: [UInt8] = []
        for (number, document) in documents.enumerated() where number % every != 0 {
            for line in document { passed += line + [UInt8(ascii: "\n")] }
        }
        var items: [Any] = []
        if !passed.isEmpty {
            let (code, body) = forward(passed)
            guard code == 200 else { return connection.send(answer("\(code) X", body)) }
            let tree = try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
            items = tree?["items"] as? [Any] ?? []
        }
        let put: [String: Any] = [
            "create": [
                "status": status,
                "error": ["type": "es_rejected_execution_exception", "reason": "queue is full"],
            ] as [String: Any]
        ]
        var all: [Any] = []
        for number in documents.indices {
            all.append(number % every == 0 || items.isEmpty ? put : items.removeFirst())
        }
        let tree: [String: Any] = ["took": 1, "errors": true, "items": all]
        let body = (try? JSONSerialization.data(withJSONObject: tree)) ?? Data()
        return connection.send(answer("200 OK", String(decoding: body, as: UTF8.self)))
    }

    /// Asks the server behind the door; on a thread of the connection's own, which may wait.
    private static func forward(
        _ request: ReceivedRequest, _ body: [UInt8], to target: String,
        over transport: CurlTransport
    ) -> (status: Int, body: String) {
        let words = request.line.split(separator: " ").map(String.init)
        let done = DispatchSemaphore(value: 0)
        let result = Mutex<(Int, String)>((502, "nobody behind the door"))
        let type = request.header("Content-Type") ?? "application/json"
        Task.detached {
            if let url = try? HTTPURL(target + words[1]) {
                let response = try? await transport.send(
                    HTTPRequest(
                        words[0], url, headers: ["Content-Type": type], body: .bytes(body)),
                    within: .seconds(20))
                if let response {
                    result.withLock {
                        $0 = (response.status, String(decoding: response.body, as: UTF8.self))
                    }
                }
            }
            done.signal()
        }
        done.wait()
        return result.withLock { $0 }
    }
}
