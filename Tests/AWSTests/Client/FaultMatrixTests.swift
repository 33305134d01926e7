// Every call against every fault, without a network: what the gate's tests show for some calls on a
// real socket is held here for all of them.

import Foundation
import HTTP
import SigV4
import Synchronization
import Testing

@testable import AWS

@Suite struct FaultMatrixTests {
    @Test(arguments: Fault.allCases.filter(\.passes))
    func `every call gets over what passes, with the same request again`(
        fault: Fault
    ) async throws {
        for (call, answer) in try FullAnswers.all.get() where fault.applies(to: call, answer) {
            let transport = ActingTransport { request, number throws(HTTPError) in
                number == 1 ? try fault.outcome(request, of: call.api, answer) : answer
            }
            let error = await Self.send(call.call, over: transport)
            #expect(error == nil, "\(call.name)")
            let asked = transport.asked
            try #require(asked.count == 2, "\(call.name): \(asked.count) requests")
            #expect(asked[0].method == asked[1].method)
            #expect(asked[0].url.text == asked[1].url.text, "\(call.name)")
            #expect(asked[0].body == asked[1].body, "\(call.name)")
        }
    }

    @Test(arguments: Fault.allCases)
    func `every call ends with a clear error, in time, when it does not pass`(
        fault: Fault
    ) async throws {
        for (call, answer) in try FullAnswers.all.get() where fault.applies(to: call, answer) {
            let transport = ActingTransport { request, _ throws(HTTPError) in
                try fault.outcome(request, of: call.api, answer)
            }
            let waits = Waits()
            let error = await Self.send(call.call, over: transport, waits: waits)
            try #require(error != nil, "\(call.name)")
            #expect(transport.asked.count == (fault.passes ? 3 : 1), "\(call.name)")
            #expect(error?.message.hasPrefix("\(call.api.service.id) \(call.name) in ") == true)
            // What the caller asked for wrongly, AWS's own words say best.
            #expect(error?.hint != nil || fault == .refused, "\(error?.message ?? "")")
            let isHead = transport.asked[0].method == "HEAD"
            let says = isHead ? fault.saysOfHead : fault.says
            #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
            #expect(error?.mayHaveBeenApplied == fault.mayHaveBeenApplied, "\(call.name)")
            #expect(waits.all.reduce(.zero, +) < .seconds(60))
        }
    }

    @Test(arguments: [1200, -1200])
    func `every call goes through with a clock that is wrong`(offset: Int) async throws {
        for (call, answer) in try FullAnswers.all.get() {
            let server = Date(timeIntervalSince1970: 1_795_233_600)
            let transport = ActingTransport { request, _ throws(HTTPError) in
                ServerClock.answer(request, at: server, of: call.api, answer)
            }
            let error = await Self.send(
                call.call, over: transport,
                clock: { server.addingTimeInterval(Double(offset)) })
            #expect(error == nil, "\(call.name): \(error?.message ?? "")")
            #expect(transport.asked.count == 2, "\(call.name)")
        }
    }

    @Test func `a refusal after a lost answer says that the call may have been done`() async throws
    {
        for (call, answer) in try FullAnswers.all.get() {
            let transport = ActingTransport { request, number throws(HTTPError) in
                let fault = number == 1 ? Fault.reset : .refused
                return try fault.outcome(request, of: call.api, answer)
            }
            let error = await Self.send(call.call, over: transport)
            #expect(error?.mayHaveBeenApplied == true, "\(call.name)")
            #expect(error?.attempts == 2, "\(call.name)")
        }
    }

    private static func send<Made: Call>(
        _ call: Made, over transport: ActingTransport, waits: Waits = Waits(),
        clock: @escaping @Sendable () -> Date = { Date() }
    ) async -> CallError? {
        let client = AWSClient(
            endpoints: { service in
                Endpoint(
                    url: "https://\(service.endpointPrefix).eu-west-1.amazonaws.com",
                    configuredBy: nil, service: service, region: "eu-west-1")
            },
            credentials: FixedCredential(
                value: Credential(accessKeyID: "AKIAEXAMPLE", secretAccessKey: "secret")),
            transport: transport, clock: clock, sleep: { waits.add($0) })
        return await failure { () throws(CallError) in try await client.send(call) }
    }
}

/// What may go wrong between a call and its answer.
enum Fault: CaseIterable {
    case unreachable, reset, cut, silent
    case throttled, slowDown, broken, bare
    case page503, page200, halfAnswer, hidden
    case page403, refused, quota

    /// Whether it may be gone a moment later, so that the call is tried again.
    var passes: Bool {
        switch self {
        case .page403, .refused, .quota: false
        default: true
        }
    }

    /// Whether the server may have acted though no answer came.
    var mayHaveBeenApplied: Bool {
        switch self {
        case .reset, .cut, .silent, .broken, .page200, .halfAnswer, .hidden: true
        default: false
        }
    }

    /// Words that the error must have.
    var says: String {
        switch self {
        case .unreachable: "cannot connect to"
        case .reset: "gave no answer"
        case .cut: "broke off after 1 bytes"
        case .silent: "no whole answer"
        case .throttled: "Throttling: words"
        case .slowDown: "SlowDown: words"
        case .broken, .hidden: "InternalError: words"
        case .bare: "HTTP 503 without an error of AWS's"
        case .page503: "HTTP 503 without"
        case .page403: "HTTP 403 without"
        case .page200, .halfAnswer: "the answer is "
        case .refused: "ValidationError: words"
        case .quota: "VcpuLimitExceeded: words"
        }
    }

    /// Words where there is no body to tell more.
    var saysOfHead: String {
        switch self {
        case .refused, .quota: "HTTP 400"
        case .throttled, .slowDown: "HTTP 503"
        case .broken: "HTTP 500"
        default: says
        }
    }

    func applies(to call: AnyCall, _ answer: HTTPResponse) -> Bool {
        let isHead = call.call.request.method == "HEAD"
        switch self {
        // A HEAD's answer has nothing but a status to tell a stranger's by.
        case .page200: return !isHead
        // An object may be anything; that a part of it is missing, the transport sees.
        case .halfAnswer, .hidden:
            return !isHead && call.name != "GetObject" && !answer.body.isEmpty
        default: return true
        }
    }

    func outcome(
        _ request: HTTPRequest, of api: ServiceAPI, _ answer: HTTPResponse
    ) throws(HTTPError) -> HTTPResponse {
        let url = request.url
        let page = "<html><body>log in</body></html>"
        func say(_ status: Int, _ body: String = "") -> HTTPResponse {
            HTTPResponse(status: status, body: request.method == "HEAD" ? [] : Array(body.utf8))
        }
        func error(_ status: Int, _ code: String) -> HTTPResponse {
            say(status, ErrorText.body(code, "words", api))
        }
        switch self {
        case .unreachable: throw .noConnection(url, reason: "refused")
        case .reset: throw .noAnswer(url, reason: "reset")
        case .cut: throw .cutOff(url, response: answer, received: 1, reason: "closed")
        case .silent: throw .deadline(url, sent: true)
        case .throttled: return error(request.method == "HEAD" ? 503 : 400, "Throttling")
        case .slowDown: return error(503, "SlowDown")
        case .broken: return error(500, "InternalError")
        case .bare: return say(503)
        case .page503: return say(503, page)
        case .page403: return say(403, page)
        case .page200: return say(200, page)
        case .halfAnswer:
            return HTTPResponse(
                status: 200, headers: answer.headers,
                body: Array(answer.body.prefix(answer.body.count / 2)))
        case .hidden: return error(200, "InternalError")
        case .refused: return error(400, "ValidationError")
        case .quota: return error(request.method == "HEAD" ? 400 : 500, "VcpuLimitExceeded")
        }
    }
}

/// Errors as each of AWS's protocols writes them.
enum ErrorText {
    static func body(_ code: String, _ message: String, _ api: ServiceAPI) -> String {
        let inner = "<Code>\(code)</Code><Message>\(message)</Message>"
        return switch api.dialect {
        case .ec2: "<Response><Errors><Error>\(inner)</Error></Errors></Response>"
        case .query: "<ErrorResponse><Error>\(inner)</Error></ErrorResponse>"
        case .restXML: "<Error>\(inner)</Error>"
        case .json, .restJSON: #"{"__type": "a#\#(code)", "message": "\#(message)"}"#
        }
    }
}

/// A server that looks at the time of signatures as AWS does.
enum ServerClock {
    static func answer(
        _ request: HTTPRequest, at time: Date, of api: ServiceAPI, _ answer: HTTPResponse
    ) -> HTTPResponse {
        let now = SigningTime(secondsSince1970: Int64(time.timeIntervalSince1970))
        let stamp = request.headers["X-Amz-Date"].flatMap(SigningTime.init(stamp:))
        let isRight = stamp.map { abs($0.secondsSince1970 - now.secondsSince1970) < 300 } ?? false
        let (code, status) =
            switch api.dialect {
            case .ec2: ("RequestExpired", 400)
            case .restXML: ("RequestTimeTooSkewed", 403)
            case .query: ("SignatureDoesNotMatch", 403)
            case .json, .restJSON: ("InvalidSignatureException", 403)
            }
        var headers = isRight ? answer.headers : [:]
        headers["Date"] = "Sat, 21 Nov 2026 04:00:00 GMT"
        if isRight { return HTTPResponse(status: 200, headers: headers, body: answer.body) }
        let body = request.method == "HEAD" ? "" : ErrorText.body(code, "expired", api)
        return HTTPResponse(status: status, headers: headers, body: Array(body.utf8))
    }
}

/// A transport that does what a test says, request by request, counted from 1.
final class ActingTransport: HTTPTransport {
    private let act: @Sendable (HTTPRequest, Int) throws(HTTPError) -> HTTPResponse
    private let kept = Mutex<[HTTPRequest]>([])

    init(_ act: @escaping @Sendable (HTTPRequest, Int) throws(HTTPError) -> HTTPResponse) {
        self.act = act
    }

    var asked: [HTTPRequest] { kept.withLock { $0 } }

    func send(
        _ request: HTTPRequest, to sink: HTTPSink, by deadline: ContinuousClock.Instant
    ) async throws(HTTPError) -> HTTPResponse {
        let number = kept.withLock { kept in
            kept.append(request)
            return kept.count
        }
        return try act(request, number)
    }
}
