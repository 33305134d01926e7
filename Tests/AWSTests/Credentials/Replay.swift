// Recorded traffic of AWS's SDKs as a transport: what is asked must be what was asked then, and is
// answered as it was.

import HTTP
import Synchronization

@testable import AWS

final class Replay: HTTPTransport {
    struct Exchange: Sendable {
        var method = ""
        var url = ""
        var headers: [String: String] = [:]
        var body = ""
        var status = 0
        var answerHeaders: [String: String] = [:]
        var answer = ""
    }

    let recorded: [Exchange]
    private let asked = Mutex<[HTTPRequest]>([])

    var requests: [HTTPRequest] { asked.withLock { $0 } }

    /// Reads the events of a recording, which are in order within each connection.
    init(_ recording: JSON) {
        var exchanges: [Int: Exchange] = [:]
        for event in recording["events"].list {
            let id = event["connection_id"].int ?? 0
            let action = event["action"]
            var exchange = exchanges[id] ?? Exchange()
            if action["Request"].exists {
                let request = action["Request"]["request"]
                exchange.method = request["method"].string ?? ""
                exchange.url = request["uri"].string ?? ""
                exchange.headers = Self.headers(request)
            } else if action["Response"].exists {
                let response = action["Response"]["response"]["Ok"]
                exchange.status = response["status"].int ?? 0
                exchange.answerHeaders = Self.headers(response)
            } else if let text = action["Data"]["data"]["Utf8"].string {
                if action["Data"]["direction"].string == "Request" {
                    exchange.body += text
                } else {
                    exchange.answer += text
                }
            }
            exchanges[id] = exchange
        }
        recorded = exchanges.sorted { $0.key < $1.key }.map(\.value)
    }

    private static func headers(_ json: JSON) -> [String: String] {
        var headers: [String: String] = [:]
        for name in json["headers"].keys {
            headers[name.lowercased()] = json["headers"][name].list.first?.string
        }
        return headers
    }

    func send(
        _ request: HTTPRequest, to sink: HTTPSink, by deadline: ContinuousClock.Instant
    ) async throws(HTTPError) -> HTTPResponse {
        let index = asked.withLock { asked in
            asked.append(request)
            return asked.count - 1
        }
        // A recording ends with what is answered from then on.
        guard let exchange = index < recorded.count ? recorded[index] : recorded.last else {
            throw .noConnection(request.url, reason: "nothing was recorded")
        }
        var headers = HTTPHeaders()
        for (name, value) in exchange.answerHeaders { headers.add(name, value) }
        return HTTPResponse(
            status: exchange.status, headers: headers, body: Array(exchange.answer.utf8))
    }
}
